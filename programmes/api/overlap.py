"""Overlap: which programmes work in the same countries, on the same themes, at the same time."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from programmes.analysis.overlap import Item, Pair, Shared, TooManyPairsError, overlaps, sentence
from programmes.analysis.spans import Certainty
from programmes.api.across import LINK, PARTIAL_DATE, TEXT, AcrossViewSet, Between, chosen, listed, paged, shape
from programmes.api.programmes import ProgrammeViewSet
from programmes.models import Programme
from tracker.api import values
from tracker.api.filters import refusal

TIMES = (Certainty.YES, Certainty.UNDETERMINED)
SHARES = (Shared.COUNTRIES, Shared.THEMES)

_ITEMS = listed(shape(code=TEXT, label=TEXT))
_TIME = {"type": "string", "enum": [each.value for each in TIMES]}


class OverlapViewSet(AcrossViewSet):
    """Pairs of the programmes that the filters leave, those that share most first: who should coordinate with whom.

    A programme is no pair with those above and below it. Countries are those that both count as recipient countries,
    at times that do not exclude each other; a theme is shared where both have it, or one has a theme below it;
    organisations are shared in any role but that of funding.
    """

    of = ProgrammeViewSet
    summary = "Programmes that overlap"
    tag = "overlap"
    own = {
        "with": (
            values.Records(Programme.objects.all()),
            "Only pairs of one of these programmes with one that the filters leave.",
        ),
        "shares": (
            values.Several(values.Choice(Shared.values)),
            "What the two must have in common; without this parameter countries and themes.",
        ),
        "min_countries": (Between(1, 300), "At least so many countries in common."),
        "time": (
            values.Several(values.Choice(TIMES)),
            "Whether they run at the same time: yes (certainly), undetermined (the dates do not tell); without this"
            " parameter both.",
        ),
    }
    answer_schema = paged(
        shape(
            programmes=listed(shape(url=LINK, code=TEXT, label=TEXT)),
            countries=_ITEMS,
            themes=_ITEMS,
            organisations=_ITEMS,
            time=_TIME,
            since=PARTIAL_DATE | {"description": "The common time does not begin before this."},
            until=PARTIAL_DATE | {"description": "The common time does not go on after this."},
            sentence=TEXT,
        ),
        facts={"shares": listed(chosen(Shared)), "time": listed(_TIME)},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        shares = [Shared(each) for each in asked["shares"] or SHARES]
        times = [Certainty(each) for each in asked["time"] or TIMES]
        try:
            found = overlaps(
                selection,
                with_programmes=asked["with"] or (),
                shares=shares,
                min_countries=asked["min_countries"],
                time=times,
            )
        except TooManyPairsError as error:
            message = _("More than %d pairs. Narrow them by filters, or ask for those `with` a programme.")
            raise refusal("with", message % error.args[0], "too_many") from error
        return {"shares": shares, "time": times}, found

    def place(self, row: Pair) -> tuple[Any, ...]:
        shared = (row.countries, row.themes, row.organisations)
        return *(-len(each) for each in shared), row.time is not Certainty.YES, row.first.code, row.second.code

    def shown(self, row: Pair) -> dict[str, Any]:
        return {
            "programmes": [{"url": self.address("programmes", each.code), **_item(each)} for each in row[:2]],
            "countries": [_item(each) for each in row.countries],
            "themes": [_item(each) for each in row.themes],
            "organisations": [_item(each) for each in row.organisations],
            "time": row.time.value,
            "since": row.since,
            "until": row.until,
            "sentence": sentence(row),
        }


def _item(item: Item) -> dict[str, str]:
    return {"code": item.code, "label": item.label}
