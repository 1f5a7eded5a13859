"""Import and export in the admin: what leaves can come back."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from countries.models import Country
from programmes.models import Budget, Indicator, Observation, Participation, Programme
from tests.factories import (
    BudgetFactory,
    IndicatorFactory,
    InstrumentFactory,
    ObservationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
)
from tests.programmes.admin.pages import page

CSV, XLSX, JSON = "0", "1", "2"
NAMES = {CSV: "file.csv", XLSX: "file.xlsx", JSON: "file.json"}


def exported(browser, model, kind):
    """The file with all records and fields."""
    form = browser.get(page(model, "export")).context["form"]
    chosen = {form.add_prefix(name): "on" for name in form.fields if name not in ("format", "resource", "export_items")}
    return browser.post(page(model, "export"), chosen | {"format": kind}).content


def shown(browser, model, kind, content):
    """The result of reading the file, which the officer sees before anything is done."""
    file = SimpleUploadedFile(NAMES[kind], content)
    return browser.post(page(model, "import"), {"format": kind, "import_file": file})


def imported(browser, model, kind, content):
    """Read the file in, after confirmation."""
    confirmation = shown(browser, model, kind, content).context["confirm_form"]
    return browser.post(page(model, "process_import"), confirmation.initial)


def everything():
    """One record of each kind with all that an export has to carry."""
    programme = ProgrammeFactory(code="ALPHA", name="Cohesión «social», ñandú", actual_start="2016", status="2")
    phase = PhaseFactory(programme=programme, planned_end="2019-06")
    whole = BudgetFactory(
        programme=programme, amount="1234567.89", exactness="at_least", instrument=InstrumentFactory()
    )
    BudgetFactory(programme=programme, phase=phase, part_of=whole, amount_null_reason="not_stated", period_start="2014")
    ParticipationFactory(programme=programme, phase=phase, start="2016-02", percentage="12.5")
    ParticipationFactory(programme=programme)
    indicator = IndicatorFactory(result__programme=programme)
    ObservationFactory(indicator=indicator, value="1.25", disaggregation={"sex": "female", "substance": "cocaine"})


@pytest.mark.parametrize("kind", [CSV, XLSX, JSON])
@pytest.mark.parametrize("model", [Programme, Budget, Participation, Indicator, Observation, Country])
def test_reading_an_export_in_again_changes_nothing(browser, model, kind):
    everything()
    totals = shown(browser, model, kind, exported(browser, model, kind)).context["result"].totals
    unchanged = dict.fromkeys(totals, 0) | {"skip": model.objects.count()}
    assert totals == unchanged


def test_export_in_csv_opens_in_excel_with_its_accents(browser):
    ProgrammeFactory(name="Cohesión")
    content = exported(browser, Programme, CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    assert "Cohesión" in content.decode()


def test_csv_of_any_country_is_read(browser):
    imported(browser, Programme, CSV, "code;name\nA;Cohesión, ñandú\n".encode("utf-8-sig"))
    assert list(Programme.objects.values_list("code", "name")) == [("A", "Cohesión, ñandú")]


def test_no_spreadsheet_executes_what_is_exported_and_it_comes_back(browser):
    names = ["=1+1", "'=1+1", "-cmd", "@x"]
    for number, name in enumerate(names):
        ProgrammeFactory(code=f"P{number}", name=name)
    table = csv.DictReader(exported(browser, Programme, CSV).decode("utf-8-sig").splitlines())
    assert [row["name"] for row in table] == [f"'{name}" for name in names]
    sheet = openpyxl.load_workbook(io.BytesIO(exported(browser, Programme, XLSX))).worksheets[0]
    cells = next(column for column in sheet.iter_cols() if column[0].value == "name")[1:]
    assert [(cell.value, cell.data_type) for cell in cells] == [(name, "s") for name in names]
    for kind in (CSV, XLSX, JSON):
        result = shown(browser, Programme, kind, exported(browser, Programme, kind)).context["result"]
        assert result.totals["skip"] == len(names)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("code,nam", "There is no column “nam”. Did you mean “name”?"),
        ("name,acronym", "The column “code” is missing: it tells which records there are already."),
    ],
)
def test_columns_that_do_not_fit_are_told_in_words(browser, header, told):
    response = shown(browser, Programme, CSV, f"{header}\nA,B\n".encode())
    assert [str(each.error) for each in response.context["result"].base_errors] == [told]
    page = response.content.decode()
    assert ("confirm_form" in response.context, told in page, "Traceback" in page) == (False, True, False)
    assert Programme.objects.count() == 0


def test_export_does_not_depend_on_the_language(browser):
    BudgetFactory(code="A", amount="1234567.89")
    browser.cookies["django_language"] = "es"
    lines = exported(browser, Budget, CSV).decode("utf-8-sig").splitlines()
    assert [lines[0].split(",")[:2], lines[1].split(",")[:2]] == [["code", "amount"], ["A", "1234567.89"]]


def test_import_adds_and_changes_with_user_way_and_file_in_the_history(browser, officer):
    ProgrammeFactory(code="OLD", name="Old name")
    content = b"code,name,actual_start\nOLD,New name,2016\nNEW,A new one,2017-02\n"
    imported(browser, Programme, CSV, content)
    assert list(Programme.objects.values_list("code", "name", "actual_start")) == [
        ("NEW", "A new one", "2017-02"),
        ("OLD", "New name", "2016"),
    ]
    for programme in Programme.objects.all():
        version = programme.history.first()
        assert [version.history_user, version.history_via, version.history_change_reason] == [
            officer,
            "import",
            "file.csv",
        ]


def test_import_makes_codes_where_there_are_none(browser):
    ProgrammeFactory(code="ALPHA")
    content = b"code,programme,title,amount,amount_null_reason\n,ALPHA,First,5,\n,ALPHA,Second,,not_stated\n"
    imported(browser, Budget, CSV, content)
    assert list(Budget.objects.values_list("code", "title")) == [("ALPHA-B1", "First"), ("ALPHA-B2", "Second")]


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        (
            "A,ALPHA,Line,5,EUR,2016-13",
            {"period_start": ["“2016-13” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15."]},
        ),
        ("A,ALPHA,Line,many,EUR,", {"amount": ["“many” value must be a decimal number."]}),
        ("A,ALPHA,Line,-5,EUR,", {"amount": ["A budget is not negative."]}),
        ("A,ALPHA,Line,NaN,EUR,", {"amount": ["“NaN” value must be a decimal number."]}),
        ("A,ALPHA,Line,,EUR,", {"amount": ["Give a number, or say why there is none."]}),
        ("A,NOWHERE,Line,5,EUR,", {"programme": ["There is no programme “NOWHERE”."]}),
        ("A,ALPHA,Line,5,XXX,", {"currency": ["Value 'XXX' is not a valid choice."]}),
    ],
)
def test_error_in_a_file_is_shown_by_row_and_column_and_nothing_is_done(browser, row, errors):
    ProgrammeFactory(code="ALPHA")
    good = "GOOD,ALPHA,Line,5,EUR,"
    content = f"code,programme,title,amount,currency,period_start\n{good}\n{row}\n".encode()
    response = shown(browser, Budget, CSV, content)
    invalid = response.context["result"].invalid_rows
    assert [(each.number, each.error_dict) for each in invalid] == [(2, errors)]
    assert "confirm_form" not in response.context
    assert Budget.objects.count() == 0
