"""Check constraints evaluated in memory: the database's own answer without asking it.

Django asks the database once for each constraint of each record. Here the same condition is read in Python, with
SQL's three values; what it holds that is not known here is left to the database.
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


class NotEvaluableError(Exception):
    """The condition holds something that only the database can answer."""


def holds(condition: Q, values: Mapping[str, Any]) -> bool | None:
    """Whether the condition is true of the values by field name; None where SQL would say unknown.

    Raises NotEvaluableError, and KeyError for a field that `values` lacks.
    """
    children: list[Any] = condition.children
    answers = [
        holds(child, values) if isinstance(child, Q) else _lookup(child[0], child[1], values) for child in children
    ]
    if condition.connector == Q.AND:
        answer = False if False in answers else None if None in answers else True
    elif condition.connector == Q.OR:
        answer = True if True in answers else None if None in answers else False
    else:
        raise NotEvaluableError(condition.connector)
    return not answer if condition.negated and answer is not None else answer


def _lookup(path: str, right: Any, values: Mapping[str, Any]) -> bool | None:
    name, _separator, lookup = path.partition("__")
    left = values[name]
    if lookup == "isnull":
        return (left is None) is right
    if left is None:
        return None
    if lookup == "in":
        return left in right
    if (lookup or "exact") not in COMPARISONS:
        raise NotEvaluableError(path)
    other = _value(right, values)
    return None if other is None else COMPARISONS[lookup or "exact"](left, other)


def _value(expression: Any, values: Mapping[str, Any]) -> Any:
    """The value of what stands on the right of a comparison, or inside a function."""
    match expression:
        case F():
            field: Any = expression  # the stubs do not know its name
            return values[field.name]
        case Value():
            return expression.value
        case Substr():
            text, start, length = (_value(each, values) for each in expression.source_expressions)
            return None if text is None or length is None else text[start - 1 : start - 1 + length]
        case Length():
            text = _value(expression.source_expressions[0], values)
            return None if text is None else len(text)
        case _ if hasattr(expression, "resolve_expression"):
            raise NotEvaluableError(type(expression).__name__)
        case _:
            return expression
