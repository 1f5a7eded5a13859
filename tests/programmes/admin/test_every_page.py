"""Every page of every kind of record opens for an officer, in a number of queries that the rows do not change."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from countries.models import Country, Grouping, Membership
from programmes.admin.sources import SourceAdmin
from programmes.models import (
    Alias,
    Budget,
    BudgetCountry,
    Citation,
    CountryListStatement,
    ExchangeRate,
    Indicator,
    Instrument,
    Objective,
    Observation,
    Organisation,
    ParticipatingOrganisation,
    Participation,
    Phase,
    Programme,
    ProgrammeTheme,
    PurposeCode,
    Result,
    Source,
    Succession,
    Theme,
    Transaction,
)
from tests import factories
from tests.factories import SourceFactory
from tests.programmes.admin.pages import page
from tracker.admin import pages
from tracker.admin.records import RecordAdmin

FACTORIES = {
    Country: factories.CountryFactory,
    Grouping: factories.GroupingFactory,
    Membership: factories.MembershipFactory,
    Alias: factories.AliasFactory,
    Budget: factories.BudgetFactory,
    BudgetCountry: factories.BudgetCountryFactory,
    Citation: factories.CitationFactory,
    CountryListStatement: factories.CountryListStatementFactory,
    ExchangeRate: factories.ExchangeRateFactory,
    Indicator: factories.IndicatorFactory,
    Instrument: factories.InstrumentFactory,
    Objective: factories.ObjectiveFactory,
    Observation: factories.ObservationFactory,
    Organisation: factories.OrganisationFactory,
    ParticipatingOrganisation: factories.ParticipatingOrganisationFactory,
    Participation: factories.ParticipationFactory,
    Phase: factories.PhaseFactory,
    Programme: factories.ProgrammeFactory,
    ProgrammeTheme: factories.ProgrammeThemeFactory,
    PurposeCode: factories.PurposeCodeFactory,
    Result: factories.ResultFactory,
    Source: factories.SourceFactory,
    Succession: factories.SuccessionFactory,
    Theme: factories.ThemeFactory,
    Transaction: factories.TransactionFactory,
}

every_model = pytest.mark.parametrize("model", FACTORIES, ids=lambda model: model._meta.model_name)


def statements(browser: Client, address: str) -> list[str]:
    """The queries that the page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return [each["sql"] for each in captured]


def test_every_page_of_records_is_tested():
    assert {model for model, each in admin.site._registry.items() if isinstance(each, RecordAdmin)} == set(FACTORIES)


@every_model
def test_list_and_search_take_under_ten_queries_for_any_number_of_rows_and_count_none_to_the_end(browser, model):
    FACTORIES[model]()
    for address in (page(model, "changelist"), page(model, "changelist") + "?q=e"):
        browser.get(address)
        one = statements(browser, address)
        FACTORIES[model]()
        FACTORIES[model]()
        three = statements(browser, address)
        assert len(one) == len(three) < 10
        assert [sql for sql in three if re.match(r"SELECT ([0-9], TRUE, )?COUNT", sql) and "LIMIT" not in sql] == []


def test_citations_are_listed_by_their_numbers_the_last_first(browser):
    """By index: in the order that they have within a record all of them would be sorted."""
    numbers = [factories.CitationFactory(field=field).pk for field in ("name", "acronym", "name")]
    shown = browser.get(page(Citation, "changelist")).context["cl"].result_list
    assert [each.pk for each in shown] == numbers[::-1]


def test_pages_beyond_what_is_counted_are_there(browser, monkeypatch):
    monkeypatch.setattr(pages, "MOST_COUNTED", 1)
    monkeypatch.setattr(SourceAdmin, "list_per_page", 2)
    for _ in range(7):
        SourceFactory()
    shown = {}
    for number in (1, 2, 3, 4):
        found = browser.get(page(Source, "changelist"), {"p": number}).context["cl"]
        shown[number] = (str(found.result_count), len(found.result_list), found.paginator.num_pages)
    assert shown == {1: ("3+", 2, 2), 2: ("5+", 2, 3), 3: ("7", 2, 4), 4: ("7", 1, 4)}


