"""Citations: one record, a field that it has, and of values that disagree one that is preferred."""

from decimal import Decimal

import pytest

from programmes.models import CITABLE, Citation
from tests import factories
from tests.factories import BudgetFactory, CitationFactory, PhaseFactory, ProgrammeFactory, SourceFactory
from tests.programmes.models.errors import errors_of, message_of


@pytest.fixture
def line(db):
    return BudgetFactory(amount=Decimal("50.00"), period_start="2014")


@pytest.mark.django_db
@pytest.mark.parametrize("name", CITABLE)
def test_citation_of_every_citable_kind_finds_its_record(name):
    record = getattr(factories, f"{CITABLE[name].__name__}Factory")()
    citation = CitationFactory(**{name: record})

    assert (Citation.objects.get(pk=citation.pk).cited, list(record.citations.all())) == (record, [citation])


def test_citation_of_two_records_is_refused(line):
    assert errors_of(CitationFactory(budget=line), phase=PhaseFactory()) == {"__all__": ["citation_of_one_record"]}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        # Of the whole record, or of one field.
        ({}, {}),
        ({"field": "amount"}, {}),
        ({"field": "amount", "value": "50.00"}, {}),
        ({"field": "amount", "value": "50"}, {}),
        ({"field": "period_start", "value": "2014"}, {}),
        ({"field": "amunt"}, {"field": ["unknown_field"]}),
        ({"field": "citations"}, {"field": ["unknown_field"]}),
        ({"field": "countries"}, {"field": ["unknown_field"]}),
        ({"field": "id"}, {"field": ["unknown_field"]}),
        ({"field": "search_key"}, {"field": ["unknown_field"]}),
        # A value needs a field, and is of its kind.
        ({"value": "50.00"}, {"field": ["required"]}),
        ({"field": "amount", "value": "fifty", "preferred": False}, {"value": ["invalid"]}),
        ({"field": "period_start", "value": "2016-13", "preferred": False}, {"value": ["invalid_partial_date"]}),
        ({"field": "amount", "value": "NaN", "preferred": False}, {"value": ["invalid"]}),
        ({"field": "status", "value": "9", "preferred": False}, {"value": ["invalid_choice"]}),
        ({"field": "phase", "value": "0", "preferred": False}, {"value": ["invalid"]}),
        # The preferred value is the record's, another is not.
        ({"field": "amount", "value": "60.00"}, {"value": ["differs_from_record"]}),
        ({"field": "amount", "value": "60.00", "preferred": False}, {}),
        ({"field": "amount", "value": "60.00", "preferred": False, "exactness": "about"}, {}),
        ({"field": "period_start", "value": "2015"}, {"value": ["differs_from_record"]}),
        # Lengths: a place, a line.
        ({"place": "x" * 61}, {"place": ["max_length"]}),
        ({"quote": "x" * 201}, {"quote": ["max_length"]}),
        ({"as_of": "soon"}, {"as_of": ["invalid_partial_date"]}),
    ],
)
def test_citation_of_a_field_and_its_value(line, changes, errors):
    assert errors_of(CitationFactory(budget=line), **changes) == errors


def test_citation_unknown_field_is_told_what_is_known(line):
    citation = CitationFactory(phase=PhaseFactory())
    citation.field = "begin"

    assert message_of(citation, "field") == (
        "“begin” is not a field of it. Known: actual_end, actual_start, announced, code, description, follows,"
        " label, name, order, planned_end, planned_start, programme, revised_end, status, status_as_of."
    )


def test_citation_that_differs_is_told_what_the_record_says(line):
    citation = CitationFactory(budget=line, field="amount")

    assert message_of(citation, "value", value="60.00") == (
        "The record says 50.00. Change it, or prefer another source."
    )


def test_citation_second_preferred_value_is_refused(line):
    first = CitationFactory(budget=line, field="amount", value="50.00", source__code="A", place="line 1")
    line.amount = Decimal("60.00")
    line.save()
    second = CitationFactory.build(source=SourceFactory(), budget=line, field="amount", value="60.00")

    assert errors_of(second) == {"preferred": ["second_preferred"]}
    assert message_of(second, "preferred") == "A, line 1 is preferred already for this field."
    first.preferred = False
    first.save()
    assert errors_of(second) == {}


def test_citation_sources_that_agree_are_all_preferred(line):
    for value in ("50.00", "50.00", ""):
        CitationFactory(budget=line, field="amount", value=value)
    CitationFactory(budget=line, field="amount", value="60.00", preferred=False)

    assert Citation.objects.filter(preferred=True).count() == 3


def test_competing_only_those_with_another_value(line):
    other = CitationFactory(budget=line, field="amount", value="60.00", preferred=False)
    CitationFactory(budget=line, field="amount", preferred=False)
    CitationFactory(budget=line, field="amount", value="50.00")

    assert list(Citation.objects.competing()) == [other]


@pytest.mark.django_db
def test_citation_named_by_source_and_place():
    assert [str(CitationFactory(source__code=code, place=place)) for code, place in (("A", "line 122"), ("B", ""))] == [
        "A, line 122",
        "B",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["javascript:alert(1)", "not a link", "https://"])
def test_source_link_invalid_is_refused(url):
    assert errors_of(SourceFactory(), url=url) == {"url": ["invalid"]}


@pytest.mark.django_db
def test_citation_of_a_relation_by_its_key():
    umbrella = ProgrammeFactory()
    programme = ProgrammeFactory(parent=umbrella)

    assert errors_of(CitationFactory(programme=programme), field="parent", value=str(umbrella.pk)) == {}
