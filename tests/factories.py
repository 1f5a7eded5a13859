"""One factory per model: the least that makes a valid record; `create` validates as the system's faces do.

Codes and names with numbers sort as they were made.
"""

import datetime
from decimal import Decimal
from typing import Any, TypeVar

import factory
from factory.django import DjangoModelFactory

from countries.models import Country, Grouping, Membership
from programmes.codelists import OrganisationRole, TransactionType
from programmes.models import (
    CITABLE,
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

T = TypeVar("T")

# ISO 3166-1 leaves these to its users, so no test that names a real country meets them. Not XA to XG and XX, which
# tests name; not XK, which the world uses for Kosovo.
USER_CODES = [f"X{letter}" for letter in "HIJLMNOPQRSTUVWYZ"] + [f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"]


class RecordFactory(DjangoModelFactory[T]):
    """Creates a record that has passed `full_clean`; blank codes are derived by it."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        record = model_class(*args, **kwargs)
        record.full_clean()
        record.save()
        return record


# Countries


class CountryFactory(RecordFactory[Country]):
    class Meta:
        model = Country

    code = factory.Sequence(lambda n: USER_CODES[n % len(USER_CODES)])
    alpha3 = factory.LazyAttribute(lambda country: f"{country.code}Z")
    numeric = factory.Sequence(lambda n: str(900 + n % 100))
    name_en = factory.LazyAttribute(lambda country: f"Country {country.code}")


class GroupingFactory(RecordFactory[Grouping]):
    class Meta:
        model = Grouping

    code = factory.Sequence(lambda n: f"G{n:05}")
    name_en = factory.LazyAttribute(lambda grouping: f"Grouping {grouping.code}")
    kind = Grouping.Kind.ORGANISATION


class MembershipFactory(RecordFactory[Membership]):
    class Meta:
        model = Membership

    grouping = factory.SubFactory(GroupingFactory)
    country = factory.SubFactory(CountryFactory)


# Programmes


class PurposeCodeFactory(RecordFactory[PurposeCode]):
    class Meta:
        model = PurposeCode

    code = factory.Sequence(lambda n: str(90_000 + n % 10_000))
    category = factory.LazyAttribute(lambda purpose: purpose.code[:3])
    name_en = factory.LazyAttribute(lambda purpose: f"Purpose {purpose.code}")


class ThemeFactory(RecordFactory[Theme]):
    class Meta:
        model = Theme

    code = factory.Sequence(lambda n: f"THEME-{n:05}")
    name_en = factory.LazyAttribute(lambda theme: f"Theme {theme.code}")


class ProgrammeFactory(RecordFactory[Programme]):
    class Meta:
        model = Programme

    publication = "published"
    code = factory.Sequence(lambda n: f"P{n:05}")
    name = factory.LazyAttribute(lambda programme: f"Programme {programme.code}")


class AliasFactory(RecordFactory[Alias]):
    class Meta:
        model = Alias

    programme = factory.SubFactory(ProgrammeFactory)
    name = factory.Sequence(lambda n: f"Alias {n:05}")


class ObjectiveFactory(RecordFactory[Objective]):
    class Meta:
        model = Objective

    programme = factory.SubFactory(ProgrammeFactory)
    order = factory.Sequence(lambda n: n + 1)
    text = factory.LazyAttribute(lambda objective: f"Objective {objective.order}")


class ProgrammeThemeFactory(RecordFactory[ProgrammeTheme]):
    class Meta:
        model = ProgrammeTheme

    programme = factory.SubFactory(ProgrammeFactory)
    theme = factory.SubFactory(ThemeFactory)


class SuccessionFactory(RecordFactory[Succession]):
    class Meta:
        model = Succession

    predecessor = factory.SubFactory(ProgrammeFactory)
    successor = factory.SubFactory(ProgrammeFactory)


class PhaseFactory(RecordFactory[Phase]):
    class Meta:
        model = Phase

    programme = factory.SubFactory(ProgrammeFactory)
    order = factory.Sequence(lambda n: n + 1)
    label = factory.LazyAttribute(lambda phase: str(phase.order))


# Countries and organisations of programmes


class ParticipationFactory(RecordFactory[Participation]):
    class Meta:
        model = Participation

    programme = factory.SubFactory(ProgrammeFactory)
    country = factory.SubFactory(CountryFactory)


class CountryListStatementFactory(RecordFactory[CountryListStatement]):
    class Meta:
        model = CountryListStatement

    programme = factory.SubFactory(ProgrammeFactory)
    order = factory.Sequence(lambda n: n + 1)
    text = "over 40 countries"


class OrganisationFactory(RecordFactory[Organisation]):
    class Meta:
        model = Organisation

    code = factory.Sequence(lambda n: f"ORG-{n:05}")
    name = factory.LazyAttribute(lambda organisation: f"Organisation {organisation.code}")


class InstrumentFactory(RecordFactory[Instrument]):
    class Meta:
        model = Instrument

    code = factory.Sequence(lambda n: f"INSTRUMENT-{n:05}")
    name_en = factory.LazyAttribute(lambda instrument: f"Instrument {instrument.code}")


class ParticipatingOrganisationFactory(RecordFactory[ParticipatingOrganisation]):
    class Meta:
        model = ParticipatingOrganisation

    programme = factory.SubFactory(ProgrammeFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = OrganisationRole.IMPLEMENTING


# Money


class BudgetFactory(RecordFactory[Budget]):
    class Meta:
        model = Budget

    programme = factory.SubFactory(ProgrammeFactory)
    title = "Budget"
    # No amount where a reason for its absence is given.
    amount = factory.LazyAttribute(lambda line: None if line.amount_null_reason else Decimal("100.00"))
    amount_null_reason = ""


class BudgetCountryFactory(RecordFactory[BudgetCountry]):
    class Meta:
        model = BudgetCountry

    budget = factory.SubFactory(BudgetFactory)
    country = factory.SubFactory(CountryFactory)


class TransactionFactory(RecordFactory[Transaction]):
    class Meta:
        model = Transaction

    programme = factory.SubFactory(ProgrammeFactory)
    type = TransactionType.DISBURSEMENT
    date = "2016-02-15"
    amount = factory.LazyAttribute(lambda line: None if line.amount_null_reason else Decimal("100.00"))
    amount_null_reason = ""


class ExchangeRateFactory(RecordFactory[ExchangeRate]):
    class Meta:
        model = ExchangeRate

    currency = "PEN"
    day = factory.Sequence(lambda n: datetime.date(2016, 1, 1) + datetime.timedelta(days=n))
    per_euro = Decimal("3.75")
    source = "Banco Central de Reserva del Perú"


# Results


class ResultFactory(RecordFactory[Result]):
    class Meta:
        model = Result

    programme = factory.SubFactory(ProgrammeFactory)
    title = "Result"


class IndicatorFactory(RecordFactory[Indicator]):
    class Meta:
        model = Indicator

    result = factory.SubFactory(ResultFactory)
    title = "Indicator"
    unit = "persons trained"


class ObservationFactory(RecordFactory[Observation]):
    class Meta:
        model = Observation

    indicator = factory.SubFactory(IndicatorFactory)
    value = factory.LazyAttribute(lambda it: None if it.value_null_reason else Decimal(5))
    value_null_reason = ""
    as_of = "2017-03"


# Sources


class SourceFactory(RecordFactory[Source]):
    class Meta:
        model = Source

    code = factory.Sequence(lambda n: f"SOURCE-{n:05}")
    title = factory.LazyAttribute(lambda source: f"Source {source.code}")


class CitationFactory(RecordFactory[Citation]):
    """Cites a programme of its own, unless a record to cite is given: CitationFactory(budget=line)."""

    class Meta:
        model = Citation

    source = factory.SubFactory(SourceFactory)
    place = "line 1"

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        return kwargs if kwargs.keys() & CITABLE.keys() else {**kwargs, "programme": ProgrammeFactory()}