@every_model
def test_every_page_opens(browser, model):
    record = FACTORIES[model]()
    addresses = {
        "list": page(model, "changelist"),
        "search": page(model, "changelist") + "?q=Cohesión",
        "new": page(model, "add"),
        "form": page(record, "change"),
        "history": page(record, "history"),
        "version": page(model, "simple_history", record.pk, record.history.first().pk),
        "deletion": page(record, "delete"),
        "export": page(model, "export"),
        "import": page(model, "import"),
    }
    statuses = {view: browser.get(address).status_code for view, address in addresses.items()}
    # Citations come in with the records that they support: not all of these have codes.
    assert statuses == dict.fromkeys(addresses, 200) | ({"import": 403} if model is Citation else {})


@every_model
def test_search_boxes_find_the_linked_records(browser, model):
    for field in (field for field in model._meta.fields if field.is_relation):
        FACTORIES[field.related_model]()
        asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
        results = browser.get(reverse("admin:autocomplete"), asked).json()["results"]
        assert results == [{"id": str(each.pk), "text": str(each)} for each in field.related_model.objects.all()]


@every_model
def test_record_that_does_not_exist_is_not_an_error(browser, model):
    for key in ("nonsense", "9" * 30):
        statuses = [browser.get(page(model, view, key)).status_code for view in ("change", "history", "delete")]
        assert statuses == [302, 404, 302]


@every_model
def test_pages_are_closed_to_staff_without_permission(db, model):
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    statuses = [client.get(page(model, view)).status_code for view in ("changelist", "add", "export", "import")]
    assert statuses == [403, 403, 403, 403]


@every_model
def test_pages_send_who_is_not_staff_to_sign_in(db, model):
    client = Client()
    client.force_login(User.objects.create_user("visitor"))
    address = page(model, "changelist")
    assert client.get(address)["Location"] == f"{reverse('admin:login')}?next={address}"


def test_what_is_unknown_comes_last_in_either_direction(browser):
    amounts = (None, "5.00", "70.00")
    for amount in amounts:
        reason = {} if amount else {"amount_null_reason": "undisclosed"}
        factories.BudgetFactory(amount=amount, **reason)
    column = admin.site._registry[Budget].list_display.index("amount_in_words") + 1
    shown = {}
    for direction in ("", "-"):
        found = browser.get(page(Budget, "changelist"), {"o": f"{direction}{column}"}).context["cl"].result_list
        shown[direction] = [str(each.amount) for each in found]
    assert shown == {"": ["5.00", "70.00", "None"], "-": ["70.00", "5.00", "None"]}


def test_each_page_goes_on_where_the_one_before_ends_also_among_what_is_unknown(browser, monkeypatch):
    monkeypatch.setattr(admin.site._registry[Budget], "list_per_page", 2)
    for amount in (None, 5, 70, None, 6, None, 8):
        factories.BudgetFactory(amount=amount, amount_null_reason="" if amount else "undisclosed")
    column = admin.site._registry[Budget].list_display.index("amount_in_words") + 1
    shown = {}
    for direction in ("", "-"):
        pages = [{"o": f"{direction}{column}", "p": number} for number in (1, 2, 3, 4)]
        found = [browser.get(page(Budget, "changelist"), each).context["cl"].result_list for each in pages]
        shown[direction] = [[each.amount and int(each.amount) for each in rows] for rows in found]
    assert shown == {
        "": [[5, 6], [8, 70], [None, None], [None]],
        "-": [[70, 8], [6, 5], [None, None], [None]],
    }


def test_each_page_of_what_is_searched_goes_on_where_the_one_before_ends(browser, monkeypatch):
    monkeypatch.setattr(admin.site._registry[Budget], "list_per_page", 2)
    named = factories.ProgrammeFactory(name="Justicia y seguridad")
    for code, title in (("A", "Formación"), ("B", "Justicia"), ("C", "Formación"), ("D", "Equipos")):
        factories.BudgetFactory(code=code, title=title, **({"programme": named} if code in "AD" else {}))
    pages = [{"q": "JUSTICIA", "p": number} for number in (1, 2)]
    found = [browser.get(page(Budget, "changelist"), each).context["cl"] for each in pages]
    assert sorted(each.code for list_ in found for each in list_.result_list) == ["A", "B", "D"]
    assert [(len(list_.result_list), list_.result_count) for list_ in found] == [(2, 3), (1, 3)]
