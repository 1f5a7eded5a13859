"""The pages of themes and of the DAC purpose codes that they are mapped to."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter

from programmes.models import PurposeCode, Theme
from tracker.admin.pages import RecordList
from tracker.admin.records import RecordAdmin


class ThemeTree(RecordList):
    """The list of themes in the order of the tree; each knows the codes that lead to it from the top."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        above = {key: (code, parent) for key, code, parent in Theme.objects.values_list("pk", "code", "parent_id")}
        themes: list[Any] = list(self.result_list)
        for theme in themes:
            theme.path = path_to(above, theme.pk)
        self.result_list: list[Any] = (
            themes if ORDER_VAR in self.params else sorted(themes, key=lambda theme: theme.path)
        )


def path_to(above: Mapping[int, tuple[str, int | None]], key: int) -> list[str]:
    """The codes from the top of the tree down to the theme; `above` gives code and parent of each."""
    path: list[str] = []
    at: int | None = key
    while at is not None and len(path) <= len(above):
        code, at = above[at]
        path.insert(0, code)
    return path


@admin.register(Theme)
class ThemeAdmin(RecordAdmin):
    """The tree of themes."""

    list_display = ("indented", "name_es", "code", "parent", "purpose_code")
    list_per_page = 200
    search_fields = ("search_key",)
    related = ("parent", "purpose_code")
    fields = (("code", "parent", "purpose_code"), "name_en", "name_es", "name_fr", "name_pt")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ThemeTree

    @admin.display(description=_("theme"), ordering="code")
    def indented(self, theme: Any) -> SafeString:
        """The name, as far to the right as it stands deep in the tree."""
        return format_html('<div class="theme" style="--depth: {}">{}</div>', len(theme.path) - 1, theme.name)


@admin.register(PurposeCode)
class PurposeCodeAdmin(RecordAdmin):
    """The DAC list of CRS purposes."""

    list_display = ("code", "name_en", "name_fr", "category", "active")
    list_filter = (("active", BooleanRadioFilter),)
    search_fields = ("search_key",)
    fields = (("code", "category", "active"), "name_en", "name_fr")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()
