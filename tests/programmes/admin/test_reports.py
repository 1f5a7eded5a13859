"""Reports from the admin."""

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from programmes.models import Budget
from programmes.reports.registry import REPORTS
from tests.factories import BudgetFactory
from tests.programmes.admin.pages import page


def body(response):
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_page_lists_every_report_in_every_format(browser):
    reports = browser.get(reverse("admin:reports")).context["reports"]
    assert [each["title"] for each in reports] == [report.title for report in REPORTS]
    assert reports[0]["files"] == [
        (kind.upper(), f"/admin/programmes/programme/reports/programmes.{kind}") for kind in ("csv", "xlsx", "json")
    ]


def test_every_report_is_one_click_away(browser):
    for report in browser.get(reverse("admin:reports")).context["reports"]:
        for kind, address in report["files"]:
            response = browser.get(address)
            name = address.rpartition("/")[2]
            assert [kind, response.status_code, response["Content-Disposition"]] == [
                kind,
                200,
                f'attachment; filename="{name}"',
            ]
            b"".join(response.streaming_content)


def test_report_that_does_not_exist_is_not_found(browser):
    for report, kind in (("nonsense", "csv"), ("programmes", "exe")):
        assert browser.get(reverse("admin:report", args=[report, kind])).status_code == 404


def test_report_on_chosen_rows_holds_those_rows(browser):
    chosen, _other = BudgetFactory(code="CHOSEN"), BudgetFactory(code="OTHER")
    action = {"action": "report_budget-lines_csv", "_selected_action": [chosen.pk]}
    lines = body(browser.post(page(Budget, "changelist"), action)).splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == ["CHOSEN"]


def test_report_on_all_rows_that_a_filter_leaves(browser):
    euro, _dollar = BudgetFactory(code="EURO"), BudgetFactory(code="DOLLAR", currency="USD")
    action = {"action": "report_budget-lines_csv", "_selected_action": [euro.pk], "select_across": "1"}
    lines = body(browser.post(f"{page(Budget, 'changelist')}?currency__exact=EUR", action)).splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == ["EURO"]


def test_reports_on_what_one_may_not_see_are_closed(db):
    user = User.objects.create_user("accountant", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_budget"))
    client = Client()
    client.force_login(user)
    listed = client.get(reverse("admin:reports")).context["reports"]
    assert [each["title"] for each in listed] == [report.title for report in REPORTS if report.model is Budget]
    assert client.get(reverse("admin:report", args=["programmes", "csv"])).status_code == 403
