"""View sets that answer a question about the records that the filters of a list select."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from tracker.api.answers import Answer, answered
from tracker.api.filters import FilterBackend, SearchFilter
from tracker.api.parameters import FORMAT, check
from tracker.api.past import KNOWN_ON, read, reading
from tracker.api.permissions import ReadForAnyone
from tracker.api.schema import AutoSchema
from tracker.api.values import Value
from tracker.api.views import RecordViewSet

Parameters = list[dict[str, Any]]
BACKENDS = (FilterBackend, SearchFilter)


class QuestionSchema(AutoSchema):
    """A question in the OpenAPI document: the name of its tag, its parameters and its one answer."""

    def get_operation_id(self) -> str:
        return str(self.view.tag)

    def get_summary(self) -> str:
        return str(self.view.summary)

    def _get_filter_parameters(self) -> Parameters:
        return [{**each, "schema": dict(each["schema"])} for each in self.view.query_parameters("list")]

    def get_response_serializers(self) -> Any:
        return {200: self.view.answer_schema}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False


class QuestionViewSet(ViewSet):
    """A question. A subclass names the list whose filters it takes, its own parameters, and gives the answer.

    `own` maps each parameter to how its value is read and what it is for; `answer_schema` is the answer's JSON Schema.
    """

    of: ClassVar[type[RecordViewSet]]
    own: ClassVar[dict[str, tuple[Value, str]]] = {}
    summary: ClassVar[str]
    answer_schema: ClassVar[dict[str, Any]]
    tag: ClassVar[str]
    permission_classes = [ReadForAnyone]
    schema = QuestionSchema()

    @classmethod
    def query_parameters(cls, _action: str) -> Parameters:
        """The filters of the list, and the question's own parameters; all others are refused."""
        filters = [each for backend in BACKENDS for each in backend().get_schema_operation_parameters(cls.of)]
        own = [
            {"name": name, "in": "query", "description": text, **value.describe()}
            for name, (value, text) in cls.own.items()
        ]
        return [*(each for each in filters if each["name"] not in cls.own), *own, KNOWN_ON, FORMAT]

    def list(self, request: Request) -> Response:
        check(request, self.query_parameters("list"))
        return read(request, lambda when: answered(request, when, lambda _when: self._answer(request)), reading)

    def _answer(self, request: Request) -> Answer:
        asked = self._asked(request)
        selection = self.of.queryset.all()
        for backend in BACKENDS:
            selection = backend().filter_queryset(request, selection, self.of)
        return Answer(self.answer(request, selection, asked))

    def answer(self, request: Request, selection: QuerySet[Any], asked: dict[str, Any]) -> dict[str, Any]:
        """The answer about the selection; `asked` has a value or None for each of the question's own parameters."""
        raise NotImplementedError

    def check_asked(self, asked: dict[str, Any]) -> dict[str, ErrorDetail]:
        """What is wrong with the parameters taken together, by name."""
        return {}

    def _asked(self, request: Request) -> dict[str, Any]:
        asked: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, (value, _text) in self.own.items():
            try:
                asked[name] = value.clean(request.query_params.get(name))
            except InvalidValue as error:
                errors[name] = [ErrorDetail(message, code=error.code) for message in error.messages]
        errors = errors or {name: [error] for name, error in self.check_asked(asked).items()}
        if errors:
            raise ValidationError(errors)
        return asked


def address(request: Request, *, but: Collection[str] = (), **parameters: str) -> str:
    """This request's address with these parameters at its end, and none before of the same names or of `but`."""
    query = request.query_params.copy()
    for name in (*but, *parameters):
        query.pop(name, None)
    query.update(parameters)
    return str(request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))
