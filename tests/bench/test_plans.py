"""Every way to ask for a list is asked, and what a plan reads is counted."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bench.explained import plan_of, scans, ways
from bench.plans import Plan, Plans, named
from bench.seed import seed
from programmes.api.participation import ParticipationViewSet
from programmes.api.results import ObservationViewSet
from tests.programmes.api.resources import RESOURCES
from tracker.api.ordering import orderable

# But for lists of values, which SQLite takes as one.
NOT_AMONG = re.compile(r"NOT \(?\S* ?IN \(SELECT (?!value FROM json_each)")
PATHS = {"participations": ParticipationViewSet, "observations": ObservationViewSet}


@pytest.mark.parametrize("path", PATHS)
def test_list_answers_whatever_is_asked(path: str, portfolio: None) -> None:
    seed(20)
    asked = dict(ways(PATHS[path]))
    for queries in asked.values():
        for query in queries:
            response = APIClient().get(f"/api/v1/{path}/?{query}")
            assert response.status_code == 200, response.json()
    view: Any = PATHS[path]
    filters = {name for name in view.filterset_class.base_filters if not name.endswith("__in")}
    orders = {f"ordering={sign}{name}" for name in orderable(view.queryset.model) for sign in ("", "-")}
    assert asked.keys() - {"search", "short word", "changed_since"} == {"all"} | filters | orders


@pytest.mark.parametrize("prefix", RESOURCES)
def test_no_list_is_asked_for_what_is_not_among_all_of_a_table(prefix: str, portfolio: None) -> None:
    """Where what is not to be found does not fit into memory, PostgreSQL looks through all of it for each row."""
    found = set()
    for _asked, queries in ways(RESOURCES[prefix]):
        for query in queries:
            with CaptureQueriesContext(connection) as captured:
                assert APIClient().get(f"/api/v1/{prefix}/?{query}").status_code == 200
            found |= {query for each in captured if NOT_AMONG.search(each["sql"])}
    assert found == set()


def test_rows_of_large_tables_are_counted_and_whole_reads_told() -> None:
    sizes = {"large": 4000, "other": 2000, "small": 10}
    large = {"Node Type": "Seq Scan", "Relation Name": "large", "Actual Rows": 10, "Rows Removed by Filter": 3990}
    bitmap = {"Node Type": "Bitmap Index Scan", "Index Name": "other_start", "Actual Rows": 7, "Actual Loops": 2}
    other = {"Node Type": "Bitmap Heap Scan", "Relation Name": "other", "Actual Rows": 7, "Actual Loops": 2}
    small = {"Node Type": "Seq Scan", "Relation Name": "small", "Actual Rows": 10, "Actual Loops": 1}
    node = {"Node Type": "Hash Join", "Plans": [large | {"Actual Loops": 1}, other | {"Plans": [bitmap]}, small]}
    assert scans(node, sizes) == ({"seq large", "other_start"}, {"large": 4000, "other": 14})


def test_what_is_asked_is_told_in_short() -> None:
    asked = ["ordering=start", "ordering=-start", "ordering=-end", "status", "amount__gte", "amount__lte"]
    assert named(asked) == "order by `start` ↑↓, `end` ↓; `status`, `amount` gte lte"
    assert (named(["all"]), named(["ordering=code"])) == ("`all`", "order by `code` ↑")


def test_verdict_names_what_reads_a_whole_table() -> None:
    plans = [
        Plan("budgets", "amount__gte", ["budget_amount"], [], 20, 43, 0.1),
        Plan("budgets", "title", ["seq budget"], ["budget"], 80_000, 2000, 24),
    ]
    (verdict,) = Plans(plans).verdicts()
    assert (str(verdict), verdict.met) == (
        "budgets: whole tables read for `title`: 1 ways, goal ≤ 0 ways",
        False,
    )
    told = Plans(plans).told()
    assert "The longest take: `budgets/?title` 24 ms, `budgets/?amount__gte` 0.1 ms." in told
    assert "| budgets | `title` | seq budget | budget | 80,000 | 2,000 | 24 |" in told


def test_plan_is_that_of_the_keys(portfolio: None, settings: Any) -> None:
    if connection.vendor != "postgresql":  # which alone has such plans
        return
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    sizes = {"programmes_programme": 1000}
    for query in ("", "ordering=-start", "search=nowhere", "status=1"):
        assert plan_of("programmes", "", query, sizes).buffers > 0
