"""What the single reports say of small portfolios made for the purpose."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from programmes.codelists import ActivityStatus, NullReason, ParticipationRole, ParticipationStatus
from programmes.models import Programme
from programmes.reports.base import Report
from programmes.reports.data_gaps import DataGaps
from programmes.reports.icsp_bilateral import IcspBilateral
from programmes.reports.registry import BY_ID, REPORTS
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    CountryListStatementFactory,
    IndicatorFactory,
    ObservationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    SourceFactory,
    TransactionFactory,
)

pytestmark = pytest.mark.django_db


def rows(report: Report) -> list[dict[str, Any]]:
    names = [column.name for column in report.all_columns()]
    return [dict(zip(names, row, strict=True)) for row in report.rows()]


def of(report: str, *names: str) -> list[tuple[Any, ...]]:
    """The columns of that name, for everything there is."""
    return [tuple(row[name] for name in names) for row in rows(BY_ID[report]())]


def test_programmes_total_is_of_all_below_and_counts_each_euro_once() -> None:
    umbrella = ProgrammeFactory.create(code="ROUTE")
    whole = BudgetFactory.create(programme=umbrella, amount=Decimal("50.00"), exactness="at_least")
    BudgetFactory.create(programme__code="PART", programme__parent=umbrella, part_of=whole, amount=Decimal("10.00"))
    BudgetFactory.create(programme__code="APART", programme__parent=umbrella, amount=Decimal("7.00"), currency="USD")
    BudgetFactory.create(programme__code="SILENT", amount_null_reason=NullReason.NOT_STATED)
    ProgrammeFactory.create(code="NONE")
    assert of(
        "programmes",
        "code",
        "parent",
        "budget_eur",
        "budget_eur_exactness",
        "budget_other_currencies",
        "budgets_not_stated",
    ) == [
        ("APART", "ROUTE", None, None, "7.00 USD", 0),
        ("NONE", None, None, None, "", 0),
        ("PART", "ROUTE", Decimal("10.00"), "exact", "", 0),
        ("ROUTE", None, Decimal("50.00"), "at_least", "7.00 USD", 0),
        ("SILENT", None, None, None, "", 1),
    ]


def test_programmes_countries_stand_by_status_and_once() -> None:
    programme = ProgrammeFactory.create()
    panama, bolivia = CountryFactory.create(name_en="Panama"), CountryFactory.create(name_en="Bolivia")
    ParticipationFactory.create(programme=programme, country=panama, start="2010", end="2012")
    ParticipationFactory.create(programme=programme, country=panama, start="2014")
    ParticipationFactory.create(programme=programme, country=bolivia, status=ParticipationStatus.EXPECTED)
    ParticipationFactory.create(programme=programme, role=ParticipationRole.CONTRIBUTOR)
    assert of("programmes", "countries", "countries_names", "countries_expected") == [
        (panama.code, "Panama", bolivia.code)
    ]


def test_budget_lines_say_which_count_and_why() -> None:
    whole = BudgetFactory.create(code="A-WHOLE", programme__code="A")
    BudgetFactory.create(code="B-PART", programme__code="B", part_of=whole, amount=Decimal("40.00"))
    BudgetFactory.create(code="C-SAME", programme__code="C", same_as=whole)
    BudgetFactory.create(
        code="D-NEW", programme__code="D", revises=BudgetFactory.create(code="E-OLD", programme__code="E")
    )
    BudgetFactory.create(code="F-NONE", programme__code="F", amount_null_reason=NullReason.NOT_STATED, part_of=whole)
    assert of("budget-lines", "code", "counted", "counted_reason") == [
        ("A-WHOLE", True, "Counted: no other selected line holds its money."),
        ("B-PART", False, "Not counted: its money is part of A-WHOLE."),
        ("C-SAME", False, "Not counted: it is the same money as A-WHOLE."),
        ("D-NEW", True, "Counted: no other selected line holds its money."),
        ("E-OLD", False, "Not counted: D-NEW replaces it."),
        ("F-NONE", False, "Not counted: there is no amount (not stated)."),
    ]


def test_participation_matrix_has_a_row_for_each_role_and_letters_over_time() -> None:
    programme = ProgrammeFactory.create(code="SEACOP")
    CountryListStatementFactory.create(programme=programme, text="11 more, not named")
    first, second = sorted([CountryFactory.create(), CountryFactory.create()], key=lambda each: each.code)
    ParticipationFactory.create(programme=programme, country=first, status="former", end="2012")
    ParticipationFactory.create(programme=programme, country=first, start="2014")
    ParticipationFactory.create(programme=programme, country=second, status="expected")
    ParticipationFactory.create(programme=programme, country=second, role=ParticipationRole.HOST)
    assert of("participation-matrix", "programme", "role", "statements", first.code, second.code) == [
        ("SEACOP", "host", "11 more, not named", None, "P"),
        ("SEACOP", "recipient", "11 more, not named", "FP", "E"),
    ]


def test_indicators_have_a_row_for_the_whole_and_each_breakdown_and_one_for_none() -> None:
    seized = IndicatorFactory.create(code="A-SEIZED", result__programme__code="A")
    ObservationFactory.create(indicator=seized, as_of="2016", value=Decimal(5))
    ObservationFactory.create(indicator=seized, as_of="2017-03", value=Decimal(11), exactness="at_least")
    ObservationFactory.create(
        indicator=seized, as_of="2017", value=Decimal("2.5"), disaggregation={"substance": "cocaine"}
    )
    ObservationFactory.create(indicator=seized, as_of="2030", value=Decimal(99), kind="target")
    IndicatorFactory.create(code="B-TRAINED", result__programme__code="B")
    assert of("indicators", "code", "substance", "value", "exactness", "as_of") == [
        ("A-SEIZED", None, Decimal(11), "at_least", "2017-03"),
        ("A-SEIZED", "cocaine", Decimal("2.5"), "exact", "2017"),
        ("B-TRAINED", None, None, None, None),
    ]


def test_observations_have_a_column_for_each_dimension() -> None:
    ObservationFactory.create(value=Decimal("30000.0000"), disaggregation={"country": CountryFactory.create().code})
    ((country, substance, value),) = of("observations", "country", "substance", "value")
    assert len(country) == 2
    assert (substance, str(value)) == (None, "30000")


def test_organisations_have_a_row_for_each_role() -> None:
    part = ParticipatingOrganisationFactory.create(programme__code="AIRCOP", organisation__code="UNODC")
    ParticipatingOrganisationFactory.create(
        programme=part.programme, organisation=part.organisation, role="", local_role="partner"
    )
    assert of("organisations", "organisation", "programme", "role", "role_label", "local_role") == [
        ("UNODC", "AIRCOP", "", None, "partner"),
        ("UNODC", "AIRCOP", "4", "Implementing", ""),
    ]


def test_sources_count_each_figure_once() -> None:
    source = SourceFactory.create(code="BRIEFING")
    line = BudgetFactory.create()
    CitationFactory.create(source=source, budget=line, field="amount")
    CitationFactory.create(source=source, budget=line, field="instrument")
    CitationFactory.create(source=source, observation=ObservationFactory.create())
    CitationFactory.create(source=source, transaction=TransactionFactory.create())
    CitationFactory.create(source=source)
    CitationFactory.create(source=source, budget=line, field="title", value="Another", preferred=False)
    SourceFactory.create(code="UNUSED")
    names = ("code", "citation_count", "figures", "budgets", "transactions", "observations", "competing")
    assert of("sources", *names) == [("BRIEFING", 6, 3, 1, 1, 1, 1), ("UNUSED", 0, 0, 0, 0, 0, 0)]


def bilateral() -> Programme:
    umbrella = ProgrammeFactory.create(code="ICSP-BILATERAL", components_stated=31)
    total = BudgetFactory.create(programme=umbrella, amount=Decimal("100.00"))
    line = BudgetFactory.create(
        programme__code="SHARED",
        programme__parent=umbrella,
        programme__components_stated=2,
        part_of=total,
        amount=Decimal("60.00"),
    )
    for name in ("Guatemala", "Belize"):
        BudgetCountryFactory.create(budget=line, country=CountryFactory.create(name_en=name))
    return umbrella


def test_icsp_bilateral_shows_what_the_rows_lack_of_the_total() -> None:
    bilateral()
    assert rows(IcspBilateral()) == [
        {
            "country": "Guatemala (shared with Belize)",
            "total_funding_eur": Decimal("60.00"),
            "number_of_projects": 2,
        },
        {"country": "Not in any row above", "total_funding_eur": Decimal("40.00"), "number_of_projects": None},
        {"country": "Total", "total_funding_eur": Decimal("100.00"), "number_of_projects": 2},
    ]


def test_icsp_bilateral_number_that_one_row_lacks_is_not_known_of_all() -> None:
    ProgrammeFactory.create(name="IcSP projects somewhere", parent=bilateral())
    assert [tuple(row.values()) for row in rows(IcspBilateral())] == [
        ("Guatemala (shared with Belize)", Decimal("60.00"), 2),
        ("IcSP projects somewhere", None, None),
        ("Not in any row above", Decimal("40.00"), None),
        ("Total", Decimal("100.00"), None),
    ]


def gaps(day: str) -> list[tuple[str, str, str]]:
    report = DataGaps(day=datetime.date.fromisoformat(day))
    return [(row["programme"], row["gap"], row["records"]) for row in rows(report)]


def test_data_gaps_of_a_programme_of_which_little_is_known() -> None:
    ProgrammeFactory.create(code="LITTLE")
    assert gaps("2018-01-01") == [
        ("LITTLE", "programme-no-source", "LITTLE"),
        ("LITTLE", "no-budget", "LITTLE"),
        ("LITTLE", "no-implementer", "LITTLE"),
        ("LITTLE", "no-start", "LITTLE"),
        ("LITTLE", "no-end", "LITTLE"),
    ]


def complete_programme() -> Programme:
    programme = ProgrammeFactory.create(
        code="WHOLE", actual_start="2010", actual_end="2016", status=ActivityStatus.CLOSED
    )
    CitationFactory.create(programme=programme)
    CitationFactory.create(budget=BudgetFactory.create(programme=programme))
    ParticipatingOrganisationFactory.create(programme=programme)
    return programme


def test_data_gaps_of_a_complete_programme_are_none() -> None:
    complete_programme()
    assert gaps("2018-01-01") == []


def test_data_gaps_name_the_records_concerned() -> None:
    programme = complete_programme()
    BudgetFactory.create(programme=programme, code="LINE", amount_null_reason=NullReason.NOT_STATED)
    IndicatorFactory.create(result__programme=programme, code="TRAINED")
    PhaseFactory.create(programme=programme, code="PHASE-I", order=1, actual_end="2012")
    CountryListStatementFactory.create(programme=programme, unnamed=11, text="11 more")
    assert gaps("2018-01-01") == [
        ("WHOLE", "budget-no-source", "LINE"),
        ("WHOLE", "budget-not-stated", "LINE"),
        ("WHOLE", "phase-not-followed", "PHASE-I"),
        ("WHOLE", "indicator-not-observed", "TRAINED"),
        ("WHOLE", "countries-not-named", "11 more"),
        ("WHOLE", "indicator-no-target", "TRAINED"),
    ]
    assert [gap for _programme, gap, _records in gaps("2012-12-31")].count("phase-not-followed") == 0


def test_data_gaps_link_to_the_page_in_the_admin() -> None:
    programme = ProgrammeFactory.create()
    links = {row["link"] for row in rows(DataGaps())}
    assert links == {f"/admin/programmes/programme/{programme.pk}/change/"}


def populate() -> None:
    """One more of everything that a report lists."""
    programme = ProgrammeFactory.create(parent=ProgrammeFactory.create())
    phase = PhaseFactory.create(programme=programme, order=1, label="I", actual_end="2012")
    PhaseFactory.create(programme=programme, follows=phase, order=2, label="II", actual_end="2014")
    line = BudgetFactory.create(programme=programme, phase=phase)
    part = BudgetFactory.create(programme=programme, part_of=line, amount=Decimal("5.00"))
    observation = ObservationFactory.create(indicator__result__programme=programme)
    organisation = ParticipatingOrganisationFactory.create(programme=programme, phase=phase)
    BudgetCountryFactory.create(budget=part)
    ParticipationFactory.create(programme=programme)
    ProgrammeThemeFactory.create(programme=programme)
    for cited in ({"budget": line}, {"phase": phase}, {"observation": observation}, {"programme": programme},
                  {"participating_organisation": organisation}):  # fmt: skip
        CitationFactory.create(**cited)


def test_queries_of_every_report_are_as_many_for_one_as_for_three() -> None:
    counts: dict[str, list[int]] = {report.id: [] for report in REPORTS}
    for _time in range(3):
        populate()
        for report in REPORTS:
            with CaptureQueriesContext(connection) as captured:
                list(report().rows())
            counts[report.id].append(len(captured))
    assert {report: counted for report, counted in counts.items() if len(set(counted)) > 1} == {}


@pytest.mark.parametrize("open_to_all", [True, False])
def test_allowed_where_reading_is_open_or_with_the_permission(open_to_all: bool) -> None:
    reader = User.objects.create_user("reader")
    chief = User.objects.create_superuser("chief")
    with override_settings(API_REQUIRE_SIGN_IN=not open_to_all):
        allowed = [report.allowed(user) for report in REPORTS for user in (AnonymousUser(), reader, chief)]
    assert allowed == [open_to_all, open_to_all, True] * len(REPORTS)
