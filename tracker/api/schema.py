"""The OpenAPI document: what drf-spectacular cannot see in the view sets and serializers by itself."""

from typing import Any

from django.utils.encoding import force_str
from drf_spectacular.openapi import AutoSchema as BaseAutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from tracker.api import etags, history, idempotency, imports, nested, reasons, revert, writes
from tracker.api.addresses import key_field
from tracker.api.errors import TITLES
from tracker.api.parameters import READS
from tracker.api.renderers import MEDIA_TYPE
from tracker.api.serializers import RecordSerializer
from tracker.records.publication import TRANSITIONS

# Which problems a method may answer with, by status.
ALWAYS = {
    "400": "A parameter or a value is not valid; `errors` names it.",
    "401": "Signing in failed or is needed.",
    "403": "Not permitted.",
    "406": "Not available in the media type asked for.",
    "429": "Too many requests; Retry-After says in how many seconds to ask again.",
    "503": "The database does not answer at the moment; Retry-After says in how many seconds to ask again.",
}
MISSING = {"404": "There is no such record or page."}
BODY = {"413": "The body is too large.", "415": "The body is of a kind that is not read here."}
CONFLICT = {"409": "What is stored does not allow it; `errors` says why."}
BUSY = {
    "503": "Others kept writing the same records, and nothing was changed; or the database does not answer at the"
    " moment. `Retry-After` says when to send it again."
}
STALE = {"412": "Someone else has changed it since the client read it; `current` says how it stands now."}
UNSEEN = {"428": "Neither If-Match nor `version` says which version the client has seen."}
REUSED = {"422": "The Idempotency-Key belongs to another request."}

