"""JSON of a table: decimals as texts, null as null, made row by row."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracker.tabular.columns import Column

CHUNK = 32_768


def json_chunks(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, head: Mapping[str, Any]
) -> Iterator[bytes]:
    """One object in chunks: the members of `head`, then `rows`, a list of objects by column name.

    An error on the way is raised and leaves JSON without its end, which no reader takes for the whole.
    """
    start = json.dumps(dict(head), ensure_ascii=False)[:-1]
    text = f'{start}{", " if head else ""}"rows": ['
    separator = "\n"
    for row in rows:
        members = {column.name: _plain(column, value) for column, value in zip(columns, row, strict=True)}
        text += separator + json.dumps(members, ensure_ascii=False)
        separator = ",\n"
        if len(text) >= CHUNK:
            yield text.encode()
            text = ""
    yield (text + "\n]}\n").encode()


def _plain(column: Column, value: Any) -> str | int | bool | None:
    text = column.text(value)
    return value if text is not None and column.type in ("integer", "boolean") else text
