"""The OpenAPI document: what drf-spectacular cannot see in the view sets and serializers by itself."""

from typing import Any

from django.utils.encoding import force_str
from drf_spectacular.openapi import AutoSchema as BaseAutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from tracker.api import history, reasons, revert
from tracker.api.errors import TITLES
from tracker.api.parameters import READS
from tracker.api.renderers import MEDIA_TYPE

# Which problems a method may answer with, by status.
ALWAYS = {
    "400": "A parameter or a value is not valid; `errors` names it.",
    "401": "Signing in failed or is needed.",
    "403": "Not permitted.",
    "406": "Not available in the media type asked for.",
}
MISSING = {"404": "There is no such record or page."}
BODY = {"413": "The body is too large.", "415": "The body is not JSON."}
CONFLICT = {"409": "What is stored does not allow it; `errors` says why."}

SUMMARIES = {
    "list": "List {plural}",
    "retrieve": "One {single}",
    "create": "Add a {single}",
    "update": "Replace a {single}",
    "partial_update": "Change a {single}",
    "destroy": "Delete a {single}",
    "history": "What changed in a {single}",
    "revert": "Take a {single} back to what it was",
}
ANSWERS = {"history": history.ANSWER, "revert": revert.ANSWER}


class AutoSchema(BaseAutoSchema):
    """Parameters from the view's own list, a problem for every 4xx, tags by stem."""

    view: Any

    def get_tags(self) -> list[str]:
        return [self.view.tag or type(self.view).__module__.rpartition(".")[2]]

    def get_summary(self) -> str | None:
        if not _of_records(self.view):
            return super().get_summary()
        names = self.view.queryset.model._meta
        text = SUMMARIES[self.view.action].format(single=names.verbose_name, plural=names.verbose_name_plural)
        return text.replace("a indicator", "an indicator").replace("a o", "an o").replace("a a", "an a")

    def get_description(self) -> str:  # type: ignore[override]
        return force_str(type(self.view).__doc__ or "")

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        if not _of_records(self.view):
            return []
        found = self.view.query_parameters(self.view.action)
        if self.method not in SAFE_METHODS:
            found = [*found, reasons.PARAMETER]
        return [_copy(parameter) for parameter in found]

    def get_request_serializer(self) -> Any:
        if getattr(self.view, "action", "") == "revert":
            return {"application/json": revert.ASKED}
        return super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        answer = ANSWERS.get(getattr(self.view, "action", ""))
        return super().get_response_serializers() if answer is None else {200: answer}

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        return []

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        for parameter in found:
            if parameter["name"] == "code":
                parameter["schema"] = {"type": "string"}
                parameter["description"] = "The record's code; for a country alpha-2 or alpha-3."
        return found

    def get_override_parameters(self) -> list[Any]:
        if getattr(self.view, "action", "") != "create":
            return super().get_override_parameters()
        return [
            OpenApiParameter("Location", {"type": "string", "format": "uri"}, OpenApiParameter.HEADER, response=[201])
        ]

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if direction == "response":
            # `fields=` may leave out any of them.
            schema.pop("required", None)
        else:
            schema["additionalProperties"] = False
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, description in self._problems().items():
            bodies[status] = {"description": description, "content": {MEDIA_TYPE: {"schema": self._problem().ref}}}
        return bodies

    def _problems(self) -> dict[str, str]:
        action = getattr(self.view, "action", "")
        problems = dict(ALWAYS)
        if action != "create":
            problems |= MISSING
        if action in ("create", "update", "partial_update", "revert"):
            problems |= BODY
        if action not in (*READS, "history"):
            problems |= CONFLICT
        return problems

    def _problem(self) -> ResolvedComponent:
        component = ResolvedComponent(
            name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=problem_schema()
        )
        self.registry.register_on_missing(component)
        return component


def _of_records(view: Any) -> bool:
    return hasattr(view, "query_parameters")


def _copy(parameter: dict[str, Any]) -> dict[str, Any]:
    return {**parameter, "schema": dict(parameter["schema"])}


def problem_schema() -> dict[str, Any]:
    """The body of every error, after RFC 9457."""
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "An error, as RFC 9457 describes it.",
        "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "The kind of problem; it ends with the code."},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": {"type": "string", "format": "uri-reference"},
            "code": {"type": "string", "enum": list(TITLES)},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "code", "detail"],
                    "properties": {
                        "field": {
                            "type": ["string", "null"],
                            "description": "The path to the value, such as phases[0].label, or the parameter.",
                        },
                        "code": text,
                        "detail": text,
                    },
                },
            },
        },
    }
