"""Reports: their list, each as CSV, XLSX or JSON with the filters of its list, and its Table Schema."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from programmes.api.finance import BudgetViewSet
from programmes.api.organisations import ParticipatingOrganisationViewSet
from programmes.api.participation import ParticipationViewSet
from programmes.api.phases import PhaseViewSet
from programmes.api.programmes import ProgrammeViewSet
from programmes.api.results import IndicatorViewSet, ObservationViewSet
from programmes.api.sources import SourceViewSet
from programmes.reports.base import Report
from programmes.reports.formats import FORMATS, chunks
from programmes.reports.registry import BY_ID, REPORTS
from tracker.api.filters import FilterBackend, SearchFilter
from tracker.api.pagination import Pagination
from tracker.api.parameters import FORMAT, check
from tracker.api.past import KNOWN_ON, dates, reading
from tracker.api.permissions import ReadForAnyone
from tracker.api.renderers import MEDIA_TYPE, JSONRenderer
from tracker.api.schema import AutoSchema
from tracker.api.suggestions import did_you_mean, shown
from tracker.api.views import RecordViewSet
from tracker.api.walks import Computed
from tracker.tabular.schema import table_schema
from tracker.tabular.xlsx_writer import TooManyRowsError

Parameters = list[dict[str, Any]]  # as OpenAPI writes them

# The lists whose filters a report takes: that of its own records.
LISTS: dict[Any, type[RecordViewSet]] = {
    view.queryset.model: view
    for view in (
        BudgetViewSet,
        IndicatorViewSet,
        ObservationViewSet,
        ParticipatingOrganisationViewSet,
        ParticipationViewSet,
        PhaseViewSet,
        ProgrammeViewSet,
        SourceViewSet,
    )
}
BACKENDS = (FilterBackend, SearchFilter)
LANGUAGE = {
    "name": "lang",
    "in": "query",
    "description": "The language of labels and names; without it, what Accept-Language asks for.",
    "schema": {"type": "string", "enum": [code for code, _name in settings.LANGUAGES]},
}


@functools.cache
def filters(model: Any) -> Parameters:
    """The OpenAPI parameters by which a report's records are narrowed."""
    view = LISTS[model]
    return [each for backend in BACKENDS for each in backend().get_schema_operation_parameters(view)]


def select(report: type[Report], query: QueryDict, others: Parameters | None = None) -> Report:
    """The report over the records that the filters in `query` leave; `others` are parameters of another use.

    Raises ValidationError, by name, for an unknown parameter or value, with the nearest right one.
    """
    asked = query.copy()
    for name, value in report.defaults.items():
        asked.setdefault(name, value)
    bare = HttpRequest()
    bare.GET = QueryDict(asked.urlencode())
    request = Request(bare)
    check(request, filters(report.model) + (others or []))
    selection = report.model._default_manager.all()
    for backend in BACKENDS:
        selection = backend().filter_queryset(request, selection, LISTS[report.model])
    return report(selection)


