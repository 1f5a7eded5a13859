"""The start page and the sidebar."""

import datetime

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from programmes.admin import start
from programmes.analysis.attention import CONCERNS
from programmes.models import Budget, Programme
from tests.factories import (
    BudgetFactory,
    CitationFactory,
    IndicatorFactory,
    ObservationFactory,
    ProgrammeFactory,
    TransactionFactory,
)
from tests.programmes.admin.pages import page

START = reverse("admin:index")


def test_start_page_shows_each_concern_with_its_records(browser):
    soon = (timezone.localdate() + datetime.timedelta(days=30)).isoformat()
    ending, overdue = ProgrammeFactory(planned_end=soon), ProgrammeFactory(planned_end="2001")
    cited = BudgetFactory(programme=overdue, amount_null_reason="not_stated")
    CitationFactory(budget=cited)
    uncited = BudgetFactory(programme=overdue)
    observation = ObservationFactory(as_of="2001", indicator__result__programme=overdue)
    transaction = TransactionFactory(programme=overdue, amount_null_reason="not_stated")
    findings = browser.get(START).context["findings"]
    assert [(each.title, each.number, each.first) for each in findings] == [
        (CONCERNS[key].title, 1, [(page(record, "change"), str(record), hint)])
        for key, record, hint in (
            ("ending", ending, soon),
            ("overdue", overdue, "2001"),
            ("budget-no-source", uncited, ""),
            ("observation-no-source", observation, ""),
            ("budget-not-stated", cited, ""),
            ("transaction-not-stated", transaction, ""),
            ("indicator-not-observed", observation.indicator, ""),
        )
    ]


def test_start_page_shows_the_first_ten_and_leads_to_all(browser):
    for _ in range(12):
        BudgetFactory()
    finding = next(each for each in browser.get(START).context["findings"] if each.link.endswith("budget-no-source"))
    assert [finding.number, len(finding.first)] == [12, 10]
    assert browser.get(finding.link).context["cl"].result_count == 12


def test_every_concern_leads_to_a_list_of_the_same_records(browser):
    IndicatorFactory()
    ProgrammeFactory(planned_end="2001")
    for finding in browser.get(START).context["findings"]:
        assert browser.get(finding.link).context["cl"].result_count == finding.number


def test_start_page_takes_nine_queries_for_any_number_of_records(browser):
    def add():
        BudgetFactory(programme=ProgrammeFactory(planned_end="2001"), amount_null_reason="not_stated")
        ObservationFactory(as_of="2001")
        TransactionFactory(amount_null_reason="not_stated")

    browser.get(START)
    for _ in range(3):
        add()
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(START).status_code == 200
        assert len(captured) == 9


def test_start_page_counts_no_further_than_it_says(browser, monkeypatch):
    monkeypatch.setattr(start, "MOST_FOUND", 2)
    monkeypatch.setattr(start, "MOST_RECORDS", 2)
    for _ in range(3):
        BudgetFactory()
    context = browser.get(START).context
    assert [str(number) for _label, number, _link in context["figures"]] == ["2+", "2+", "0", "0"]
    found = {each.link.rpartition("=")[2]: (str(each.number), each.all_counted) for each in context["findings"]}
    assert (found["budget-no-source"], found["overdue"]) == (("2+", False), ("0", True))


def test_figures_count_the_portfolio(browser):
    BudgetFactory()
    assert browser.get(START).context["figures"] == [
        ("Programmes", 1, page(Programme, "changelist")),
        ("Budget lines", 1, page(Budget, "changelist")),
        ("Observations", 0, "/admin/programmes/observation/"),
        ("Sources", 0, "/admin/programmes/source/"),
    ]


def test_what_one_may_not_see_is_neither_on_the_start_page_nor_in_the_sidebar(db):
    user = User.objects.create_user("accountant", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_budget"))
    client = Client()
    client.force_login(user)
    context = client.get(START).context
    assert [each.title for each in context["findings"]] == [
        CONCERNS[key].title for key in ("budget-no-source", "budget-not-stated")
    ]
    assert [label for label, _count, _link in context["figures"]] == ["Budget lines"]
    assert context["can_add_programme"] is False
    items = [str(item["title"]) for section in context["sidebar_navigation"] for item in section["items"]]
    assert items == ["Start page", "Reports", "Budget lines"]


def test_sidebar_marks_the_page_that_is_open(browser):
    def marked(address):
        sections = browser.get(address).context["sidebar_navigation"]
        return [str(item["title"]) for section in sections for item in section["items"] if item["active"]]

    assert marked(START) == ["Start page"]
    assert marked(page(Programme, "changelist")) == ["Programmes"]
    assert marked(reverse("admin:reports")) == ["Reports"]
    assert marked(page(ProgrammeFactory(), "change")) == ["Programmes"]


def test_nothing_is_fetched_from_elsewhere(browser):
    html = browser.get(START).content.decode()
    assert [part for part in ("http://", "https://", 'src="//') if part in html] == []
