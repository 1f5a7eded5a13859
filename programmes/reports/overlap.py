"""Pairs of programmes that work in the same countries, on the same themes, at the same time."""

from collections.abc import Callable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from programmes.analysis.overlap import Item, Pair, TooManyPairsError, overlaps, sentence
from programmes.analysis.spans import Certainty
from programmes.models import Programme
from programmes.reports.base import CHUNK, Report
from programmes.reports.columns import ReportColumn, coded, column, joined
from tracker.records.statements import batched
from tracker.tabular.xlsx_writer import TooManyRowsError


def _shared(name: str, get: Callable[[Pair], list[Item]], title: str | Promise) -> Iterator[ReportColumn]:
    """How many they share, their codes, and their names."""
    yield column(f"{name}_number", lambda pair: len(get(pair)), "integer", title=title, required=True)
    yield column(name, lambda pair: joined(each.code for each in get(pair)), title=title)
    yield column(f"{name}_names", lambda pair: joined(each.label for each in get(pair)), title=title)


class Overlap(Report):
    """One row per pair, those that share most first."""

    id = "overlap"
    title = _("Overlap")
    description = _("Which programmes share countries and themes at times that are, or may be, the same.")
    model = Programme
    columns = (
        column("programme", "first.code", title=_("programme"), required=True),
        column("programme_name", "first.label", title=_("programme"), required=True),
        column("other", "second.code", title=_("other programme"), required=True),
        column("other_name", "second.label", title=_("other programme"), required=True),
        *_shared("countries", lambda pair: pair.countries, _("countries in common")),
        *_shared("themes", lambda pair: pair.themes, _("themes in common")),
        *_shared("organisations", lambda pair: pair.organisations, _("organisations in common")),
        *coded("time", Certainty.choices, title=_("at the same time"), required=True),
        column("since", type="partial_date", title=_("common time not before")),
        column("until", type="partial_date", title=_("common time not after")),
        column("sentence", sentence, title=_("in words"), required=True),
    )

    def records(self) -> Iterator[Pair]:
        try:
            pairs = overlaps(self.selection)
        except TooManyPairsError as error:
            message = _now("More than %d pairs of programmes. Narrow the report by filters.")
            raise TooManyRowsError(message % error.args[0]) from error
        for some in batched(range(len(pairs)), CHUNK):
            yield from pairs[some[0] : some[-1] + 1]
