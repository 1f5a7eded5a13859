"""Totals: each euro once, by up to two dimensions, each group with its explanation."""

import functools
from typing import Any
from urllib.parse import quote_plus

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from programmes.analysis.containment import Line
from programmes.analysis.conversion import Converted, ConvertedSum, ConvertedTotals, converted_totals
from programmes.analysis.dimensions import NAMES, Key, Split, Spread, Value
from programmes.analysis.division import Portion, divided
from programmes.analysis.explanation import Explanation, explain, sentence
from programmes.analysis.money import ZERO, Sum
from programmes.analysis.totals import Totals, totals
from programmes.api.finance import BudgetViewSet
from programmes.api.totals_schema import ANSWER
from programmes.codelists import Currency, Exactness
from programmes.models import Programme
from tracker.api import values
from tracker.api.questions import QuestionViewSet, address

MAX_DIMENSIONS = 2
UNKNOWN_GROUP = "?"

OWN: dict[str, tuple[values.Value, str]] = {
    "group_by": (
        values.Several(values.Choice(NAMES)),
        "Up to two dimensions. `grouping` is the UN M49 sub-region, `year` the line's own period without `spread`.",
    ),
    "split": (
        values.Choice(["stated", "equal"]),
        "`equal` divides between countries, themes and organisations in equal parts where no shares are stated.",
    ),
    "spread": (
        values.Choice(["none", "daily", "equal"]),
        "How a line is spread over the years of its period: not (so without this), by days, or in equal parts.",
    ),
    "in": (
        values.Choice(Currency.values),
        "Convert to this currency, by the rate of each line's value date: stored rates first, then the ECB's.",
    ),
    "rate_on": (values.Day(), "The day whose rate applies to lines that have no value date of their own."),
    "explain": (values.Boolean(), "With every line counted, every line left out and why, and amounts not stated."),
    "group": (
        values.Value(),
        "Explain this group alone: its codes joined by +, one part for each dimension, `?` for what is not stated.",
    ),
}

NOTHING = ConvertedSum(ZERO, Exactness.EXACT, 0)


class TotalsViewSet(QuestionViewSet):
    """The total of the budget lines that the filters select, each euro once, and its groups.

    A line whose money another selected line holds is left out; the explanation says which and why. Currencies are
    never added to each other. The groups add up to the total.
    """

    of = BudgetViewSet
    own = OWN
    summary = "Totals, each euro once"
    answer_schema = ANSWER
    tag = "totals"

    def check_asked(self, asked: dict[str, Any]) -> dict[str, ErrorDetail]:
        errors = {}
        group_by = asked["group_by"] or []
        if len(group_by) > MAX_DIMENSIONS or len(set(group_by)) < len(group_by):
            errors["group_by"] = ErrorDetail(_("At most two different dimensions."), code="too_many")
        if asked["rate_on"] and not asked["in"]:
            errors["rate_on"] = ErrorDetail(_("It needs the currency to convert to, in `in`."), code="needs_in")
        return errors

    def answer(self, request: Request, selection: QuerySet[Any], asked: dict[str, Any]) -> dict[str, Any]:
        split: Split = asked["split"] or "stated"
        spread: Spread = asked["spread"] or "none"
        group_by = asked["group_by"] or []
        division = None
        if asked["explain"] or asked["group"] is not None or asked["in"]:
            division = divided(selection, group_by, split=split, spread=spread)
        result = division.totals if division else totals(selection, group_by, split=split, spread=spread)
        key = _key_asked_for(asked["group"], result)
        conversion = converted_totals(division, asked["in"], asked["rate_on"]) if division and asked["in"] else None
        answer: dict[str, Any] = {
            "group_by": list(result.dimensions),
            "split": split,
            "spread": spread,
            "total": [_sum(each) for each in result.total],
            "not_stated": result.not_stated,
            "groups": _groups(result, conversion, request) if result.dimensions else [],
            "explanation_url": address(request, explain="true"),
        }
        if division and (asked["explain"] or key is not None):
            answer["explanation"] = _explanation(explain(division, key), result, conversion, request)
        if conversion is not None:
            answer |= {"in": asked["in"], "rate_on": asked["rate_on"], "converted": _converted(conversion.total)}
        return answer


