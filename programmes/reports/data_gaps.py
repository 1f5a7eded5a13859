"""What is missing or doubtful, per programme."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.analysis.attention import CONCERNS, OVER
from programmes.models import CountryListStatement, Observation, Phase, Programme, Succession
from programmes.reports.base import Report
from programmes.reports.columns import coded, column, joined
from tracker.partial_dates.bounds import latest_not_after

SHOWN = 20  # records named in a row


# From a record to its programme's key, and to the text by which people know it.
PATHS: dict[type[Model], tuple[str, str]] = {
    Programme: ("pk", "code"),
    Observation: ("indicator__programme", "indicator__code"),
    CountryListStatement: ("programme", "text"),
}


class Severity(TextChoices):
    """How much a gap matters."""

    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class Gap(NamedTuple):
    """A question to the portfolio: which records of `model` it finds on a day, why it matters and how much."""

    severity: Severity
    title: str | Promise
    why: str | Promise
    model: type[Model]
    find: Callable[[datetime.date], QuerySet[Any]]


class Row(NamedTuple):
    """A gap of a programme, with the records that show it."""

    code: str
    programme: str
    key: int
    gap: str
    records: list[str]

    @property
    def about(self) -> Gap:
        return GAPS[self.gap]

    @property
    def link(self) -> str:
        return reverse("admin:programmes_programme_change", args=[self.key])


def _without_source(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(citations__isnull=True)


def _without_budget(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(budgets__isnull=True)


def _without_implementer(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.without_implementer()


def _without_start(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(start__isnull=True)


def _without_end(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(end__isnull=True).exclude(status__in=OVER)


def _phase_over(day: datetime.date) -> QuerySet[Phase]:
    """Phases that certainly ended before the day, with no later phase and nothing that continues the programme."""
    later = Phase.objects.filter(programme=OuterRef("programme"), order__gt=OuterRef("order"))
    continued = Succession.objects.filter(predecessor=OuterRef("programme"), whole=True)
    return (
        Phase.objects.filter(latest_not_after("end", day - datetime.timedelta(days=1)), end__isnull=False)
        .without_following()
        .exclude(Exists(later))
        .exclude(Exists(continued))
    )


def _not_all_named(_day: datetime.date) -> QuerySet[CountryListStatement]:
    return CountryListStatement.objects.filter(Q(unnamed__gt=0) | Q(exclusive=False))


# How much the questions of the officers' start page matter.
CONCERN_SEVERITY = {
    "ending": Severity.HIGH,
    "overdue": Severity.MEDIUM,
    "budget-no-source": Severity.HIGH,
    "observation-no-source": Severity.HIGH,
    "budget-not-stated": Severity.MEDIUM,
    "transaction-not-stated": Severity.MEDIUM,
    "indicator-not-observed": Severity.LOW,
}

GAPS: dict[str, Gap] = {
    "programme-no-source": Gap(
        Severity.HIGH,
        _("Programme without a source"),
        _("No citation supports the programme."),
        Programme,
        _without_source,
    ),
    **{
        code: Gap(CONCERN_SEVERITY.get(code, Severity.MEDIUM), concern.title, concern.why, concern.model, concern.find)
        for code, concern in CONCERNS.items()
    },
    "no-budget": Gap(
        Severity.MEDIUM,
        _("No budget line"),
        _("Nothing is recorded of the programme's money, not even that it is not stated."),
        Programme,
        _without_budget,
    ),
    "no-implementer": Gap(
        Severity.MEDIUM,
        _("No implementing organisation stated"),
        _("No organisation has the role of implementing the programme."),
        Programme,
        _without_implementer,
    ),
    "phase-not-followed": Gap(
        Severity.MEDIUM,
        _("Last phase over, nothing follows"),
        _("The phase has ended, and no phase or programme is recorded that continues it."),
        Phase,
        _phase_over,
    ),
    "no-start": Gap(
        Severity.LOW, _("No start"), _("Neither an actual nor a planned start is recorded."), Programme, _without_start
    ),
    "no-end": Gap(
        Severity.LOW,
        _("No end"),
        _("No planned, revised or actual end is recorded, and the programme is not closed."),
        Programme,
        _without_end,
    ),
    "countries-not-named": Gap(
        Severity.LOW,
        _("Countries not named"),
        _("A source says that more countries take part than it names."),
        CountryListStatement,
        _not_all_named,
    ),
}


class DataGaps(Report):
    """One row per programme and gap."""

    id = "data-gaps"
    title = _("Data gaps")
    description = _("What is missing or doubtful in each programme, how much it matters, and where to mend it.")
    model = Programme
    columns = (
        column("programme", "code", title=_("programme"), required=True),
        column("programme_name", "programme", title=_("programme"), required=True),
        column("gap", title=_("gap"), required=True, enum=list(GAPS)),
        column("gap_label", "about.title", title=_("gap"), required=True),
        *coded("severity", Severity.choices, "about.severity", title=_("severity"), required=True),
        column("why", "about.why", title=_("why it matters"), required=True),
        column("number", lambda row: len(row.records), "integer", title=_("records concerned"), required=True),
        column(
            "records",
            lambda row: joined(row.records[:SHOWN]),
            title=_("records concerned"),
            description=_("The first 20, by code or in words."),
        ),
        column("link", title=_("page in the admin"), required=True),
    )

    def __init__(self, selection: QuerySet[Any] | None = None, day: datetime.date | None = None) -> None:
        super().__init__(selection)
        self.day = day or timezone.localdate()

    def records(self) -> Iterator[Row]:
        selected = self.selection.order_by().values("pk")
        found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for code, gap in GAPS.items():
            programme, name = PATHS.get(gap.model, ("programme", "code"))
            concerned = gap.find(self.day).filter(**{f"{programme}__in": selected}).order_by(name, "pk")
            for key, record in concerned.values_list(programme, name):
                found[key][code].append(record)
        for each in self.queryset(Programme.objects.filter(pk__in=list(found))):
            for code in sorted(found[each.pk], key=_severest_first):
                yield Row(each.code, str(each), each.pk, code, found[each.pk][code])

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        return selection.order_by("code")


def _severest_first(code: str) -> int:
    return Severity.values.index(GAPS[code].severity)
