"""Two officers save the same page: the second is shown both versions, and loses nothing."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from programmes.models import Alias, Programme
from tests import factories
from tests.programmes.admin.pages import added, data_of, errors_in, page
from tracker.admin.versions import Difference

pytestmark = pytest.mark.django_db
STALE = "Someone else has saved this page since you opened it. Nothing of yours is stored yet."


def test_second_of_two_is_shown_both_versions_and_can_save_knowingly(browser: Client) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="Airports")
    alias = factories.AliasFactory(programme=programme, name="Old")
    address = page(programme, "change")
    opened = data_of(browser.get(address))
    # Meanwhile another officer:
    programme.refresh_from_db()
    programme._history_user = User.objects.create_user("ana")
    programme.name, alias.name = "Airports, by Ana", "By Ana"
    programme.save()
    alias.save()
    response = browser.post(address, opened | {"name": "Airports, by me", "acronym": "AC"})
    assert response.status_code == 200
    assert errors_in(response)["__all__"] == [STALE]
    assert list(response.context["differences"]) == [
        Difference("Acronym", "AC", "–"),
        Difference("Name", "Airports, by me", "Airports, by Ana"),
    ]
    told = response.context["meanwhile"]
    assert [(each["user"], each["what"], each["fields"]) for each in told] == [
        ("–", f"Alias {alias.pk}: changed", [{"name": "Name", "old": "Old", "new": "By Ana"}]),
        ("ana", "Programme AIRCOP: changed", [{"name": "Name", "old": "Airports", "new": "Airports, by Ana"}]),
    ]
    assert "By Ana" in response.content.decode()
    assert (Programme.objects.get().name, Alias.objects.get().name) == ("Airports, by Ana", "By Ana")
    # Nothing typed is lost, and saving again puts it over what was shown.
    again = data_of(response)
    assert again["name"] == "Airports, by me"
    assert browser.post(address, again).status_code == 302
    assert (Programme.objects.get().name, Programme.objects.get().acronym) == ("Airports, by me", "AC")


def test_second_of_two_in_a_section_is_shown_the_rows_that_differ(browser: Client) -> None:
    alias = factories.AliasFactory(name="Old")
    address = page(alias.programme, "change", section="names")
    opened = data_of(browser.get(address))
    alias.name = "By Ana"
    alias.save()
    response = browser.post(address, added(opened | {"aliases-0-name": "By me"}, "aliases", name="Mine too"))
    assert errors_in(response)["__all__"] == [STALE]
    assert list(response.context["differences"]) == [Difference("Alias By me: Name", "By me", "By Ana")]
    again = data_of(response)
    assert again["aliases-1-name"] == "Mine too"
    assert browser.post(address, again).status_code == 302
    assert list(Alias.objects.values_list("name", flat=True)) == ["By me", "Mine too"]


def test_change_of_a_part_alone_is_one_of_the_page(browser: Client) -> None:
    programme = factories.ProgrammeFactory()
    address = page(programme, "change")
    opened = data_of(browser.get(address))
    phase = factories.PhaseFactory(programme=programme, label="I")
    response = browser.post(address, opened)
    assert [each["what"] for each in response.context["meanwhile"]] == [f"Phase {phase.code}: created"]
    assert response.context["differences"] == []


@pytest.mark.parametrize("sent", ["", "1", "nonsense@never", "0@2016-01-01T00:00:00Z"])
def test_page_that_does_not_say_what_was_seen_is_not_saved(browser: Client, sent: str) -> None:
    theme = factories.ThemeFactory(name_en="Old")
    data = data_of(browser.get(page(theme, "change"))) | {"name_en": "New", "seen_version": sent}
    response = browser.post(page(theme, "change"), data)
    assert response.status_code == (302 if sent == "1" else 200)


def test_deleting_several_parts_renews_their_programmes(browser: Client) -> None:
    aliases = [factories.AliasFactory() for _ in "ab"]
    keys = [alias.pk for alias in aliases]
    data = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    assert browser.post(page(Alias, "changelist"), data).status_code == 302
    assert list(Programme.objects.values_list("version", flat=True)) == [3, 3]
