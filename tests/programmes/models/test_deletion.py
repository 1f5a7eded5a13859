"""What deleting takes along, and what it is refused for."""

import pytest
from django.db.models import ProtectedError, RestrictedError

from countries.models import Country
from programmes.models import Budget, Citation, Programme
from tests.factories import (
    AliasFactory,
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    CountryListStatementFactory,
    IndicatorFactory,
    InstrumentFactory,
    MembershipFactory,
    ObjectiveFactory,
    ObservationFactory,
    OrganisationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    PurposeCodeFactory,
    ResultFactory,
    SourceFactory,
    SuccessionFactory,
    ThemeFactory,
    TransactionFactory,
)


def in_phase(factory):
    """What refers to a phase of its own programme."""

    def make(phase):
        return factory(programme=phase.programme, phase=phase)

    return make


REFUSED = [
    (ProgrammeFactory, lambda programme: ProgrammeFactory(parent=programme)),
    (ProgrammeFactory, lambda programme: BudgetFactory(programme=programme)),
    (ProgrammeFactory, lambda programme: TransactionFactory(programme=programme)),
    (ProgrammeFactory, lambda programme: ResultFactory(programme=programme)),
    (ProgrammeFactory, lambda programme: SuccessionFactory(successor=programme)),
    (PhaseFactory, lambda phase: PhaseFactory(programme=phase.programme, follows=phase, order=phase.order + 1000)),
    (PhaseFactory, in_phase(BudgetFactory)),
    (PhaseFactory, in_phase(TransactionFactory)),
    (PhaseFactory, in_phase(ParticipationFactory)),
    (PhaseFactory, in_phase(ParticipatingOrganisationFactory)),
    (PhaseFactory, in_phase(CountryListStatementFactory)),
    (PhaseFactory, lambda phase: ObservationFactory(indicator__result__programme=phase.programme, phase=phase)),
    (BudgetFactory, lambda line: BudgetFactory(part_of=line)),
    (BudgetFactory, lambda line: BudgetFactory(same_as=line)),
    (BudgetFactory, lambda line: BudgetFactory(revises=line)),
    (BudgetFactory, lambda line: TransactionFactory(programme=line.programme, budget=line)),
    (ResultFactory, lambda result: IndicatorFactory(result=result)),
    (IndicatorFactory, lambda indicator: ObservationFactory(indicator=indicator)),
    (SourceFactory, lambda source: CitationFactory(source=source)),
    (ThemeFactory, lambda theme: ThemeFactory(parent=theme)),
    (ThemeFactory, lambda theme: ProgrammeThemeFactory(theme=theme)),
    (PurposeCodeFactory, lambda purpose: ThemeFactory(purpose_code=purpose)),
    (InstrumentFactory, lambda instrument: BudgetFactory(instrument=instrument)),
    (InstrumentFactory, lambda instrument: TransactionFactory(instrument=instrument)),
    (OrganisationFactory, lambda organisation: ParticipatingOrganisationFactory(organisation=organisation)),
    (OrganisationFactory, lambda organisation: BudgetFactory(provider=organisation)),
    (OrganisationFactory, lambda organisation: TransactionFactory(receiver=organisation)),
    (OrganisationFactory, lambda organisation: SourceFactory(publisher=organisation)),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("factory", "depend"), REFUSED)
def test_delete_what_others_depend_on_is_refused_with_what_depends(factory, depend):
    record = factory()
    dependant = depend(record)

    with pytest.raises((ProtectedError, RestrictedError)) as error:
        record.delete()

    assert set(error.value.args[1]) == {dependant}
    assert type(record).objects.filter(pk=record.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "depend",
    [
        lambda country: MembershipFactory(country=country),
        lambda country: ParticipationFactory(country=country),
        lambda country: BudgetCountryFactory(country=country),
        lambda country: TransactionFactory(country=country),
        lambda country: OrganisationFactory(country=country),
    ],
)
def test_delete_country_in_use_is_refused(depend):
    country = Country.objects.create(code="PA", alpha3="PAN", numeric="591", name_en="Panama")
    dependant = depend(country)

    with pytest.raises(ProtectedError) as error:
        country.delete()

    assert error.value.protected_objects == {dependant}


@pytest.mark.django_db
def test_delete_programme_takes_along_what_is_only_its_own():
    programme = ProgrammeFactory()
    owned = [
        AliasFactory(programme=programme),
        ObjectiveFactory(programme=programme),
        ProgrammeThemeFactory(programme=programme),
        SuccessionFactory(predecessor=programme),
        PhaseFactory(programme=programme),
        ParticipationFactory(programme=programme),
        ParticipatingOrganisationFactory(programme=programme),
        CountryListStatementFactory(programme=programme),
    ]
    citations = [CitationFactory(programme=programme), *(_cite(record) for record in owned)]
    elsewhere = CitationFactory()
    programme.delete()

    assert [record for record in owned if type(record).objects.filter(pk=record.pk).exists()] == []
    assert list(Citation.objects.all()) == [elsewhere]
    # It was there, and what it was is remembered.
    assert [record.history.filter(history_type="-").count() for record in (*owned, *citations)] == [1] * 17
    assert Programme.history.filter(code=programme.code).count() == 2


def _cite(record):
    (link,) = [link.field.name for link in record._meta.related_objects if link.related_model is Citation]
    return CitationFactory(**{link: record})


@pytest.mark.django_db
def test_delete_budget_line_takes_along_its_countries_and_citations():
    line = BudgetFactory()
    BudgetCountryFactory(budget=line)
    CitationFactory(budget=line)

    assert line.delete() == (3, {"programmes.BudgetCountry": 1, "programmes.Citation": 1, "programmes.Budget": 1})
    assert Budget.objects.count() == 0
