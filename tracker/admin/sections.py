"""Pages in sections: each is a page of its own with its own rows, so that what is very much is not read at once."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

PARAMETER = "section"


class Section(NamedTuple):
    """A part of a record's page, by the name in its address: the rows that it holds."""

    name: str
    label: str | Promise
    inlines: tuple[type[Any], ...]


class Sections:
    """For the pages of records: the first has their own fields, the others the rows of each of the `sections`.

    A new record is written on one page with all its rows but those that need it to be stored.
    """

    own_section: ClassVar[str | Promise] = ""
    sections: ClassVar[Sequence[Section]] = ()
    needs_saved: ClassVar[tuple[type[Any], ...]] = ()
    change_form_outer_before_template = "admin/sections.html"

    @property
    def inlines(self) -> tuple[type[Any], ...]:
        """The rows of all sections."""
        return tuple(each for section in self.sections for each in section.inlines)

    def section(self, request: HttpRequest, record: Any) -> Section | None:
        """The section that is asked for; null for the record's own fields."""
        asked = request.GET.get(PARAMETER, "") if record is not None else ""
        return next((each for each in self.sections if each.name == asked), None)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        if obj is None:
            return [each for each in self.inlines if each not in self.needs_saved]
        section = self.section(request, obj)
        return section.inlines if section else ()

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The rows of a section stand below each other; those of a new record in tabs."""
        found: list[Any] = super().get_inline_instances(request, obj)  # type: ignore[misc]
        if obj is not None:
            for each in found:
                each.tab = False
        return found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if self.section(request, obj) else super().get_fieldsets(request, obj)  # type: ignore[misc]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        if record is not None and not context.get("is_popup"):
            here = self.section(request, record)
            every = (Section("", self.own_section, ()), *self.sections)
            context["sections"] = [
                {"label": each.label, "link": f"?{PARAMETER}={each.name}" if each.name else request.path, "here": here_}
                for each in every
                for here_ in [each.name == (here.name if here else "")]
            ]
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Who goes on editing stays in the section."""
        response: HttpResponse = super().response_change(request, obj)  # type: ignore[misc]
        section = self.section(request, obj)
        if section and response.headers.get("Location") == request.path:
            response["Location"] = f"{request.path}?{PARAMETER}={section.name}"
        return response
