"""Reports from the admin: a page that lists them, and an action on each list for the rows that are chosen."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from programmes.reports.base import Report
from programmes.reports.formats import FORMATS, chunks
from programmes.reports.registry import BY_ID, REPORTS
from tracker.admin.records import RecordAdmin
from tracker.tabular.xlsx_writer import TooManyRowsError


def allowed(report: type[Report], request: HttpRequest) -> bool:
    """Whether the user may see the records that the report is made of."""
    return bool(request.user.has_perm(report.permission()))


def file(report: Report, kind: str, request: HttpRequest) -> HttpResponseBase:
    """The report as a file that is sent while it is made; back to where one was, with the reason, if it cannot be."""
    made: Iterator[bytes] = chunks(report, kind, get_language() or "en")
    try:
        first = next(made)
    except TooManyRowsError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:reports"))
    response = StreamingHttpResponse(chain([first], made), content_type=FORMATS[kind].content_type)
    response["Content-Disposition"] = f'attachment; filename="{report.id}.{kind}"'
    return response


def reports_page(request: HttpRequest) -> HttpResponseBase:
    """What reports there are, each in each format."""
    rows = [
        {
            "title": report.title,
            "description": report.description,
            "files": [(kind.upper(), reverse("admin:report", args=[report.id, kind])) for kind in FORMATS],
        }
        for report in REPORTS
        if allowed(report, request)
    ]
    context = {**admin.site.each_context(request), "title": _("Reports"), "reports": rows}
    return TemplateResponse(request, "admin/reports.html", context)


def report_file(request: HttpRequest, report: str, kind: str) -> HttpResponseBase:
    """One report over all records."""
    if report not in BY_ID or kind not in FORMATS:
        raise Http404
    if not allowed(BY_ID[report], request):
        raise PermissionDenied
    return file(BY_ID[report](), kind, request)


def addresses() -> list[URLPattern]:
    """The pages of this file."""
    return [
        path("reports/", admin.site.admin_view(reports_page), name="reports"),
        path("reports/<slug:report>.<slug:kind>", admin.site.admin_view(report_file), name="report"),
    ]


class ReportingAdmin(RecordAdmin):
    """Pages of records of which reports are made: an action for each, over the chosen rows."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for report in REPORTS:
            if report.model is self.model and allowed(report, request):
                for kind in ("csv", "xlsx"):
                    name = f"report_{report.id}_{kind}"
                    label = _("Report: %(title)s (%(kind)s)") % {
                        "title": capfirst(str(report.title)),
                        "kind": kind.upper(),
                    }
                    actions[name] = (_action(report, kind), name, label)
        return actions


Action = Callable[[ReportingAdmin, HttpRequest, models.QuerySet[Any]], HttpResponseBase]


def _action(report: type[Report], kind: str) -> Action:
    return partial(_run, report=report, kind=kind)


def _run(
    _page: ReportingAdmin, request: HttpRequest, chosen: models.QuerySet[Any], *, report: type[Report], kind: str
) -> HttpResponseBase:
    # The list's own ordering, joins and annotations are no concern of the report.
    return file(report(report.model._default_manager.filter(pk__in=chosen.order_by().values("pk"))), kind, request)
