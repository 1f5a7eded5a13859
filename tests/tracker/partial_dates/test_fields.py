"""The model field: what it stores, refuses and sorts, and how a migration writes it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter

from programmes.models import Programme
from tests.factories import ProgrammeFactory, TransactionFactory
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.forms import PartialDateFormField

ANNOUNCED = Programme._meta.get_field("announced")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("2016", "2016"),
        (" 2016-02 ", "2016-02"),
        (PartialDate("2016-02"), "2016-02"),
        (datetime.date(2016, 2, 5), "2016-02-05"),
        ("", None),
        (None, None),
    ],
)
def test_field_value_comes_back_as_partial_date(value, stored):
    programme = ProgrammeFactory.build(announced=value)
    programme.save()
    programme.refresh_from_db()

    assert (programme.announced, type(programme.announced)) == (stored, PartialDate if stored else type(None))


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["2016-13", "2016-00", "1899", "٢٠١٦", "garbage", "2016\0", 2016, True, ["2016"]])
def test_field_invalid_value_is_refused_by_validation_and_before_the_database(value):
    programme = ProgrammeFactory.build(announced=value)

    with pytest.raises(ValidationError) as error:
        programme.full_clean()
    assert {field: [each.code for each in errors] for field, errors in error.value.error_dict.items()} == {
        "announced": ["invalid_partial_date"]
    }
    with pytest.raises(ValidationError):
        programme.save()
    with pytest.raises(ValidationError):
        Programme.objects.filter(announced=value).count()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["garbage", "", "16", "2016-", "2016-2", "2016-02-1", "2016-02 ", "x2016", "2016/02", "٢٠١٦", "20160215"]
)
@pytest.mark.parametrize("column", ["announced", "status_as_of"])
def test_field_other_shapes_are_refused_by_the_database(column, text):
    programme = ProgrammeFactory(status="2")

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE programmes_programme SET {column} = %s WHERE id = %s", [text, programme.pk])


@pytest.mark.django_db
def test_field_longer_text_is_refused_by_the_database():
    programme = ProgrammeFactory()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE programmes_programme SET announced = '2016-02-15T00' WHERE id = %s", [programme.pk])


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["2016", "2016-02", "2016-02-15"])
def test_field_the_three_shapes_are_taken_by_the_database(text):
    programme = ProgrammeFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE programmes_programme SET announced = %s WHERE id = %s", [text, programme.pk])

    assert Programme.objects.get().announced == PartialDate(text)


@pytest.mark.django_db
def test_field_order_by_is_date_order_vaguer_first():
    for date in ("2016-02-01", "2017", "2016", "2016-12-31", "2016-02", "2016-01-31"):
        ProgrammeFactory(announced=date)

    assert list(Programme.objects.order_by("announced").values_list("announced", flat=True)) == [
        "2016",
        "2016-01-31",
        "2016-02",
        "2016-02-01",
        "2016-12-31",
        "2017",
    ]


@pytest.mark.django_db
def test_field_required_empty_is_refused_by_validation():
    transaction = TransactionFactory()
    transaction.date = ""

    with pytest.raises(ValidationError) as error:
        transaction.full_clean()

    assert error.value.message_dict == {"date": ["This field cannot be null."]}


@pytest.mark.django_db
def test_generated_field_is_there_after_creation_as_partial_date():
    programme = ProgrammeFactory(planned_start="2016", actual_start="2016-02")

    assert (programme.start, type(programme.start), programme.end) == ("2016-02", PartialDate, None)


@pytest.mark.django_db
def test_generated_field_after_a_change_is_the_new_one(django_assert_num_queries):
    programme = ProgrammeFactory(planned_start="2016")
    programme.actual_start = "2016-02"
    programme.save()

    assert (programme.start, type(programme.start)) == ("2016-02", PartialDate)
    with django_assert_num_queries(0):
        assert programme.start == "2016-02"


@pytest.mark.parametrize("field", [PartialDateField(), PartialDateField("from", null=True, blank=True, db_index=True)])
def test_field_deconstructed_is_made_again(field):
    _name, path, args, kwargs = field.deconstruct()
    again = PartialDateField(*args, **kwargs)

    assert path == "tracker.partial_dates.fields.PartialDateField"
    assert "max_length" not in kwargs
    assert again.deconstruct() == field.deconstruct()
    assert again.max_length == 10


def test_field_in_a_migration_is_written_short():
    text, imports = MigrationWriter.serialize(PartialDateField(null=True, blank=True))

    assert (text, imports) == (
        "tracker.partial_dates.fields.PartialDateField(blank=True, null=True)",
        {"import tracker.partial_dates.fields"},
    )


def test_formfield_is_a_text_box_for_partial_dates():
    field = ANNOUNCED.formfield()

    assert (type(field), field.required, field.label, field.help_text) == (
        PartialDateFormField,
        False,
        "Announced",
        "An announcement is not a start.",
    )


def test_column_type_is_text_of_ten():
    assert ANNOUNCED.db_type(connection) in ("varchar(10)", "character varying(10)")
    assert isinstance(ANNOUNCED, models.CharField)