def _groups(result: Totals, conversion: ConvertedTotals | None, request: Request) -> list[dict[str, Any]]:
    # There may be thousands, of few values: each of these is told once, and a group's address is added to another.
    explained = address(request, explain="true", group="")
    shown = functools.cache(functools.partial(_shown, result))
    quoted = functools.cache(lambda value: quote_plus(_written((value,))))
    comma = quote_plus(",")
    return [
        {
            "key": dict(zip(result.dimensions, map(shown, result.dimensions, group.key), strict=True)),
            "amounts": [_sum(each) for each in group.sums],
            **({} if conversion is None else {"converted": _converted(conversion.groups.get(group.key, NOTHING))}),
            "not_stated": group.not_stated,
            "explanation_url": explained + comma.join(map(quoted, group.key)),
        }
        for group in result.groups
    ]


def _key_asked_for(text: str | None, result: Totals) -> Key | None:
    """The key of the group of that text. Raises ValidationError where there is none."""
    if text is None:
        return None
    for group in result.groups:
        if _written(group.key) == text:
            return group.key
    raise ValidationError(
        {"group": [ErrorDetail(_("There is no group “%s” here.") % text[:100], code="unknown_value")]}
    )


def _written(key: Key) -> str:
    return ",".join("+".join(value.codes) or UNKNOWN_GROUP for value in key)


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "currency": each.currency,
        "amount": str(each.amount),
        "exactness": each.exactness.value,
        "lines": each.lines,
    }


def _converted(each: ConvertedSum) -> dict[str, Any]:
    return {
        "amount": None if each.amount is None else str(each.amount),
        "exactness": each.exactness.value,
        "complete": each.complete,
        "lines_missing": each.missing,
    }


def _conversion(each: Converted) -> dict[str, Any]:
    rates = [
        {
            "currency": rate.currency,
            "per_euro": str(rate.per_euro),
            "day": rate.day and rate.day.isoformat(),
            "source": rate.source,
        }
        for rate in each.rates
    ]
    return {"amount": None if each.amount is None else str(each.amount), "rates": rates, "reason": each.reason}


def _key(key: Key, result: Totals) -> dict[str, Any]:
    return {name: _shown(result, name, value) for name, value in zip(result.dimensions, key, strict=True)}


def _shown(result: Totals, dimension: str, value: Value) -> dict[str, Any]:
    return {"codes": list(value.codes), "labels": result.label(dimension, value)}


def _explanation(
    explanation: Explanation, result: Totals, conversion: ConvertedTotals | None, request: Request
) -> dict[str, Any]:
    lines = [
        *(each.line for each in explanation.counted),
        *(each.line for each in explanation.left_out),
        *explanation.not_stated,
    ]
    programmes = dict(
        Programme.objects.filter(pk__in={line.programme_id for line in lines}).values_list("pk", "code").order_by()
    )

    def shown(line: Line) -> dict[str, Any]:
        return {
            "url": request.build_absolute_uri(f"/api/v1/budgets/{line.code}/"),
            "code": line.code,
            "title": line.title,
            "programme": programmes[line.programme_id],
        }

    def money(line: Line) -> dict[str, Any]:
        amount = None if line.amount is None else str(line.amount)
        return {"amount": amount, "currency": line.currency, "exactness": line.exactness}

    def other_money(line: Line) -> dict[str, Any]:
        return {} if conversion is None else {"converted": _conversion(conversion.lines[line.id])}

    return {
        "counted": [
            {
                **shown(line),
                **money(line),
                **other_money(line),
                "portions": [_portion(portion, result) for portion in portions],
            }
            for line, portions in explanation.counted
        ],
        "left_out": [
            {
                **shown(each.line),
                **money(each.line),
                "reason": each.reason.value,
                "counted_in": each.holder.code,
                "sentence": sentence(each),
            }
            for each in explanation.left_out
        ],
        "not_stated": [
            {**shown(line), "amount_null_reason": line.amount_null_reason} for line in explanation.not_stated
        ],
    }


def _portion(portion: Portion, result: Totals) -> dict[str, Any]:
    return {
        "line": portion.line.code,
        "key": _key(portion.key, result),
        "amount": str(portion.amount),
        "exactness": str(portion.exactness),
        "remainder": portion.remainder,
    }