SUMMARIES = {
    "list": "List {plural}",
    "retrieve": "One {single}",
    "create": "Add a {single}",
    "update": "Replace a {single}",
    "partial_update": "Change a {single}",
    "destroy": "Delete a {single}",
    "change_many": "Change several {plural}",
    "destroy_many": "Delete several {plural}",
    "import_table": "Read {plural} in from a table",
    "history": "What changed in a {single}",
    "revert": "Take a {single} back to what it was",
    "publish": "Publish a {single}",
    "withdraw": "Withdraw a {single}",
}
ANSWERS = {"history": history.ANSWER, "revert": revert.ANSWER, "import_table": imports.ANSWER}
REPEATABLE = ("create", "change_many", "destroy_many")
KEYED = (*REPEATABLE, "import_table", "revert", *TRANSITIONS)  # that take an Idempotency-Key
VERSIONED = ("update", "partial_update", "destroy", "change_many", "destroy_many")
TAGGED = {"create": 201} | dict.fromkeys(("retrieve", "list", "update", "partial_update", "revert", *TRANSITIONS), 200)
VERSION = {
    "type": "integer",
    "minimum": 1,
    "description": "The version that the client has seen; PUT and PATCH need it, or If-Match.",
}
TRIED = {
    "type": "object",
    "description": "With `dry_run=1`: how many records of each kind would be deleted.",
    "properties": {"deleted": {"type": "object", "additionalProperties": {"type": "integer"}}},
}


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
        action = self.view.action
        if self.method not in SAFE_METHODS:
            found = [*found, reasons.PARAMETER]
        elif action in READS:
            found = [*found, etags.IF_NONE_MATCH]
        if action in KEYED:
            found = [*found, idempotency.PARAMETER]
        if action in ("update", "partial_update", "destroy", "revert", *TRANSITIONS):
            found = [*found, etags.PARAMETER]
        return [_copy(parameter) for parameter in found]

    def get_operation_id(self) -> str:
        action = getattr(self.view, "action", "")
        if action not in ("change_many", "destroy_many"):
            return super().get_operation_id()
        return "_".join([*self._tokenize_path(), action]).replace("-", "_")

    def get_request_serializer(self) -> Any:
        action = getattr(self.view, "action", "")
        if action in TRANSITIONS:
            return None
        if action == "import_table":
            return imports.BODIES
        asked: Any = {"revert": revert.ASKED}.get(action)
        if _of_records(self.view) and action in REPEATABLE:
            asked = self._listed_request(action)
        return super().get_request_serializer() if asked is None else {"application/json": asked}

    def _listed_request(self, action: str) -> dict[str, Any]:
        """A list of records as a body; where records are added, also one of them alone."""
        array = {"type": "array", "minItems": 1, "maxItems": writes.MAX_RECORDS}
        if action == "create":
            one = self.resolve_serializer(self.view.get_serializer(), "request").ref
            return {"oneOf": [one, {**array, "items": one}]}
        key = key_field(self.view.queryset.model)
        named = {key: {"type": "integer" if key == "id" else "string"}, "version": VERSION}
        what = "Which record, the version seen" + (", and what changes." if action == "change_many" else ".")
        return {**array, "items": {"type": "object", "description": what, "required": [key], "properties": named}}

    def get_response_serializers(self) -> Any:
        action = getattr(self.view, "action", "")
        if answer := ANSWERS.get(action):
            return {200: answer}
        if not _of_records(self.view) or action not in writes.ACTIONS:
            return super().get_response_serializers()
        if action in ("destroy", "destroy_many"):
            return {200: TRIED, 204: None}
        one = self.resolve_serializer(self.view.get_serializer(), "response").ref
        many = {"type": "array", "items": one}
        if action == "create":
            either = {"oneOf": [one, many]}
            return {200: {**either, "description": "With `dry_run=1`: what would be added."}, 201: either}
        return {200: many if action == "change_many" else one}

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
        action = getattr(self.view, "action", "")
        if not _of_records(self.view) or action not in (*TAGGED, *KEYED):
            return super().get_override_parameters()
        text, address = {"type": "string"}, {"type": "string", "format": "uri"}
        header: Any = OpenApiParameter.HEADER
        found = []
        if action in TAGGED:
            found.append(OpenApiParameter("ETag", text, header, response=[TAGGED[action]]))
        if action in KEYED:
            status = {"create": 201, "destroy_many": 204}.get(action, 200)
            mark = {"type": "string", "enum": ["true"]}
            found.append(OpenApiParameter(idempotency.REPLAYED, mark, header, response=[status]))
        if action == "create":
            found.append(OpenApiParameter("Location", address, header, response=[201]))
        return found

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if direction == "response":
            # `fields=` may leave out any of them.
            schema.pop("required", None)
        else:
            schema["additionalProperties"] = False
            properties = schema.setdefault("properties", {})
            if isinstance(serializer, RecordSerializer):
                optional = {"version": VERSION} | {name: _parts(name) for name in nested.parts(type(serializer))}
                properties |= optional
                schema["required"] = [name for name in schema.get("required", ()) if name not in optional]
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, description in self._problems().items():
            bodies[status] = {"description": description, "content": {MEDIA_TYPE: {"schema": self._problem().ref}}}
        if getattr(self.view, "action", "") in READS and _of_records(self.view):
            bodies["304"] = {"description": "As the answer whose ETag If-None-Match names."}
        return bodies

    def _problems(self) -> dict[str, str]:
        action = getattr(self.view, "action", "")
        problems = dict(ALWAYS)
        if action not in (*REPEATABLE, "import_table"):
            problems |= MISSING
        if action in ("create", "update", "partial_update", "revert", "change_many", "destroy_many", "import_table"):
            problems |= BODY
        if action not in (*READS, "history"):
            problems |= CONFLICT
        if action in (*writes.ACTIONS, "import_table", "revert", *TRANSITIONS):
            problems |= BUSY | STALE
        if action in VERSIONED:
            problems |= UNSEEN
        if action in KEYED:
            problems |= REUSED
        return problems

    def _problem(self) -> ResolvedComponent:
        component = ResolvedComponent(
            name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=problem_schema()
        )
        self.registry.register_on_missing(component)
        return component


def _of_records(view: Any) -> bool:
    return hasattr(view, "query_parameters")


def _parts(name: str) -> dict[str, Any]:
    return {
        "type": "array",
        "maxItems": nested.MAX_PARTS,
        "items": {"type": "object"},
        "description": f"To be added, or changed where an item names its code or number: {name.replace('_', ' ')} as at"
        " their own address. Those that are not named stay.",
    }


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
            "current": {
                "type": "object",
                "description": "With 412: the record as it stands now.",
                "required": ["url", "version"],
                "properties": {"url": {"type": "string", "format": "uri"}, "version": {"type": "integer"}},
            },
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
                        "line": {"type": "integer", "description": "Of a file; `field` is a column of it then."},
                        "code": text,
                        "detail": text,
                    },
                },
            },
        },
    }
