"""What every record does: validation in steps, errors beside fields, derived codes, natural keys, names."""

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import translation

from countries.models import Country
from programmes.models import Budget, Phase
from tests.factories import (
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    ObservationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ResultFactory,
)
from tests.programmes.models.errors import errors_of

# Validation


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["abc", "NaN", "Infinity", "1e30", "12345678901234567.00", "0.001"])
def test_full_clean_invalid_field_is_refused_before_rules_that_span_records(amount):
    line = BudgetFactory.build(programme=ProgrammeFactory(), part_of=BudgetFactory(), amount=amount)

    assert list(errors_of(line)) == ["amount"]


@pytest.mark.django_db
def test_full_clean_dangling_relation_is_an_error_of_its_field():
    assert errors_of(ProgrammeFactory(), parent_id=10**6) == {"parent": ["invalid"]}


@pytest.mark.django_db
def test_full_clean_invalid_field_does_not_hide_broken_constraints():
    programme = ProgrammeFactory()

    assert errors_of(programme, code="lower case", actual_start="2016", actual_end="2015") == {
        "code": ["invalid_code"],
        "actual_end": ["before_start"],
    }


@pytest.mark.django_db
def test_full_clean_excluded_field_is_not_checked():
    programme = ProgrammeFactory()
    programme.code = "lower case"

    programme.full_clean(exclude=["code"])


@pytest.mark.django_db
def test_full_clean_not_asked_for_constraints_leaves_them_out():
    programme = ProgrammeFactory.build(code=ProgrammeFactory().code, actual_start="2016", actual_end="2015")

    programme.full_clean(validate_unique=False, validate_constraints=False)


@pytest.mark.django_db
def test_validate_constraints_blamed_field_excluded_blames_the_record():
    participation = ParticipationFactory()
    again = ParticipationFactory.build(programme=participation.programme, country=participation.country)

    with pytest.raises(ValidationError) as error:
        again.validate_constraints(exclude=[])
    assert {field: [each.code for each in errors] for field, errors in error.value.error_dict.items()} == {
        "country": ["not_unique"]
    }
    # Without the country the constraint cannot be judged; without an end, the one on dates cannot.
    again.validate_constraints(exclude=["country"])


@pytest.mark.django_db
def test_validate_constraints_of_no_field_blames_the_record():
    assert errors_of(CitationFactory.build(source=CitationFactory().source, programme=None)) == {
        NON_FIELD_ERRORS: ["citation_of_one_record"]
    }


# Codes


@pytest.mark.parametrize("code", ["A", "9", "EL-PACCTO", "A-1-B2"])
@pytest.mark.django_db
def test_code_valid_is_taken(code):
    assert errors_of(ProgrammeFactory(), code=code) == {}


@pytest.mark.parametrize("code", ["a", "A--B", "-A", "A-", "A_B", "A B", "A/B", "..", "Á", "Ⅳ", "٣", "A\n", "A\0"])
@pytest.mark.django_db
def test_code_invalid_is_refused(code):
    assert errors_of(ProgrammeFactory(), code=code) in (
        {"code": ["invalid_code"]},
        {"code": ["invalid_code", "null_characters_not_allowed"]},
    )


@pytest.mark.django_db
def test_derived_code_number_after_the_highest_is_taken():
    programme = ProgrammeFactory(code="COPOLAD")
    other = ProgrammeFactory(code="COPOLAD-B1")

    codes = [BudgetFactory(programme=programme).code for _ in range(3)]
    Budget.objects.get(code="COPOLAD-B2").delete()
    codes += [BudgetFactory(programme=programme).code, BudgetFactory(programme=other).code]
    BudgetFactory(programme=programme, code="COPOLAD-B009")
    BudgetFactory(programme=programme, code="COPOLAD-B2A")
    codes += [BudgetFactory(programme=programme).code]

    assert codes == ["COPOLAD-B1", "COPOLAD-B2", "COPOLAD-B3", "COPOLAD-B4", "COPOLAD-B1-B1", "COPOLAD-B10"]


@pytest.mark.django_db
def test_derived_codes_several_checked_before_any_is_saved_differ():
    programme = ProgrammeFactory(code="X")
    lines = [BudgetFactory.build(programme=programme) for _ in range(3)]
    for line in lines:
        line.full_clean()
    for line in lines:
        line.save()

    assert [line.code for line in lines] == ["X-B1", "X-B2", "X-B3"]


@pytest.mark.django_db
def test_derived_code_written_code_stays():
    line = BudgetFactory(code="MIP-HN-1")
    line.title = "other"
    line.full_clean()
    line.save()

    assert Budget.objects.get().code == "MIP-HN-1"


@pytest.mark.django_db
def test_derived_code_owner_missing_is_the_only_error():
    assert errors_of(BudgetFactory.build(programme=None)) == {"programme": ["null"]}
    assert errors_of(ResultFactory.build(programme=None)) == {"programme": ["null"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("label", "code"),
    [("II", "X-II"), ("+", "X-PLUS"), ("Phase 2 (2015)", "X-PHASE-2-2015"), ("Fase única", "X-FASE-UNICA")],
)
def test_derived_code_of_a_phase_is_its_label(label, code):
    assert PhaseFactory(programme__code="X", label=label).code == code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("label", "codes"), [("?", ["invalid_code"]), ("a_b", ["invalid_code"]), ("第二", ["invalid_code"])]
)
def test_derived_code_label_without_letters_asks_for_a_code(label, codes):
    phase = PhaseFactory.build(programme=ProgrammeFactory(), label=label)

    assert errors_of(phase) == {"code": ["invalid_code"]}
    assert errors_of(phase, code="OF-MY-OWN") == {}


@pytest.mark.django_db
def test_derived_code_already_taken_asks_for_another():
    programme = ProgrammeFactory(code="X")
    PhaseFactory(programme=programme, label="+")

    assert errors_of(PhaseFactory.build(programme=programme, label="plus")) == {"code": ["unique"]}


@pytest.mark.django_db
def test_derived_code_too_long_asks_for_a_shorter_one():
    phase = PhaseFactory.build(programme=ProgrammeFactory(code="X" * 58), label="IV")

    assert errors_of(phase) == {"code": ["max_length"]}


# Keys and names


@pytest.mark.django_db
def test_natural_key_relation_gives_its_own():
    phase = PhaseFactory(programme__code="X", label="II")
    participation = ParticipationFactory(programme=phase.programme, phase=phase, country__code="PA", start="2016")

    assert participation.natural_key() == (("X",), ("PA",), "recipient", ("X-II",), "2016")
    assert ObservationFactory(as_of="2017").natural_key()[1:] == ("actual", "2017", None, None, {})


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Germany"),
        ("es", "Alemania"),
        ("es-mx", "Alemania"),
        ("fr", "Germany"),
        ("de", "Germany"),
        (None, "Germany"),
    ],
)
def test_named_reader_language_or_english(language, name):
    country = Country(code="DE", name_en="Germany", name_es="Alemania")
    with translation.override(language):
        assert str(country) == name


@pytest.mark.django_db
def test_record_saved_again_keeps_when_it_was_made():
    phase = PhaseFactory()
    made = phase.created_at
    phase.save()
    stored = Phase.objects.get()

    assert (stored.created_at, stored.modified_at > made) == (made, True)


@pytest.mark.django_db
def test_country_code_is_two_capitals():
    assert errors_of(CountryFactory.build(code="pa", alpha3="pan", numeric="59")) == {
        "code": ["invalid_code"],
        "alpha3": ["invalid_code"],
        "numeric": ["invalid_code"],
    }
