"""Budget lines, their totals in two ways, and what these say: for tests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from programmes.analysis.division import divided
from programmes.analysis.totals import Totals
from programmes.analysis.totals import totals as by_one_statement
from programmes.models import Budget
from tests.factories import BudgetFactory
from tracker.records.past import Moment, Seen, reading


def totals(lines: Any, group_by: Sequence[str] = (), **options: Any) -> Totals:
    """The totals: the same by one statement as line by line."""
    found = by_one_statement(lines, group_by, **options)
    assert found == divided(lines, group_by, **options).totals
    return found


def line(amount: str | None, **values: Any) -> Budget:
    """A budget line in euro of that amount."""
    reason = {"amount_null_reason": "not_stated"} if amount is None else {}
    return BudgetFactory.create(amount=None if amount is None else Decimal(amount), **reason, **values)


def money(result: Totals) -> list[tuple[str, str, str]]:
    """The total as (currency, amount, exactness)."""
    return [(each.currency, str(each.amount), each.exactness.value) for each in result.total]


def groups(result: Totals) -> dict[str, str]:
    """The groups of one dimension: amount by value, several codes joined, the unknown value as "?"."""
    return {
        "+".join(group.key[0].codes) or "?": " ".join(f"{each.amount} {each.exactness}" for each in group.sums)
        for group in result.groups
    }


def everything() -> Any:
    return Budget.objects.all()


@contextmanager
def moment(*, public: bool) -> Iterator[None]:
    """A reading in which answers are kept, though the transaction of the test is not over."""
    database: Any = connection
    with reading(public=public) as schema:
        database.moment_read = Moment(None, public, schema, seen=Seen(object(), False, False))
        yield
