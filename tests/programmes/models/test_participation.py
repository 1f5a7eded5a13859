"""Countries of a programme: in which period they took part, and what is said of the list as a whole."""

import pytest

from programmes.models import Participation
from tests.factories import CountryFactory, CountryListStatementFactory, ParticipationFactory, PhaseFactory
from tests.programmes.models.errors import errors_of
from tracker.partial_dates import PartialDate


def countries(participations):
    return sorted(participations.values_list("country", flat=True))


@pytest.mark.django_db
def test_participation_again_for_another_phase_role_or_time_is_taken():
    phase = PhaseFactory()
    one = {"programme": phase.programme, "country": CountryFactory()}
    ParticipationFactory(**one)
    for other in ({"phase": phase}, {"role": "host"}, {"start": "2016"}):
        ParticipationFactory(**one, **other)

    assert Participation.objects.count() == 4
    assert errors_of(ParticipationFactory.build(**one, status="former")) == {"country": ["not_unique"]}


@pytest.mark.django_db
def test_in_period_no_end_means_still_and_no_start_unknown():
    for code, start, end in (
        ("XA", "2014", None),
        ("XB", None, None),
        ("XC", "2014", "2015"),
        ("XD", None, "2016-03"),
        ("XE", "2016-06", None),
        ("XF", "2017", None),
    ):
        ParticipationFactory(country__code=code, start=start, end=end)
    conditions = Participation.objects.holding(PartialDate("2016"))

    assert countries(Participation.objects.in_period(PartialDate("2016"))) == ["XA", "XD", "XE"]
    assert countries(Participation.objects.filter(conditions.no)) == ["XC", "XF"]
    assert countries(Participation.objects.filter(conditions.undetermined)) == ["XB"]


@pytest.mark.django_db
def test_participating_neither_expected_nor_former():
    for code, status in (("XA", "participating"), ("XB", "expected"), ("XC", "former")):
        ParticipationFactory(country__code=code, status=status)

    assert countries(Participation.objects.participating()) == ["XA"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"text": "not exclusively"},
        {"exclusive": False},
        {"exclusive": True},
        {"countries_stated": 40, "exactness": "at_least"},
        {"countries_stated": 0},
        {"unnamed": 11},
        {"countries_stated": 11, "unnamed": 11},
    ],
)
def test_country_list_statement_that_says_something_is_taken(said):
    assert (
        errors_of(CountryListStatementFactory.build(programme=PhaseFactory().programme, **({"text": ""} | said))) == {}
    )


@pytest.mark.django_db
def test_country_list_statement_that_says_nothing_is_refused():
    assert errors_of(CountryListStatementFactory(), text="") == {"text": ["required"]}
    assert errors_of(CountryListStatementFactory(), text="", countries_stated=-1) == {"countries_stated": ["min_value"]}
