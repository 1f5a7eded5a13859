"""Coverage: country by theme by year, what works there, what is empty and what soon will be."""

import datetime
import functools
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail

from countries.api import members_asked_for
from programmes.analysis.attention import MONTHS_AHEAD, months_later
from programmes.analysis.coverage import (
    Cell,
    Coverage,
    Place,
    State,
    TooManyCellsError,
    Year,
    sentence,
    sentence_undivided,
    sentence_unplaced,
)
from programmes.analysis.dimensions import Spread
from programmes.analysis.explanation import sentence as sentence_left_out
from programmes.analysis.explanation import sentence_without_amount
from programmes.analysis.money import Sum
from programmes.analysis.spans import Certainty
from programmes.analysis.work import Worker
from programmes.api.across import (
    DAY,
    LINK,
    NUMBER,
    PARTIAL_DATE,
    TEXT,
    AcrossViewSet,
    Between,
    chosen,
    listed,
    paged,
    shape,
)
from programmes.api.programmes import ProgrammeFilter, ProgrammeViewSet
from programmes.codelists import Exactness
from programmes.models import Programme
from tracker.api import values
from tracker.api.filters import refusal
from tracker.api.pagination import PARAMETERS
from tracker.api.questions import address
from tracker.partial_dates.value import FIRST_YEAR, LAST_YEAR
from tracker.records.fresh import fresh_about

MOST_YEARS = 50
SPREADS = ("none", "daily")

_REASONED = listed(shape(url=LINK, code=TEXT, sentence=TEXT))
_SUM = shape(currency=TEXT, amount=TEXT, exactness=chosen(Exactness), lines=NUMBER)
_WORKER = shape(
    url=LINK, code=TEXT, name=TEXT, active=chosen(Certainty), in_12_months=chosen(Certainty), end=PARTIAL_DATE
)
_YEAR = shape(
    year=NUMBER,
    programmes_certain=NUMBER,
    programmes_perhaps=NUMBER,
    amounts=listed(_SUM),
    lines_undivided=NUMBER
    | {"description": "Lines that touch the cell in this year, but no source says how much of them is for it."},
    lines_not_stated=NUMBER | {"description": "Lines that touch it and have no amount."},
)
# With `explain` only.
_YEAR["properties"] |= {
    "certain": listed(TEXT),
    "perhaps": listed(TEXT),
    "divisible": listed(shape(url=LINK, code=TEXT, amount=TEXT, currency=TEXT, exactness=chosen(Exactness))),
    "undivided": _REASONED,
    "not_stated": _REASONED,
}
_CELL = shape(
    country=TEXT,
    country_name=TEXT,
    theme=TEXT,
    theme_name=TEXT,
    state=chosen(State),
    active=chosen(Certainty),
    in_12_months=chosen(Certainty),
    sentence=TEXT,
    years=listed(_YEAR),
    explanation_url=LINK,
)
_CELL["properties"] |= {"programmes": listed(_WORKER) | {"description": "With `explain`."}}


