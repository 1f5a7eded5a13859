"""The start page and the sidebar."""

from collections import defaultdict
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from countries.models import Country, Grouping
from programmes.analysis.attention import CONCERNS
from programmes.models import (
    Budget,
    Citation,
    ExchangeRate,
    Indicator,
    Instrument,
    Observation,
    Organisation,
    Participation,
    Phase,
    Programme,
    PurposeCode,
    Result,
    Source,
    Theme,
    Transaction,
)
from tracker.access.models import Token
from tracker.admin.pages import number
from tracker.records.statements import counted

SHOWN = 10
MOST_FOUND, MOST_RECORDS = 1000, 100_000  # so many are counted
NAMED_BY: dict[type[Model], tuple[str, ...]] = {Observation: ("indicator",)}  # what its name needs besides

# By section: each page with its icon (Material Symbols, which unfold brings along).
SECTIONS: tuple[tuple[Any, tuple[tuple[type[Model], str], ...]], ...] = (
    (_("Programmes"), ((Programme, "account_tree"), (Phase, "timeline"))),
    (
        _("Finance"),
        (
            (Budget, "payments"),
            (Transaction, "sync_alt"),
            (Instrument, "account_balance"),
            (ExchangeRate, "currency_exchange"),
        ),
    ),
    (_("Participation"), ((Participation, "flag"), (Country, "public"), (Grouping, "hub"))),
    (_("Organisations"), ((Organisation, "corporate_fare"),)),
    (_("Results"), ((Result, "emoji_events"), (Indicator, "speed"), (Observation, "monitoring"))),
    (_("Sources"), ((Source, "description"), (Citation, "format_quote"))),
    (_("Themes"), ((Theme, "category"), (PurposeCode, "tag"))),
    (_("Access"), ((User, "person"), (Group, "group"), (Token, "key"))),
)


def page(model: type[Model], view: str, *args: Any) -> str:
    """The address of a page of the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections with the pages that the user may see."""
    reports = reverse("admin:reports")
    sections: list[dict[str, Any]] = [
        {
            "items": [
                {"title": _("Start page"), "icon": "home", "link": reverse("admin:index")},
                {"title": _("Reports"), "icon": "table_view", "link": reports},
            ]
        }
    ]
    for title, pages in SECTIONS:
        items = [
            {
                "title": capfirst(str(model._meta.verbose_name_plural)),
                "icon": icon,
                "link": page(model, "changelist"),
                # The reports have their address below that of the programmes.
                "active": request.path.startswith(page(model, "changelist")) and not request.path.startswith(reports),
            }
            for model, icon in pages
            if admin.site._registry[model].has_view_permission(request)
        ]
        sections.append({"title": title, "items": items})
    return sections


class Finding(NamedTuple):
    """A concern of the start page with the first records that it found; `all_counted`: there are just so many."""

    title: Any
    why: Any
    number: int
    all_counted: bool
    first: list[tuple[str, str, str]]
    link: str


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the start page shows beside unfold's own: figures of the portfolio, and what needs an officer's eye.

    The number of queries does not depend on the number of records, and no table is counted to its end.
    """
    today = timezone.localdate()
    concerns = {key: each for key, each in CONCERNS.items() if _may_see(each.model, request)}
    kinds = [model for model in (Programme, Budget, Observation, Source) if _may_see(model, request)]
    asked = [(each.find(today), MOST_FOUND, SHOWN) for each in concerns.values()]
    found = counted([*asked, *((kind._default_manager.all(), MOST_RECORDS, 0) for kind in kinds)])
    firsts = _first([(concern.model, each.first) for concern, each in zip(concerns.values(), found, strict=False)])
    return context | {
        "title": _("Start page"),
        "findings": [
            Finding(
                concern.title,
                concern.why,
                number(each.number, MOST_FOUND),
                each.number <= MOST_FOUND,
                [(page(concern.model, "change", record.pk), str(record), _hint(record)) for record in first],
                f"{page(concern.model, 'changelist')}?attention={key}",
            )
            for (key, concern), first, each in zip(concerns.items(), firsts, found, strict=False)
        ],
        "figures": [
            (capfirst(str(kind._meta.verbose_name_plural)), number(each.number, MOST_RECORDS), page(kind, "changelist"))
            for kind, each in zip(kinds, found[len(asked) :], strict=True)
        ],
        "can_add_programme": admin.site._registry[Programme].has_add_permission(request),
        "add_programme": page(Programme, "add"),
        "reports": reverse("admin:reports"),
    }


def _may_see(model: type[Model], request: HttpRequest) -> bool:
    return admin.site._registry[model].has_view_permission(request)


def _first(lists: list[tuple[type[Model], list[Any]]]) -> list[list[Any]]:
    """The records with the keys of each list, in one statement for each kind."""
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for model, keys in lists:
        wanted[model].update(keys)
    records = {
        model: model._default_manager.select_related(*NAMED_BY.get(model, ())).in_bulk(keys)
        for model, keys in wanted.items()
        if keys
    }
    return [[records[model][key] for key in keys] for model, keys in lists]


def _hint(record: Any) -> str:
    """What is shown small beside the name: the end of a programme."""
    return str(record.end or "") if isinstance(record, Programme) else ""
