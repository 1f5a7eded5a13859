"""The pages of countries and groupings."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from countries.models import Country, Grouping, Membership
from tracker.admin.filters import ChosenRecord
from tracker.admin.records import RecordAdmin, Table, number_of

NAMES = (("name_en", "name_es"), ("name_fr", "name_pt"))


class MembershipsOfCountry(Table):
    """The groupings that a country belongs to."""

    model = Membership
    fk_name = "country"
    fields = ("grouping", "status", "start", "end", "evidence", "note")
    related = ("grouping", "country")


class MembershipsOfGrouping(Table):
    """The countries of a grouping."""

    model = Membership
    fk_name = "grouping"
    fields = ("country", "status", "start", "end", "evidence", "note")
    related = ("grouping", "country")
    per_page = 50


@admin.register(Country)
class CountryAdmin(RecordAdmin):
    """Countries of ISO 3166."""

    list_display = ("name", "code", "alpha3", "numeric", "name_es")
    search_fields = ("search_key", "code", "alpha3")
    ordering = ("name_en",)
    fields = (("code", "alpha3", "numeric"), *NAMES)
    inlines = (MembershipsOfCountry,)

    @admin.display(description=_("name"), ordering="name_en")
    def name(self, country: Country) -> str:
        """In the language of the reader."""
        return country.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(Grouping)
class GroupingAdmin(RecordAdmin):
    """Groupings with their memberships."""

    list_display = ("code", "name", "kind", "members")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("search_key",)
    fields = (("code", "kind"), *NAMES, "source", "note")
    inlines = (MembershipsOfGrouping,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Grouping]:
        countries = number_of(Membership, "grouping", models.Count("country", distinct=True))
        queryset: models.QuerySet[Grouping] = super().get_queryset(request)
        return queryset.annotate(countries=countries)

    @admin.display(description=_("name"), ordering="name_en")
    def name(self, grouping: Grouping) -> str:
        """In the language of the reader."""
        return grouping.name

    @admin.display(description=_("countries, at any time"), ordering="countries")
    def members(self, grouping: Any) -> int:
        """How many countries have ever belonged to it."""
        count: int = grouping.countries
        return count


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """Spells of membership."""

    list_display = ("country", "grouping", "status", "start", "end", "evidence")
    list_filter = (
        ("grouping", ChosenRecord),
        ("country", ChosenRecord),
        ("status", ChoicesDropdownFilter),
        ("evidence", ChoicesDropdownFilter),
    )
    search_fields = ("country__search_key", "grouping__search_key")
    related: ClassVar = ("grouping", "country")
    fields = (("grouping", "country"), ("status", "evidence"), ("start", "end"), "note")
