"""Every constraint by name: what breaks it is refused by validation, beside the right field, and by the database."""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, connection, models, transaction

from tests import factories as make
from tests.programmes.models.errors import errors_of

SELF = object()  # stands for the record's own key
THEME = 1_000_000


class Breach(NamedTuple):
    """A valid record, the changes that break one constraint, and the errors that they give."""

    record: Callable[[], models.Model]
    changes: dict[str, Any]
    errors: dict[str, list[str | None]]


def second(factory: Any, first: dict[str, Any], other: dict[str, Any], **shared: Any) -> Callable[[], models.Model]:
    """A record beside another one of the same owner."""

    def record() -> models.Model:
        owners = {name: owner() for name, owner in shared.items()}
        factory(**owners, **first)
        return factory(**owners, **other)

    return record


def life(prefix: str, factory: Any) -> dict[str, Breach]:
    """What the life of a programme and that of a phase have in common."""
    return {
        f"{prefix}_planned_dates_in_order": Breach(
            factory, {"planned_start": "2016-02", "planned_end": "2016-01"}, {"planned_end": ["before_start"]}
        ),
        f"{prefix}_actual_dates_in_order": Breach(
            factory, {"actual_start": "2016-02-15", "actual_end": "2016-02-14"}, {"actual_end": ["before_start"]}
        ),
        f"{prefix}_planned_end_after_start": Breach(
            factory, {"actual_start": "2016-02", "planned_end": "2015"}, {"planned_end": ["before_start"]}
        ),
        f"{prefix}_revised_end_after_start": Breach(
            factory, {"actual_start": "2016", "revised_end": "2015-12-31"}, {"revised_end": ["before_start"]}
        ),
        f"{prefix}_status_of_a_date_is_stated": Breach(factory, {"status_as_of": "2016"}, {"status": ["required"]}),
    }


