"""Going back in the admin: a single version from the history, a programme with all that belongs to it."""

import datetime

from django.urls import reverse
from django.utils import timezone

from programmes.models import Alias, Budget, Programme
from tests.factories import AliasFactory, BudgetFactory, ProgrammeFactory
from tests.people import without
from tests.programmes.admin.pages import page


def test_version_is_restored_from_its_page(browser, officer):
    programme = ProgrammeFactory(name="Before", planned_start="2016-02")
    first = programme.history.get()
    programme.name, programme.planned_start = "After", "2017"
    programme.save()
    address = page(Programme, "simple_history", programme.pk, first.history_id)
    form = browser.get(address).context["adminform"].form
    values = {field.html_name: field.value() for field in form}
    data = {name: value for name, value in values.items() if value is not None and value is not False}
    assert browser.post(address, data).status_code == 302
    programme.refresh_from_db()
    assert [programme.name, programme.planned_start, programme.history.count()] == ["Before", "2016-02", 3]
    assert [programme.history.first().history_user, programme.history.first().history_via] == [officer, "admin"]


def an_hour_ago():
    """A programme and an alias as of an hour ago; since then renamed, without the alias, with a budget line."""
    programme = ProgrammeFactory(code="AIRCOP", name="Before")
    alias = AliasFactory(programme=programme)
    then = timezone.now() - datetime.timedelta(hours=1)
    for model in (Programme, Alias):
        model.history.update(history_date=then)
    alias.delete()
    programme.name = "After"
    programme.save()
    return programme, BudgetFactory(programme=programme, code="AIRCOP-B1")


def back_to(hours, **data):
    moment = timezone.now() - datetime.timedelta(hours=hours)
    return {"to_0": moment.date().isoformat(), "to_1": moment.time().isoformat("seconds"), "reason": "Undone"} | data


def address_for(programme):
    return reverse("admin:programmes_programme_take_back", args=[programme.pk])


def test_programme_is_taken_back_after_its_difference_is_shown(browser, officer):
    programme, _line = an_hour_ago()
    address = address_for(programme)
    assert browser.get(address).status_code == 200
    shown = browser.post(address, back_to(0.5)).context["found"]
    assert [(step.key, step.type) for step in shown.steps if step.model is not Alias] == [
        ("AIRCOP", "changed"),
        ("AIRCOP-B1", "deleted"),
    ]
    assert (Programme.objects.get().name, Alias.objects.count(), Budget.objects.count()) == ("After", 0, 1)
    assert browser.post(address, back_to(0.5, do="")).url == page(programme, "change")
    assert (Programme.objects.get().name, Alias.objects.count(), Budget.objects.count()) == ("Before", 1, 0)
    last = Programme.history.first()
    assert [last.history_user, last.history_via, last.history_change_reason] == [officer, "admin", "Undone"]


def test_programme_is_not_taken_back_where_another_record_depends_on_what_would_go(browser):
    programme, line = an_hour_ago()
    BudgetFactory(code="OTHER-B1", title="Other", same_as=line)
    response = browser.post(address_for(programme), back_to(0.5, do=""))
    assert [each.sentence for each in response.context["found"].refusals] == [
        "budget line OTHER-B1 Other depends on it."
    ]
    assert Programme.objects.get(code="AIRCOP").name == "After"


def test_programme_is_not_taken_back_to_a_moment_that_cannot_be(browser):
    programme, _line = an_hour_ago()
    codes = []
    for hours in (-1, 2):
        form = browser.post(address_for(programme), back_to(hours, do="")).context["form"]
        codes.append([error.code for error in form.errors.as_data()["to"]])
    assert codes == [["in_the_future"], ["not_there_then"]]


def test_programme_is_not_taken_back_without_the_permission_for_each_step(browser, officer):
    programme, _line = an_hour_ago()
    without(officer, "delete_budget")
    assert browser.post(address_for(programme), back_to(0.5, do="")).status_code == 403
    without(officer, "change_programme")
    assert browser.get(address_for(programme)).status_code == 403
    assert Programme.objects.get().name == "After"
