"""What the questions about the whole portfolio share: results in pages, and the words of their answers."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request

from tracker.api import values
from tracker.api.pagination import Pagination
from tracker.api.questions import Parameters, QuestionViewSet
from tracker.api.walks import Computed, Walk

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
LINK: Schema = {"type": "string", "format": "uri"}
DAY: Schema = {"type": "string", "format": "date"}
PARTIAL_DATE: Schema = {"type": ["string", "null"], "pattern": values.PARTIAL_DATE}


def shape(**properties: Schema) -> Schema:
    """An object that has all of these members."""
    return {"type": "object", "required": list(properties), "properties": properties}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    kinds = {"type": [schema["type"], "null"]}
    return schema | kinds | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def listed(items: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": items}


def chosen(choices: Any) -> Schema:
    """A code of a code list."""
    return {"type": "string", "enum": list(choices.values)}


def paged(result: Schema, *, facts: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """A page of such results, and the facts that stand before them."""
    page = Pagination().get_paginated_response_schema(listed(result))
    properties = facts | (optional or {}) | page["properties"]
    return page | {"properties": properties, "required": [*facts, *page["required"]]}


class Between(values.WholeNumber):
    """A whole number within bounds."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def read(self, text: str) -> int:  # type: ignore[override]
        number: int = super().read(text)
        if not self.least <= number <= self.most:
            words = {"least": self.least, "most": self.most}
            raise ValidationError(_("It is from %(least)d to %(most)d.") % words, code="out_of_range")
        return number

    def describe(self) -> dict[str, Any]:
        return {"schema": {"type": "integer", "minimum": self.least, "maximum": self.most}}


class AcrossViewSet(QuestionViewSet):
    """A question whose answer is a list, in pages.

    A subclass finds the rows, as a walk or as a sequence in the order of their places, and writes out each; what rows
    need of each other or of the database it may prepare for a page of them.
    """

    @classmethod
    def query_parameters(cls, action: str) -> Parameters:
        return [*super().query_parameters(action), *Pagination().get_schema_operation_parameters(cls)]

    def answer(self, request: Request, selection: QuerySet[Any], asked: dict[str, Any]) -> dict[str, Any]:
        facts, rows = self.found(selection, asked)
        walk = rows if isinstance(rows, Walk) else Computed(rows, self.place, self.tag)
        pages = Pagination()
        shown = [self.shown(row) for row in self.prepared(pages.paginate_queryset(walk, request))]
        page: dict[str, Any] = pages.get_paginated_response(shown).data
        return facts | self.beside() | page

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """What is to be said of the answer as a whole, and its rows."""
        raise NotImplementedError

    def place(self, row: Any) -> tuple[Any, ...]:
        """Where a row of a sequence stands in its order: texts and numbers that no other row has."""
        raise NotImplementedError

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        """The rows of a page, as they are shown."""
        return page

    def beside(self) -> dict[str, Any]:
        """What else is to be said, of the page that was prepared."""
        return {}

    def shown(self, row: Any) -> dict[str, Any]:
        """A row as a result."""
        raise NotImplementedError

    def address(self, collection: str, code: str) -> str:
        """The address of a record."""
        return str(self.request.build_absolute_uri(f"/api/v1/{collection}/{code}/"))