BREACHES = {
    **life("programme", make.ProgrammeFactory),
    **life("phase", make.PhaseFactory),
    "phase_label_once": Breach(
        second(make.PhaseFactory, {"label": "I"}, {"label": "II"}, programme=make.ProgrammeFactory),
        {"label": "I"},
        {"label": ["not_unique"]},
    ),
    "phase_order_once": Breach(
        second(make.PhaseFactory, {"order": 1}, {"order": 2}, programme=make.ProgrammeFactory),
        {"order": 1},
        {"order": ["not_unique"]},
    ),
    "alias_once": Breach(
        second(make.AliasFactory, {"name": "PAcCTO"}, {"name": "PACTO"}, programme=make.ProgrammeFactory),
        {"name": "PAcCTO"},
        {"name": ["not_unique"]},
    ),
    "objective_once_per_place": Breach(
        second(make.ObjectiveFactory, {"order": 1}, {"order": 2}, programme=make.ProgrammeFactory),
        {"order": 1},
        {"order": ["not_unique"]},
    ),
    "programme_theme_once": Breach(
        second(
            lambda programme, **theme: make.ProgrammeThemeFactory(programme=programme, **theme),
            {"theme__pk": THEME},
            {},
            programme=make.ProgrammeFactory,
        ),
        {"theme_id": THEME},
        {"theme": ["not_unique"]},
    ),
    "programme_theme_percentage_in_range": Breach(
        make.ProgrammeThemeFactory, {"percentage": "100.0001"}, {"percentage": ["out_of_range"]}
    ),
    "succession_names_a_successor": Breach(make.SuccessionFactory, {"successor_id": None}, {"successor": ["required"]}),
    "succession_once": Breach(
        second(
            make.SuccessionFactory,
            {"successor": None, "successor_name": "Another"},
            {"successor": None, "successor_name": "One more"},
            predecessor=make.ProgrammeFactory,
        ),
        {"successor_name": "Another"},
        {"successor": ["not_unique"]},
    ),
    "succession_not_to_itself": Breach(
        lambda: make.SuccessionFactory(predecessor__pk=THEME), {"successor_id": THEME}, {"successor": ["cycle"]}
    ),
    "participating_organisation_once": Breach(
        second(
            make.ParticipatingOrganisationFactory,
            {"role": "1"},
            {"role": "4"},
            programme=make.ProgrammeFactory,
            organisation=make.OrganisationFactory,
        ),
        {"role": "1"},
        {"organisation": ["not_unique"]},
    ),
    "participating_organisation_has_a_role": Breach(
        make.ParticipatingOrganisationFactory, {"role": ""}, {"role": ["required"]}
    ),
    "participation_once": Breach(
        second(
            make.ParticipationFactory,
            {"start": None},
            {"start": "2016"},
            programme=make.ProgrammeFactory,
            country=make.CountryFactory,
        ),
        {"start": None},
        {"country": ["not_unique"]},
    ),
    "participation_dates_in_order": Breach(
        make.ParticipationFactory, {"start": "2016-02", "end": "2016-01-31"}, {"end": ["before_start"]}
    ),
    "participation_percentage_in_range": Breach(
        make.ParticipationFactory, {"percentage": 0}, {"percentage": ["out_of_range"]}
    ),
    "participation_expected_has_not_ended": Breach(
        make.ParticipationFactory, {"status": "expected", "end": "2016"}, {"end": ["expected"]}
    ),
    "country_list_statement_once_per_place": Breach(
        second(make.CountryListStatementFactory, {"order": 1}, {"order": 2}, programme=make.ProgrammeFactory),
        {"order": 1},
        {"order": ["not_unique"]},
    ),
    "country_list_statement_dates_in_order": Breach(
        make.CountryListStatementFactory, {"start": "2016", "end": "2015"}, {"end": ["before_start"]}
    ),
    "country_list_statement_unnamed_within_stated": Breach(
        make.CountryListStatementFactory, {"countries_stated": 9, "unnamed": 10}, {"unnamed": ["more_than_stated"]}
    ),
    "budget_amount_or_reason": Breach(make.BudgetFactory, {"amount": None}, {"amount": ["number_or_reason"]}),
    "budget_amount_or_reason_not_both": Breach(
        make.BudgetFactory, {"amount_null_reason": "not_stated"}, {"amount_null_reason": ["number_or_reason"]}
    ),
    "budget_amount_not_negative": Breach(make.BudgetFactory, {"amount": "-0.01"}, {"amount": ["negative"]}),
    "budget_period_in_order": Breach(
        make.BudgetFactory, {"period_start": "2014", "period_end": "2013"}, {"period_end": ["before_start"]}
    ),
    "budget_part_or_same_not_both": Breach(
        lambda: make.BudgetFactory(part_of=make.BudgetFactory(pk=THEME)),
        {"same_as_id": THEME},
        {"part_of": ["part_or_same"]},
    ),
    **{
        f"budget_not_{link}_itself": Breach(make.BudgetFactory, {f"{link}_id": SELF}, {link: ["cycle"]})
        for link in ("part_of", "same_as", "revises")
    },
    "budget_country_once": Breach(
        second(
            lambda budget, code: make.BudgetCountryFactory(budget=budget, country__code=code),
            {"code": "GT"},
            {"code": "BZ"},
            budget=make.BudgetFactory,
        ),
        {"country_id": "GT"},
        {"country": ["not_unique"]},
    ),
    "budget_country_percentage_in_range": Breach(
        make.BudgetCountryFactory, {"percentage": "-1"}, {"percentage": ["out_of_range"]}
    ),
    "transaction_amount_or_reason": Breach(make.TransactionFactory, {"amount": None}, {"amount": ["number_or_reason"]}),
    "transaction_amount_or_reason_not_both": Breach(
        make.TransactionFactory, {"amount_null_reason": "undisclosed"}, {"amount_null_reason": ["number_or_reason"]}
    ),
    "exchange_rate_once_a_day": Breach(
        second(make.ExchangeRateFactory, {"day": datetime.date(2016, 1, 1)}, {"day": datetime.date(2016, 1, 2)}),
        {"day": datetime.date(2016, 1, 1)},
        {"day": ["not_unique"]},
    ),
    "exchange_rate_above_zero": Breach(make.ExchangeRateFactory, {"per_euro": 0}, {"per_euro": ["not_positive"]}),
    "exchange_rate_not_of_the_euro": Breach(make.ExchangeRateFactory, {"currency": "EUR"}, {"currency": ["euro"]}),
    "observation_value_or_reason": Breach(make.ObservationFactory, {"value": None}, {"value": ["number_or_reason"]}),
    "observation_value_or_reason_not_both": Breach(
        make.ObservationFactory, {"value_null_reason": "not_stated"}, {"value_null_reason": ["number_or_reason"]}
    ),
    "observation_day_or_period": Breach(make.ObservationFactory, {"period_end": "2017"}, {"as_of": ["day_or_period"]}),
    "observation_period_in_order": Breach(
        make.ObservationFactory,
        {"as_of": None, "period_start": "2017-02", "period_end": "2017-01"},
        {"period_end": ["before_start"]},
    ),
    "citation_of_one_record": Breach(
        make.CitationFactory, {"programme_id": None}, {NON_FIELD_ERRORS: ["citation_of_one_record"]}
    ),
    "citation_not_preferred_names_its_field": Breach(
        make.CitationFactory, {"preferred": False}, {"field": ["required"]}
    ),
    "membership_once_per_start": Breach(
        second(
            make.MembershipFactory,
            {"start": None},
            {"start": "2010"},
            grouping=make.GroupingFactory,
            country=make.CountryFactory,
        ),
        {"start": None},
        {"country": ["not_unique"]},
    ),
    "membership_dates_in_order": Breach(
        make.MembershipFactory, {"start": "2016-02", "end": "2016-01"}, {"end": ["before_start"]}
    ),
}


