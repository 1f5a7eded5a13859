"""Check constraints evaluated in memory: the database's own answer without asking it.

Django asks the database once for each constraint of each record. Here the same condition is made into a function once,
with SQL's three values; what it holds that is not known here is left to the database.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Length, Substr

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}

Values = Mapping[str, Any]  # by the names of fields
Test = Callable[[Values], bool | None]


class NotEvaluableError(Exception):
    """The condition holds something that only the database can answer."""


def in_memory(condition: Q) -> Test:
    """Whether the condition is true of values; None where SQL would say unknown.

    The test raises NotEvaluableError, and KeyError for a field that the values lack.
    """
    children: list[Any] = condition.children
    tests = [in_memory(child) if isinstance(child, Q) else _lookup(*child) for child in children]
    if condition.connector not in (Q.AND, Q.OR):
        return _not_evaluable(condition.connector)
    deciding = condition.connector == Q.OR  # one of these decides, whatever the others are

    def test(values: Values) -> bool | None:
        answers = [each(values) for each in tests]
        answer = deciding if deciding in answers else None if None in answers else not deciding
        return not answer if condition.negated and answer is not None else answer

    return tests[0] if len(tests) == 1 and not condition.negated else test


def _lookup(path: str, right: Any) -> Test:
    name, _separator, lookup = path.partition("__")
    if lookup == "isnull":
        return lambda values: (values[name] is None) is right
    if lookup == "in":
        return _of_known(name, lambda left, _values: left in right)
    if (lookup or "exact") not in COMPARISONS:
        refuse = _not_evaluable(path)
        return _of_known(name, lambda _left, values: refuse(values))
    compare, other = COMPARISONS[lookup or "exact"], _value(right)

    def compared(left: Any, values: Values) -> bool | None:
        value = other(values)
        return None if value is None else compare(left, value)

    return _of_known(name, compared)


def _of_known(name: str, test: Callable[[Any, Values], bool | None]) -> Test:
    """The test of a field's value; unknown where that is null."""

    def test_of(values: Values) -> bool | None:
        left = values[name]
        return None if left is None else test(left, values)

    return test_of


def _value(expression: Any) -> Callable[[Values], Any]:
    """What gives the value of that which stands on the right of a comparison, or inside a function."""
    match expression:
        case F():
            field: Any = expression  # the stubs do not know its name
            return operator.itemgetter(field.name)
        case Value():
            return lambda _values: expression.value
        case Substr() | Length():
            parts = [_value(each) for each in expression.source_expressions]
            made = _substring if isinstance(expression, Substr) else len

            def of_parts(values: Values) -> Any:
                found = [part(values) for part in parts]
                return None if None in found else made(*found)

            return of_parts
        case _ if hasattr(expression, "resolve_expression"):
            return _not_evaluable(type(expression).__name__)
        case _:
            return lambda _values: expression


def _substring(text: str, start: int, length: int) -> str:
    return text[start - 1 : start - 1 + length]


def _not_evaluable(what: str) -> Callable[[Values], Any]:
    def refuse(_values: Values) -> Any:
        raise NotEvaluableError(what)

    return refuse
