"""Publishing and withdrawing on the page of a record: a button, and a question before it is done."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from tracker.admin.keys import looked_up
from tracker.records.publication import TRANSITIONS, WrongStateError


class Publishing:
    """For the pages of records that are published."""

    model: Any
    admin_site: Any

    @action(description=_("Publish"), url_path="publish", icon="public", permissions=["publish"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """From now on the public sees it."""
        return self._step(request, object_id, "publish")

    @action(description=_("Withdraw"), url_path="withdraw", icon="public_off", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """From now on the public does not see it."""
        return self._step(request, object_id, "withdraw")

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the step is open to the user and to the record."""
        return self._is_open(request, object_id, "publish")

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the step is open to the user and to the record."""
        return self._is_open(request, object_id, "withdraw")

    def _is_open(self, request: HttpRequest, object_id: Any, name: str) -> bool:
        record = looked_up(request, self, object_id)
        if record is None or not record.possible(TRANSITIONS[name]):
            return False
        return bool(request.user.has_perm(record.needs(TRANSITIONS[name]), record))

    def _step(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        record, transition = get_object_or_404(self.model, pk=unquote(object_id)), TRANSITIONS[name]
        if request.method == "POST":
            try:
                record.take(transition, request.user)
            except WrongStateError as error:
                raise PermissionDenied(str(error)) from None
            messages.success(request, record.get_publication_display())
            names = record._meta
            return HttpResponseRedirect(reverse(f"admin:{names.app_label}_{names.model_name}_change", args=[record.pk]))
        context = {**self.admin_site.each_context(request), "title": record, "step": transition}
        return TemplateResponse(request, "admin/publication.html", context)