def test_breaches_one_for_every_constraint():
    named = [
        constraint.name
        for app in ("countries", "programmes")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    ]

    assert sorted(BREACHES) == sorted(named)


def changes_to(record: models.Model, breach: Breach) -> dict[str, Any]:
    return {name: record.pk if value is SELF else value for name, value in breach.changes.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREACHES)
def test_constraint_broken_is_refused_by_validation(name):
    breach = BREACHES[name]
    record = breach.record()

    assert errors_of(record, **changes_to(record, breach)) == breach.errors


@pytest.mark.django_db
@pytest.mark.parametrize("name", BREACHES)
def test_constraint_broken_is_refused_by_the_database(name):
    breach = BREACHES[name]
    record = breach.record()

    with pytest.raises(IntegrityError) as error, transaction.atomic():
        type(record)._base_manager.filter(pk=record.pk).update(**changes_to(record, breach))

    # SQLite names the columns of a plain unique index, not the index.
    assert name in str(error.value) or (connection.vendor == "sqlite" and "UNIQUE" in str(error.value))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("factory", "dates"),
    [
        (make.ProgrammeFactory, {"actual_start": "2016-02", "actual_end": "2016"}),
        (make.ProgrammeFactory, {"actual_start": "2016", "actual_end": "2016-02"}),
        (make.ProgrammeFactory, {"planned_start": "2016-02-15", "planned_end": "2016-02"}),
        (make.ProgrammeFactory, {"planned_start": "2016-02-15", "planned_end": "2016-02-15"}),
        # A plan that was overtaken stays as it was stated.
        (make.ProgrammeFactory, {"planned_start": "2018", "actual_end": "2017", "status": "5"}),
        (make.ProgrammeFactory, {"announced": "2020", "actual_start": "2016"}),
        (make.PhaseFactory, {"planned_end": "2016", "revised_end": "2015"}),
        (make.MembershipFactory, {"start": "2013", "end": "2013"}),
        (make.BudgetFactory, {"period_start": "2014-06", "period_end": "2014"}),
        (make.BudgetFactory, {"period_end": "2014"}),
    ],
)
def test_dates_possibly_in_order_are_taken(factory, dates):
    assert errors_of(factory(**dates)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("percentage", ["0.0001", "33.3333", "100", None])
def test_percentage_in_range_is_taken(percentage):
    assert errors_of(make.ParticipationFactory(percentage=percentage)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("percentage", "codes"),
    [
        ("101", ["out_of_range"]),
        ("33.33333", ["max_decimal_places"]),
        ("1000", ["max_whole_digits"]),
        ("NaN", ["invalid"]),
    ],
)
def test_percentage_out_of_range_is_refused(percentage, codes):
    assert errors_of(make.ParticipationFactory(), percentage=percentage) == {"percentage": codes}
