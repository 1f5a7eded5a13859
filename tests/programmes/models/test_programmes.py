"""Programmes: where they belong, in which countries, and what their dates say."""

import datetime

import pytest

from countries.models import Country
from programmes.models import Programme
from tests.factories import (
    CountryFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    ProgrammeFactory,
    SuccessionFactory,
)
from tests.programmes.models.errors import errors_of
from tracker.partial_dates import PartialDate


def codes(programmes):
    return list(programmes.order_by("code").values_list("code", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"code": ""}, {"code": ["blank"]}),
        ({"name": ""}, {"name": ["blank"]}),
        ({"name": "x" * 251}, {"name": ["max_length"]}),
        ({"name": "a\0b"}, {"name": ["null_characters_not_allowed"]}),
        ({"kind": "party"}, {"kind": ["invalid_choice"]}),
        ({"status": "9"}, {"status": ["invalid_choice"]}),
        ({"coverage": "global"}, {"coverage": ["invalid_choice"]}),
        ({"parent_basis": "guessed"}, {"parent_basis": ["invalid_choice"]}),
        ({"components_stated": -1}, {"components_stated": ["min_value"]}),
    ],
)
def test_programme_invalid_field_is_refused(changes, errors):
    assert errors_of(ProgrammeFactory(), **changes) == errors


@pytest.mark.django_db
def test_programme_code_taken_is_refused():
    taken = ProgrammeFactory().code

    assert errors_of(ProgrammeFactory(), code=taken) == {"code": ["unique"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ({"announced": "2015"}, None, None),
        ({"planned_start": "2016", "planned_end": "2019"}, "2016", "2019"),
        ({"planned_start": "2016", "actual_start": "2016-05"}, "2016-05", None),
        ({"planned_end": "2019", "revised_end": "2020"}, None, "2020"),
        ({"planned_end": "2019", "revised_end": "2020", "actual_end": "2021-03"}, None, "2021-03"),
    ],
)
def test_programme_start_and_end_are_the_best_known(dates, start, end):
    programme = ProgrammeFactory(**dates)

    assert (programme.start, programme.end) == (start, end)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "until"), [("2", "2016-08"), ("1", None), ("4", None), ("5", None), ("6", None), ("", None)]
)
def test_programme_known_active_until_the_date_of_its_status(status, until):
    programme = ProgrammeFactory(status=status, status_as_of="2016-08" if status else None)

    assert programme.known_active_until == until


@pytest.mark.django_db
def test_active_in_three_answers_and_no_programme_twice():
    ProgrammeFactory(code="YES", actual_start="2015", planned_end="2017")
    ProgrammeFactory(code="NO", actual_start="2017")
    ProgrammeFactory(code="PERHAPS", actual_start="2015")
    ProgrammeFactory(code="RUNNING", status="2", status_as_of="2016-08")
    ProgrammeFactory(code="ANNOUNCED", announced="2016")
    period = PartialDate("2016")
    programmes = Programme.objects

    assert codes(programmes.active_in(period)) == ["RUNNING", "YES"]
    assert codes(programmes.perhaps_active_in(period)) == ["ANNOUNCED", "PERHAPS"]
    assert {each.code: each.active for each in programmes.with_active_in(period)} == {
        "YES": "yes",
        "RUNNING": "yes",
        "NO": "no",
        "PERHAPS": "undetermined",
        "ANNOUNCED": "undetermined",
    }


@pytest.mark.django_db
def test_ending_between_only_ends_that_lie_wholly_within():
    for end in ("2016", "2016-02", "2016-03", "2016-02-29", "2016-03-01", "2016-04-30", "2016-05-01", "2017"):
        ProgrammeFactory(code=f"E{end}", planned_end=end)
    ProgrammeFactory(code="OPEN")

    ending = Programme.objects.ending_between(datetime.date(2016, 3, 1), datetime.date(2016, 4, 30))
    assert codes(ending) == ["E2016-03", "E2016-03-01", "E2016-04-30"]


@pytest.mark.django_db
def test_under_umbrella_itself_and_all_below():
    umbrella = ProgrammeFactory(code="CRP")
    aircop = ProgrammeFactory(code="AIRCOP", parent=umbrella)
    ProgrammeFactory(code="AIRCOP-LAC", parent=aircop)
    ProgrammeFactory(code="COPOLAD")

    assert codes(Programme.objects.under(Programme.objects.filter(code="CRP"))) == ["AIRCOP", "AIRCOP-LAC", "CRP"]
    assert codes(Programme.objects.exclude(code="AIRCOP").under(Programme.objects.filter(code="CRP"))) == [
        "AIRCOP-LAC",
        "CRP",
    ]


@pytest.mark.django_db
def test_in_countries_with_the_status_asked_for():
    panama, bolivia = CountryFactory(code="PA"), CountryFactory(code="BO")
    both = ProgrammeFactory(code="BOTH")
    ParticipationFactory(programme=both, country=panama)
    ParticipationFactory(programme=both, country=panama, start="2016")
    ParticipationFactory(programme=both, country=bolivia, status="expected")
    ParticipationFactory(programme__code="EXPECTS", country=bolivia, status="expected")
    ParticipationFactory(programme__code="HAD", country=bolivia, status="former")

    def found(code, *status):
        return codes(Programme.objects.in_countries(Country.objects.filter(code=code), *status))

    assert (found("PA"), found("BO"), found("BO", "expected"), found("BO", "former"), found("ZZ")) == (
        ["BOTH"],
        [],
        ["BOTH", "EXPECTS"],
        ["HAD"],
        [],
    )


@pytest.mark.django_db
def test_with_implementer_another_role_is_not_one():
    ParticipatingOrganisationFactory(programme__code="IMPLEMENTED", role="4")
    ParticipatingOrganisationFactory(programme__code="FUNDED", role="1")
    ParticipatingOrganisationFactory(programme__code="GRANTED", role="", local_role="grantee")
    ProgrammeFactory(code="BARE")

    assert codes(Programme.objects.with_implementer()) == ["IMPLEMENTED"]
    assert codes(Programme.objects.with_implementer(stated=False)) == ["BARE", "FUNDED", "GRANTED"]


@pytest.mark.django_db
def test_programme_named_by_acronym_or_name():
    assert [str(ProgrammeFactory(acronym=acronym, name="Name")) for acronym in ("ACR", "")] == ["ACR", "Name"]


@pytest.mark.django_db
def test_succession_names_a_record_or_only_a_name():
    named = SuccessionFactory(predecessor__acronym="AMERIPOL-EU", successor=None, successor_name="EL PAcCTO")

    assert str(named) == "AMERIPOL-EU → EL PAcCTO"
