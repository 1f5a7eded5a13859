"""The pages of results, indicators and observations, and their rows on the pages above them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from programmes.admin import texts
from programmes.admin.citing import CitingCards, CitingForm, citation_rows
from programmes.admin.filters import NeedsAttention
from programmes.admin.phases import WITHIN_PROGRAMME
from programmes.admin.reports import ReportingAdmin
from programmes.models import Indicator, Observation, Result
from tracker.admin.filters import ChosenRecord
from tracker.admin.forms import RecordForm
from tracker.admin.records import INLINE_PAGE, RecordAdmin, Summary, Table


class ResultRows(Table):
    """The results of a programme."""

    model = Result
    fields = ("order", "type", "title", "code")
    related = ("programme",)


class IndicatorCardForm(Summary, CitingForm):
    """An indicator on the page of its programme."""

    search_within: ClassVar = {"result": WITHIN_PROGRAMME}

    def summary(self, record: Any) -> tuple[Any, ...]:
        latest = [value_in_words(each) for each in record.latest_values]
        return record, *(latest or [record.unit])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        result = self.cleaned_data.get("result")
        if result is not None and result.programme_id != self.instance.programme_id:
            error = forms.ValidationError(
                _("%(other)s belongs to another programme."), code="other_programme", params={"other": str(result)}
            )
            self.add_error("result", error)
        return cleaned


class IndicatorCards(CitingCards):
    """The indicators of a programme, each with its latest value; all values are on its own page."""

    model = Indicator
    fk_name = "programme"
    form = IndicatorCardForm
    fields = (
        ("title", "result"),
        ("unit", "measure", "accumulation"),
        ("ascending", "additive", "order", "code"),
        "cited_in",
        ("cite_source", "cite_place"),
    )
    related = ("programme", "result")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Indicator]:
        latest = Observation.objects.latest().filter(disaggregation={}).select_related("indicator")
        return super().get_queryset(request).prefetch_related(models.Prefetch("observations", latest, "latest_values"))


class IndicatorsOfResult(Table):
    """The indicators of a result."""

    model = Indicator
    fk_name = "result"
    fields = ("title", "unit", "measure", "accumulation", "ascending", "additive", "order", "code")
    related = ("programme", "result")
    tab = False


class ObservationForm(RecordForm):
    """A value of an indicator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "disaggregation" in self.fields:
            field = self.fields["disaggregation"]
            field.widget = UnfoldAdminTextInputWidget(attrs={"placeholder": '{"substance": "cocaine"}'})
        if "phase" in self.fields and self.instance.indicator_id:
            box = self.fields["phase"].widget
            widget: Any = getattr(box, "widget", box)
            widget.limits = {"programme": str(self.instance.indicator.programme_id)}


def value_of(observation: Observation) -> str:
    """The value with its unit and exactness, or why there is none."""
    unit, reason = observation.indicator.unit, observation.value_null_reason
    return texts.amount(observation.value, unit, observation.exactness, reason)


def value_in_words(observation: Observation) -> str:
    """ "at least 27 task forces (2017-03)"."""
    return f"{value_of(observation)} ({observation.date or '?'})"


class ObservationCardForm(Summary, CitingForm, ObservationForm):
    """A value on the page of its indicator."""

    def summary(self, record: Observation) -> tuple[Any, ...]:
        return record.get_kind_display(), value_in_words(record), ", ".join(record.disaggregation.values())


OBSERVATION = (
    ("kind", "value", "exactness", "value_null_reason"),
    ("as_of", "period_start", "period_end"),
    ("disaggregation", "phase"),
    "comment",
)


class ObservationCards(CitingCards):
    """The values of an indicator."""

    model = Observation
    form = ObservationCardForm
    fields = (*OBSERVATION, "cited_in", ("cite_source", "cite_place"))
    related = ("indicator", "phase__programme")
    per_page = INLINE_PAGE
    tab = False


@admin.register(Result)
class ResultAdmin(RecordAdmin):
    """Results of all programmes."""

    list_display = ("code", "programme", "type", "title")
    list_filter = (("programme", ChosenRecord), ("type", ChoicesDropdownFilter))
    search_fields = ("search_key", "programme__search_key")
    related = ("programme",)
    autocomplete_limits = ("programme",)
    fields = (("programme", "code"), ("type", "order"), "title")
    inlines = (IndicatorsOfResult,)


@admin.register(Indicator)
class IndicatorAdmin(ReportingAdmin):
    """Indicators of all programmes with their values."""

    list_display = ("code", "title", "unit", "programme", "measure", "accumulation", "additive")
    list_filter = (
        NeedsAttention,
        ("programme", ChosenRecord),
        ("measure", ChoicesDropdownFilter),
        ("additive", BooleanRadioFilter),
    )
    search_fields = ("search_key", "programme__search_key")
    related = ("programme", "result")
    autocomplete_limits = ("programme",)
    fields = (("result", "code"), "title", ("unit", "measure", "accumulation"), ("ascending", "additive", "order"))
    inlines = (ObservationCards, citation_rows("indicator"))


@admin.register(Observation)
class ObservationAdmin(ReportingAdmin):
    """Values of all indicators."""

    form = ObservationForm
    list_display = ("indicator", "kind", "value_in_words", "date", "breakdown", "phase")
    list_filter = (
        NeedsAttention,
        ("indicator__programme", ChosenRecord),
        ("kind", ChoicesDropdownFilter),
        ("exactness", ChoicesDropdownFilter),
        ("value_null_reason", ChoicesDropdownFilter),
    )
    search_fields = ("indicator__search_key", "comment")
    related = ("indicator__programme", "phase__programme")
    fields = ("indicator", *OBSERVATION)
    inlines = (citation_rows("observation"),)

    @admin.display(description=_("value"), ordering="value")
    def value_in_words(self, observation: Observation) -> SafeString:
        """The value with its unit and exactness, or why there is none."""
        return texts.right_aligned([value_of(observation)])

    @admin.display(description=_("breakdown"))
    def breakdown(self, observation: Observation) -> str:
        """ "cocaine, PA"; "whole" where it is not broken down."""
        return ", ".join(observation.disaggregation.values()) or gettext("whole")