class FileRenderer(JSONRenderer):
    """Stands for a kind of file when the client's wishes are weighed. It writes only problems."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        (renderer_context or {})["response"]["Content-Type"] = MEDIA_TYPE
        return super().render(data, accepted_media_type, renderer_context)


class CSVRenderer(FileRenderer):
    """Comma-separated values."""

    media_type = FORMATS["csv"].media_type
    format = "csv"


class XLSXRenderer(FileRenderer):
    """Excel."""

    media_type = FORMATS["xlsx"].media_type
    format = "xlsx"


class ReportSchema(AutoSchema):
    """A report in the OpenAPI document: its own words, and the columns of its rows."""

    def get_operation_id(self) -> str:
        return f"{self.view.operation}_{self.view.report.id}".replace("-", "_")

    def get_summary(self) -> str:
        return str(self.view.report.title)

    def get_description(self) -> str:  # type: ignore[override]
        return str(self.view.report.description)

    def _get_filter_parameters(self) -> Parameters:
        return [{**each, "schema": dict(each["schema"])} for each in self.view.documented_parameters()]

    def get_response_serializers(self) -> Any:
        return self.view.responses()


class OfReport(APIView):
    """What the addresses of one report share."""

    report: ClassVar[type[Report]]
    operation: ClassVar[str]
    own_parameters: ClassVar[Parameters]
    schema = ReportSchema()
    permission_classes = [ReadForAnyone]
    action = "retrieve"
    tag = "reports"

    def query_parameters(self, _action: str) -> Parameters:
        return [*filters(self.report.model), *self.own_parameters]

    def documented_parameters(self) -> Parameters:
        """Those of `query_parameters` that stand in the OpenAPI document."""
        return self.query_parameters(self.action)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check(request, self.query_parameters(self.action))  # before the format decides how an error is shown
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if not self.report.allowed(request.user):
            self.permission_denied(request)

    def selected(self, request: Request) -> Report:
        """The report over the records that the request asks for."""
        return select(self.report, request.query_params, self.own_parameters)


class ReportView(OfReport):
    """A report as a file, sent while it is made."""

    report = Report
    operation = "reports"
    renderer_classes = [JSONRenderer, CSVRenderer, XLSXRenderer]
    own_parameters = [
        {
            "name": "format",
            "in": "query",
            "description": "The kind of file; without it, what Accept asks for.",
            "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
        },
        LANGUAGE,
        KNOWN_ON,
    ]

    def responses(self) -> dict[Any, Any]:
        """The answers by status and media type."""
        members = {"report": {"type": "string"}, "title": {"type": "string"}, "language": {"type": "string"}}
        rows = {"type": "array", "items": _row_schema(self.report)}
        return {
            (200, FORMATS["json"].media_type): {"type": "object", "properties": {**members, "rows": rows}},
            (200, FORMATS["csv"].media_type): OpenApiTypes.STR,
            (200, FORMATS["xlsx"].media_type): OpenApiTypes.BINARY,
        }

    def get(self, request: Request, **_kwargs: Any) -> HttpResponseBase:
        language, kind, asked = _language(request), request.accepted_renderer.format, dates(request)
        file = self._file(request, kind, language)
        try:
            first = next(file)
        except TooManyRowsError as error:
            raise ValidationError({"format": [ErrorDetail(str(error), code="too_many_rows")]}) from error
        response = StreamingHttpResponse(_all(first, file), content_type=FORMATS[kind].content_type)
        response["Content-Language"] = language
        if kind != "json":
            response["Content-Disposition"] = f'attachment; filename="{self.report.id}.{kind}"'
        return asked.named_in(response)

    def _file(self, request: Request, kind: str, language: str) -> Iterator[bytes]:
        """The report in chunks, selected and read as of the day that the request names."""
        with reading(request):
            yield from chunks(self.selected(request), kind, language)


class ReportSchemaView(OfReport):
    """The Table Schema (Frictionless Data) of a report's columns. It takes the report's filters too."""

    report = Report
    operation = "reports_schema"
    renderer_classes = [JSONRenderer]
    own_parameters = [FORMAT, LANGUAGE]

    def documented_parameters(self) -> Parameters:
        return self.own_parameters

    def responses(self) -> dict[Any, Any]:
        """The answer: a descriptor, whose form the standard says."""
        return {200: OpenApiTypes.OBJECT}

    def get(self, request: Request) -> Response:
        with reading(request), translation.override(_language(request)):
            return Response(table_schema(self.selected(request).all_columns()))


class ReportListSchema(AutoSchema):
    """The list of reports in the OpenAPI document."""

    def get_operation_id(self) -> str:
        return "reports_list"

    def get_summary(self) -> str:
        return "List reports"

    def get_response_serializers(self) -> Any:
        names = ("id", "title", "description", "url", *FORMATS, "schema")
        report = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
        return {200: Pagination().get_paginated_response_schema({"type": "array", "items": report})}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False


class ReportViewSet(ViewSet):
    """The reports there are, each with its addresses."""

    schema = ReportListSchema()
    permission_classes = [ReadForAnyone]
    tag = "reports"

    def query_parameters(self, _action: str) -> Parameters:
        return [FORMAT, LANGUAGE, *Pagination().get_schema_operation_parameters(self)]

    def list(self, request: Request) -> Response:
        check(request, self.query_parameters("list"))
        allowed, pages = [report for report in REPORTS if report.allowed(request.user)], Pagination()
        page = pages.paginate_queryset(Computed(allowed, lambda report: [REPORTS.index(report)], self.tag), request)
        with translation.override(_language(request)):
            return pages.get_paginated_response([_described(report, request) for report in page])


class UnknownReportView(APIView):
    """The answer for a report that there is not."""

    schema = None
    permission_classes = [ReadForAnyone]

    def get(self, request: Request, **kwargs: Any) -> Response:
        raise Http404(_("There is no report “%s”.") % shown(kwargs["id"]) + did_you_mean(kwargs["id"], BY_ID))


def _described(report: type[Report], request: Request) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse(f"report-{report.id}"))
    return {
        "id": report.id,
        "title": str(report.title),
        "description": str(report.description),
        "url": address,
        **{kind: f"{address.removesuffix('/')}.{kind}" for kind in FORMATS},
        "schema": f"{address}schema/",
    }


def _row_schema(report: type[Report]) -> dict[str, Any]:
    types = {"integer": "integer", "boolean": "boolean"}  # numbers are texts, as everywhere
    return {
        "type": "object",
        "properties": {
            column.name: {"type": [types.get(column.type, "string"), "null"], "description": str(column.title)}
            for column in report.columns
        },
    }


def _language(request: Request) -> str:
    language: str = request.query_params.get("lang") or translation.get_language()
    known = [code for code, _name in settings.LANGUAGES]
    if language not in known:
        message = _("There is no language “%s” here.") % shown(language) + did_you_mean(language, known)
        raise ValidationError({"lang": [ErrorDetail(message, code="unknown_value")]})
    return language


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _addresses(report: type[Report]) -> list[URLPattern]:
    view, schema = ReportView.as_view(report=report), ReportSchemaView.as_view(report=report)
    # The same file by an ending; documented once, with `format`.
    ending = ReportView.as_view(report=report, schema=None, own_parameters=[LANGUAGE, KNOWN_ON])
    return [
        path(f"reports/{report.id}/", view, name=f"report-{report.id}"),
        path(f"reports/{report.id}/schema/", schema, name=f"report-{report.id}-schema"),
        *(path(f"reports/{report.id}.{kind}", ending, {"format": kind}) for kind in FORMATS),
    ]


urlpatterns = [
    *(address for report in REPORTS for address in _addresses(report)),
    path("reports/<str:id>/", UnknownReportView.as_view()),
]
