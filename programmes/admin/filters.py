"""Filters of the lists beside those that unfold has."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from countries.models import Country, Grouping
from programmes.analysis.attention import CONCERNS
from programmes.models import Programme, Theme
from tracker.admin.filters import ChosenRecord
from tracker.partial_dates import PartialDate
from tracker.records.trees import with_descendants


class NeedsAttention(DropdownFilter):
    """One of the concerns of the start page."""

    title = _("what needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [(key, each.title) for key, each in CONCERNS.items() if each.model is model_admin.model]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        concern = CONCERNS.get(self.value() or "")
        if concern is None:
            return queryset
        found = concern.find(timezone.localdate())
        return queryset.filter(pk__in=found.order_by().values("pk"))


class ActiveIn(TextFilter):
    """Certainly active at some time in a year, month or day."""

    title = _("year, month or day of activity")
    parameter_name = "active_in"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        try:
            period = PartialDate(text)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return queryset.none()
        return self.narrow(queryset, period)

    def narrow(self, queryset: Any, period: PartialDate) -> QuerySet[Any]:
        """The records that the filter keeps."""
        return queryset.active_in(period)  # type: ignore[no-any-return]


class PerhapsActiveIn(ActiveIn):
    """Those of which the dates do not tell whether they were active."""

    title = _("time of possible activity (dates do not tell)")
    parameter_name = "perhaps_active_in"

    def narrow(self, queryset: Any, period: PartialDate) -> QuerySet[Any]:
        return queryset.perhaps_active_in(period)  # type: ignore[no-any-return]


class WithImplementer(DropdownFilter):
    """Whether an implementing organisation is stated."""

    title = _("implementing organisation")
    parameter_name = "implementer"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return [("yes", _("stated")), ("no", _("not stated"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset  # type: ignore[no-any-return]
        return queryset.with_implementer(stated=self.value() == "yes")  # type: ignore[no-any-return]


class UnderProgramme(ChosenRecord):
    """A programme and all below it."""

    label = _("part of programme (at any depth)")

    def narrow(self, queryset: QuerySet[Any], key: Any) -> QuerySet[Any]:
        return queryset.filter(pk__in=with_descendants(Programme.objects.filter(pk=key), "parent"))


class InCountry(ChosenRecord):
    """Programmes in whose list of countries a country stands, in whatever status."""

    label = _("country")

    def narrow(self, queryset: QuerySet[Any], key: Any) -> QuerySet[Any]:
        found = Programme.objects.filter(participations__country=key)
        return queryset.filter(pk__in=found.values("pk"))


class InGrouping(ChosenRecord):
    """Programmes with a country that is a member of a grouping today."""

    label = _("grouping (members today)")

    def narrow(self, queryset: QuerySet[Any], key: Any) -> QuerySet[Any]:
        grouping = Grouping.objects.filter(pk=key).first()
        if grouping is None:
            return queryset.none()
        members = Country.objects.members_of(grouping, timezone.localdate())
        found = Programme.objects.filter(participations__country__in=members)
        return queryset.filter(pk__in=found.values("pk"))


class WithInstrument(ChosenRecord):
    """Programmes with a budget line under an instrument."""

    label = _("financing instrument")

    def narrow(self, queryset: QuerySet[Any], key: Any) -> QuerySet[Any]:
        found = Programme.objects.filter(budgets__instrument=key)
        return queryset.filter(pk__in=found.values("pk"))


class OnTheme(ChosenRecord):
    """Programmes on a theme or on a part of it."""

    label = _("theme (parts included)")

    def narrow(self, queryset: QuerySet[Any], key: Any) -> QuerySet[Any]:
        themes = with_descendants(Theme.objects.filter(pk=key), "parent")
        found = Programme.objects.filter(programme_themes__theme__in=themes)
        return queryset.filter(pk__in=found.values("pk"))
