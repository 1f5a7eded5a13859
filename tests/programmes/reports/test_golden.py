"""Small reports of the seed portfolio, byte by byte."""

from pathlib import Path

import pytest

from programmes.models import Budget
from programmes.reports.formats import chunks
from programmes.reports.icsp_bilateral import IcspBilateral
from programmes.reports.registry import BY_ID

pytestmark = pytest.mark.usefixtures("portfolio")

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    "name",
    [
        "phases",
        "budget-by-coverage",
        "budget-by-country",
        "budget-by-instrument",
        "budget-by-programme",
        "budget-by-year",
    ],
)
def test_report_csv_is_the_golden_file(name: str) -> None:
    assert b"".join(chunks(BY_ID[name](), "csv", "en")) == (GOLDEN / f"{name}.csv").read_bytes()


def test_icsp_bilateral_is_table_1_of_the_briefing() -> None:
    assert b"".join(chunks(IcspBilateral(), "csv", "en")) == (GOLDEN / "icsp-bilateral.csv").read_bytes()


def test_budget_by_instrument_of_some_lines_counts_only_those() -> None:
    lines = Budget.objects.filter(programme__code__startswith="MIP-")
    rows = [(row.kind, row.codes, row.sum.amount) for row in BY_ID["budget-by-instrument"](lines).records()]
    assert [(kind, codes, str(amount)) for kind, codes, amount in rows] == [
        ("group", "DCI", "261000000.00"),
        ("total", "", "261000000.00"),
    ]
