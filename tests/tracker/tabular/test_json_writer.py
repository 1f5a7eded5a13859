"""JSON of a table: decimals as texts, made row by row."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tracker.partial_dates import PartialDate
from tracker.tabular.columns import Column
from tracker.tabular.json_writer import json_chunks

COLUMNS = (Column("text"), Column("number", "number"), Column("whole", "integer"), Column("yes", "boolean"))


def test_json_chunks_every_type_as_documented() -> None:
    rows = [["é\n", Decimal("5.00"), 3, True], ["", None, None, None], [PartialDate("2016-02"), 5, 0, False]]
    assert json.loads(b"".join(json_chunks(COLUMNS, rows, head={"report": "a"}))) == {
        "report": "a",
        "rows": [
            {"text": "é\n", "number": "5.00", "whole": 3, "yes": True},
            {"text": None, "number": None, "whole": None, "yes": None},
            {"text": "2016-02", "number": "5", "whole": 0, "yes": False},
        ],
    }


@pytest.mark.parametrize("head", [{}, {"a": 1}])
def test_json_chunks_without_rows_is_json(head: dict[str, int]) -> None:
    assert json.loads(b"".join(json_chunks(COLUMNS, [], head=head))) == head | {"rows": []}


def until_failure(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks before the failure that the rows end with."""
    while True:
        try:
            yield next(chunks)
        except RuntimeError:
            return


def test_json_chunks_failure_midway_is_no_json() -> None:
    def rows() -> Iterator[list[str]]:
        for _number in range(1000):
            yield ["x" * 100]
        raise RuntimeError("the database went away")

    received = b"".join(until_failure(json_chunks(COLUMNS[:1], rows(), head={})))
    assert len(received) > 32_768
    with pytest.raises(json.JSONDecodeError):
        json.loads(received)
