"""A programme with all that belongs to it taken back to an instant: the difference first, then the deed."""

import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from programmes.analysis.history import belonging
from programmes.models import Programme
from tracker.records.changes import current_at
from tracker.records.history import because
from tracker.records.revert import Reverted, revert, steps_back, was_there


class TakeBackForm(forms.Form):
    """To which moment, and why."""

    to = forms.SplitDateTimeField(label=_("Back to"), widget=UnfoldAdminSplitDateTimeWidget, help_text="UTC")
    reason = forms.CharField(label=_("Reason"), max_length=100, widget=UnfoldAdminTextInputWidget)

    def __init__(self, programme: Programme, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme

    def clean_to(self) -> datetime.datetime:
        to: datetime.datetime = self.cleaned_data["to"]
        if to > timezone.now():
            raise forms.ValidationError(gettext("It lies in the future."), code="in_the_future")
        if not was_there(Programme, self.programme.pk, to):
            raise forms.ValidationError(gettext("There was no such record at that moment."), code="not_there_then")
        return to


class TakingBack:
    """For the pages of programmes: a button that leads to the way back."""

    actions_detail: ClassVar[tuple[str, ...]] = ("take_back",)
    admin_site: Any

    @action(description=_("Take back"), url_path="take-back", icon="history", permissions=["change"])
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The page: asks when and why, shows the difference, and does it where it was asked to."""
        programme = get_object_or_404(Programme, pk=unquote(object_id))
        form = TakeBackForm(programme, request.POST or None)
        found: Reverted | None = None
        if request.method == "POST" and form.is_valid():
            dry_run = "do" not in request.POST
            found = _taken_back(request, programme, form.cleaned_data, dry_run=dry_run)
            if not dry_run and not found.refusals:
                number = len(found.steps)
                text = ngettext("%d record taken back.", "%d records taken back.", number) % number
                messages.success(request, text)
                return HttpResponseRedirect(reverse("admin:programmes_programme_change", args=[programme.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Take back: %s") % programme,
            "form": form,
            "found": found,
        }
        return TemplateResponse(request, "admin/take_back.html", context)


def _taken_back(request: HttpRequest, programme: Programme, asked: dict[str, Any], *, dry_run: bool) -> Reverted:
    with transaction.atomic(), because(asked["reason"]):
        scope = belonging([programme.pk], current_at(asked["to"]) | current_at(None))
        steps = steps_back(scope, asked["to"])
        if not all(step.allowed(request.user) for step in steps):
            raise PermissionDenied
        return revert(steps, dry_run=dry_run)