class CoverageViewSet(AcrossViewSet):
    """Every country with every theme: the programmes there, now, in twelve months and in each year, and their money.

    The filters choose the programmes; `country` and `grouping` also choose the countries shown, `theme` the themes. A
    theme holds those below it, so cells of nested themes hold the same programmes and the same money, and their
    amounts are not to be added. Within a cell each euro stands once.
    """

    of = ProgrammeViewSet
    summary = "Countries and themes that are covered, or not"
    tag = "coverage"
    own = {
        "on": (values.Day(), "The day on which a cell is empty or not, and from which 12 months count; today without."),
        "first_year": (Between(FIRST_YEAR, LAST_YEAR), "The first year shown; the year of `on` without it."),
        "last_year": (Between(FIRST_YEAR, LAST_YEAR), "The last year shown; the first one without it."),
        "spread": (
            values.Choice(SPREADS),
            "`daily` divides lines by the days of their period; without it only what lies within a year has an amount.",
        ),
        "state": (values.Several(values.Choice(State.values)), "Only cells in one of these states."),
        "cell": (values.Several(values.Value()), "Only this cell: a country's and a theme's code, such as CO,JUSTICE."),
        "explain": (
            values.Boolean(),
            "With the programmes and the lines behind each cell; the programmes in none; and the lines that are left"
            " out, of those behind the cells of the page.",
        ),
    }
    answer_schema = paged(
        _CELL,
        facts={
            "on": DAY,
            "in_12_months": DAY,
            "first_year": NUMBER,
            "last_year": NUMBER,
            "spread": {"type": "string", "enum": list(SPREADS)},
            "programmes_in_no_cell": NUMBER,
            "lines_left_out": NUMBER,
        },
        optional={"in_no_cell": _REASONED, "left_out": _REASONED},
    )

    def check_asked(self, asked: dict[str, Any]) -> dict[str, ErrorDetail]:
        first, last = _years(asked)
        if first <= last < first + MOST_YEARS:
            return {}
        message = _("The last year is from the first one on, and at most %d years after it.") % (MOST_YEARS - 1)
        return {"last_year": ErrorDetail(message, code="out_of_range")}

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        self.on, self.explain = _day(asked), bool(asked["explain"])
        first, last = _years(asked)
        spread: Spread = asked["spread"] or "none"
        countries, themes = self._shown()
        covering = functools.partial(
            Coverage,
            selection,
            on=self.on,
            years=range(first, last + 1),
            countries=countries,
            themes=themes,
            spread=spread,
        )
        try:
            self.coverage = covering()
        except TooManyCellsError as error:
            message = _("More than %d cells. Ask for fewer years, countries or themes.") % error.args[0]
            raise refusal("last_year", message, "too_many") from error
        facts = {
            "on": self.on.isoformat(),
            "in_12_months": months_later(self.on, MONTHS_AHEAD).isoformat(),
            "first_year": first,
            "last_year": last,
            "spread": spread,
            "programmes_in_no_cell": self.coverage.number_unplaced(),
            "lines_left_out": self.coverage.lines_left_out(),
        }
        places = self._wanted(asked)
        if asked["state"] is not None:
            shown = (None if each is None else tuple(sorted(each)) for each in (countries, themes))
            question = "states", *shown, *asked["state"], self.on
            # By a coverage of its own, so that it is known of all that is read what the states are made of.
            in_states = set(fresh_about(selection, question, lambda: tuple(covering().in_states(asked["state"]))))
            places = [place for place in places if place in in_states]
        return facts, places

    def place(self, row: Place) -> tuple[Any, ...]:
        return row

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        cells, self.left_out = self.coverage.cells(page)
        return cells

    def _wanted(self, asked: dict[str, Any]) -> list[Place]:
        """The places of all cells, or of the one asked for. Raises ValidationError where there is none of that name."""
        places = self.coverage.places
        if asked["cell"] is not None:
            wanted = [part.upper() for part in asked["cell"]]
            places = [place for place in places if list(place) == wanted]
            if not places:
                name = ",".join(asked["cell"])[:100]
                raise refusal("cell", _("There is no cell “%s” here.") % name, "unknown_value")
        return places

    def _shown(self) -> tuple[set[str] | None, list[int] | None]:
        """The countries and themes that the filters ask for; null where they do not."""
        filters = ProgrammeFilter(self.request.query_params, queryset=Programme.objects.all())
        filters.is_valid()
        asked = filters.form.cleaned_data
        countries = None if asked.get("country") is None else set(asked["country"])
        members = members_asked_for(asked)
        if members is not None:
            in_grouping = set(members.values_list("country", flat=True))
            countries = in_grouping if countries is None else countries & in_grouping
        return countries, asked.get("theme")

    def beside(self) -> dict[str, Any]:
        """The programmes that stand in no cell, and the lines that are not counted of those behind the page's cells,
        with the reasons: where they are asked for."""
        if not self.explain:
            return {}
        return {
            "in_no_cell": [
                self._with_sentence("programmes", each.code, sentence_unplaced(each))
                for each in self.coverage.unplaced()
            ],
            "left_out": [
                self._with_sentence("budgets", each.line.code, sentence_left_out(each)) for each in self.left_out
            ],
        }

    def shown(self, row: Cell) -> dict[str, Any]:
        shown = {
            "country": row.country,
            "country_name": row.country_name,
            "theme": row.theme,
            "theme_name": row.theme_name,
            "state": row.state.value,
            "active": row.now.value,
            "in_12_months": row.then.value,
            "sentence": sentence(row, self.on),
            "years": [self._year(each) for each in row.years],
            "explanation_url": self._explanation(row),
        }
        if self.explain:
            shown["programmes"] = [self._worker(each) for each in row.at_work]
        return shown

    def _worker(self, each: Worker) -> dict[str, Any]:
        return {
            "url": self.address("programmes", each.code),
            "code": each.code,
            "name": each.name,
            "active": each.now.value,
            "in_12_months": each.then.value,
            "end": each.end,
        }

    def _year(self, each: Year) -> dict[str, Any]:
        money = each.money
        shown = {
            "year": each.year,
            "programmes_certain": len(each.certain),
            "programmes_perhaps": len(each.perhaps),
            "amounts": [_sum(one) for one in money.sums()],
            "lines_undivided": money.lines_undivided,
            "lines_not_stated": len(money.not_stated),
        }
        if not self.explain:
            return shown
        return shown | {
            "certain": [worker.code for worker in each.certain],
            "perhaps": [worker.code for worker in each.perhaps],
            "divisible": [
                {
                    "url": self.address("budgets", portion.line.code),
                    "code": portion.line.code,
                    "amount": str(portion.amount),
                    "currency": portion.line.currency,
                    "exactness": str(portion.exactness),
                }
                for portion in money.portions
            ],
            "undivided": [
                self._with_sentence("budgets", portion.line.code, sentence_undivided(portion))
                for portion in money.undivided
            ],
            "not_stated": [
                self._with_sentence("budgets", line.code, sentence_without_amount(line)) for line in money.not_stated
            ],
        }

    def _with_sentence(self, collection: str, code: str, text: str) -> dict[str, str]:
        return {"url": self.address(collection, code), "code": code, "sentence": text}

    def _explanation(self, cell: Cell) -> str:
        return address(self.request, but=PARAMETERS, cell=f"{cell.country},{cell.theme}", explain="true")


def _day(asked: dict[str, Any]) -> datetime.date:
    day: datetime.date = asked["on"] or timezone.localdate()
    return day


def _years(asked: dict[str, Any]) -> tuple[int, int]:
    """The first and the last year asked for: that of the day where neither is."""
    first = asked["first_year"] or asked["last_year"] or _day(asked).year
    return first, asked["last_year"] or first


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "currency": each.currency,
        "amount": str(each.amount),
        "exactness": each.exactness.value,
        "lines": each.lines,
    }
