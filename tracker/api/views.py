"""The base of all view sets: strict parameters, only what is shown loaded, writes whole or not at all."""

import functools
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, cast

import orjson
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import APIRootView as BaseRootView

from tracker.api import reasons, selection
from tracker.api.addresses import found_by, key_field, not_found
from tracker.api.answers import Answer, answered
from tracker.api.attempts import DRY_RUN
from tracker.api.changed_since import ChangedSince
from tracker.api.documents import Documents
from tracker.api.filters import FilterBackend, SearchFilter
from tracker.api.imports import ImportMixin
from tracker.api.ordering import OrderingFilter
from tracker.api.parameters import FORMAT, READS, check
from tracker.api.past import AS_OF, KNOWN_ON, Asked, glancing, read, reading
from tracker.api.permissions import ReadForAnyone
from tracker.api.record_pages import RecordPagination
from tracker.api.revert import RevertMixin
from tracker.api.rows import Reader
from tracker.api.serializers import RecordSerializer
from tracker.api.writes import ACTIONS, WritingViewSet
from tracker.records.history import because
from tracker.records.matching import for_page
from tracker.records.parts import outermost
from tracker.records.publication import TRANSITIONS


class NotFoundError(Exception):
    """There is no record at the address, or none that the reader sees."""


class RecordViewSet(ImportMixin, RevertMixin, WritingViewSet):
    """The records of one model. A subclass names `queryset`, `serializer_class` and `filterset_class`."""

    queryset: QuerySet[Any]
    serializer_class: type[RecordSerializer]
    filterset_class: Any
    filter_backends = [FilterBackend, SearchFilter, ChangedSince, OrderingFilter]
    pagination_class = RecordPagination
    tag = ""
    lookup_value_regex = "[^/]+"
    met_soon: Sequence[str] = ()  # the words that the records of a page are searched for in another way than all

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if getattr(cls, "queryset", None) is not None:
            cls.lookup_field = key_field(cls.queryset.model)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        header = request.headers.get(reasons.HEADER) if request.method not in SAFE_METHODS else None
        self.reason = None if header is None else reasons.read(header)
        with nullcontext() if self.reason is None else because(self.reason):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None  # so that a refusal, too, comes in the form asked for
        check(request, self.query_parameters(self.action or ""))
        if self.reason is not None:
            reasons.check(self.reason, reasons.HEADER)
        super().initial(request, *args, **kwargs)
        self.selection = selection.asked(
            self.serializer_class,
            whole=self.action != "list",
            fields=request.query_params.get("fields"),
            expand=request.query_params.get("expand"),
        )

    @classmethod
    @functools.cache
    def query_parameters(cls, action: str) -> list[dict[str, Any]]:
        """The OpenAPI parameters that an action takes; all others are refused."""
        found: list[dict[str, Any]] = []
        parts: list[Any] = [*cls.filter_backends, cls.pagination_class]
        if action == "list":
            found += [each for part in parts for each in part().get_schema_operation_parameters(cls)]
        if action in READS or (action in ACTIONS and "destroy" not in action):
            found += selection.parameters(cls.serializer_class)
        if action in READS:
            found.append(KNOWN_ON)
        if action == "retrieve" and comes_and_goes(cls.serializer_class):
            found.append(AS_OF)
        if action in (*ACTIONS, *TRANSITIONS, "import_table"):
            found.append(DRY_RUN)
        if action == "history":
            found += cls.described_history_parameters()
        return [*found, FORMAT]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return read(
            request,
            lambda asked: answered(request, asked, self._list, whole=self.whole(), scope=reading),
            glancing,
        )

    def _list(self, asked: Asked) -> Answer:
        rows: Any = self.paginate_queryset(cast(Any, SimpleLazyObject(self._selected)))
        keys, active = [row.pk for row in rows], [row.active for row in rows if hasattr(row, "active")]
        documents: Any = self.documents(asked)
        page = documents.page(keys, active)
        listed = cast(RecordPagination, self.paginator).found_in()
        of = documents.made_of(keys, listed) if listed else None
        return Answer(self.get_paginated_response(page).data, of=of)

    def _selected(self) -> QuerySet[Any]:
        """The records that are asked for, as they are found for a page."""
        with for_page() as self.met_soon:
            found: QuerySet[Any] = self.filter_queryset(self.get_queryset())
            return found

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        scope = glancing if self.documents().described else reading
        try:
            return read(request, lambda asked: answered(request, asked, self._retrieve, whole=self.whole()), scope)
        except NotFoundError:
            with reading(request):
                raise self._not_found() from None

    def _retrieve(self, asked: Asked) -> Answer:
        documents = self.documents(asked)
        found = documents.one(self.kwargs[self.lookup_field])
        if found is None:
            raise NotFoundError
        return Answer(found.shown, f"{found.key}.{found.version}", documents.made_of([found.key]))

    @classmethod
    def whole(cls) -> Any:
        """The kind of the records, where they are part of no other."""
        model: Any = cls.queryset.model
        return model if outermost(model) is model else None

    def documents(self, asked: Asked | None = None) -> Documents:
        """What is shown of records: as the request reads them, else as they are stored."""
        read = Reader(asked.schema, asked.as_of) if asked else Reader()
        return Documents(self.serializer_class, self.selection, read, self.request)

    def get_object(self) -> Any:
        queryset = self.get_queryset()
        condition = found_by(queryset.model, [self.kwargs[self.lookup_field]])
        record = None if condition is None else queryset.filter(condition).first()
        if record is None:
            raise self._not_found()
        self.check_object_permissions(self.request, record)
        return record

    def _not_found(self) -> Http404:
        return Http404(not_found(self.get_queryset(), self.kwargs[self.lookup_field].replace("\0", "")))

    def shown(self, records: Sequence[Any]) -> Sequence[dict[str, Any]]:
        """The saved records, each as its own address shows it."""
        page: list[dict[str, Any]] = orjson.loads(orjson.dumps(self.documents().page([each.pk for each in records])))
        return page


def comes_and_goes(serializer: type[RecordSerializer]) -> bool:
    """Whether the record, or something shown within it, is of a kind that comes and goes."""
    if hasattr(serializer.Meta.model._default_manager, "as_of"):
        return True
    return any(inner is not None and comes_and_goes(inner) for inner in selection.shape(serializer).values())


class RootView(BaseRootView):
    """The lists of this API, by name."""

    permission_classes = [ReadForAnyone]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check(request, [FORMAT])
        super().initial(request, *args, **kwargs)


@api_view(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@permission_classes([AllowAny])
def nothing_here(request: Request) -> Response:
    """The answer for every address below /api/ that no other view has."""
    raise Http404(_("There is nothing at this address.") + _with_slash(request.path))


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """To the same address with its closing slash where that one exists; else not found, as a problem."""
    slashed = f"{request.path}/"
    if request.method in ("GET", "HEAD") and _exists(slashed):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{slashed}?{query}" if query else slashed)
    return cast(HttpResponse, nothing_here(request))


def _with_slash(path: str) -> str:
    return " " + _("Addresses end with a slash.") if _exists(f"{path}/") else ""


def _exists(path: str) -> bool:
    try:
        return resolve(path).func is not unknown_address
    except Resolver404:
        return False
