"""The list and the page of programmes."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from programmes.admin.programmes import ProgrammeAdmin
from programmes.codelists import Exactness, ParticipationStatus
from programmes.models import Alias, Budget, Citation, Participation, Phase, Programme
from tests.factories import (
    AliasFactory,
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    CountryListStatementFactory,
    GroupingFactory,
    IndicatorFactory,
    InstrumentFactory,
    MembershipFactory,
    ObjectiveFactory,
    ObservationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    ResultFactory,
    SourceFactory,
    ThemeFactory,
)
from tests.programmes.admin.pages import added, data_of, errors_in, page

SECTIONS = ProgrammeAdmin.sections

LIST = page(Programme, "changelist")


def found(browser, **query):
    """The codes of the programmes that the list shows."""
    response = browser.get(LIST, query)
    assert response.status_code == 200
    return [programme.code for programme in response.context["cl"].result_list]


def cells(browser, programme):
    """What the list shows of the programme, by column."""
    browser_list = browser.get(LIST, {"q": programme.code}).context["cl"]
    row = next(each for each in browser_list.result_list if each.pk == programme.pk)
    names = ("short_name", "long_name", "status_label", "period", "countries", "total_budget")
    return {name: getattr(browser_list.model_admin, name)(row) for name in names}


# The list


def test_list_shows_a_programme_of_which_little_is_known_as_such(browser):
    assert cells(browser, ProgrammeFactory(code="ALPHA", name="Programme Alpha")) == {
        "short_name": "ALPHA",
        "long_name": "Programme Alpha",
        "status_label": ("", "not stated"),
        "period": '<span class="whitespace-nowrap">not stated</span>',
        "countries": "not stated",
        "total_budget": '<div class="figures"><div>not stated</div></div>',
    }


def test_list_shows_what_is_known(browser):
    programme = ProgrammeFactory(code="ALPHA", acronym="ALFA", name="Alpha", status="2", actual_start="2016-02")
    for code in ("XA", "XB"):
        ParticipationFactory(programme=programme, country=CountryFactory(code=code))
    expected = CountryFactory(code="XC")
    ParticipationFactory(programme=programme, country=expected, status=ParticipationStatus.EXPECTED)
    whole = BudgetFactory(programme=programme, amount="50000000", exactness=Exactness.AT_LEAST)
    BudgetFactory(programme=programme, amount="1500000.50", part_of=whole)
    BudgetFactory(programme=programme, amount_null_reason="not_stated")
    assert cells(browser, programme) == {
        "short_name": "ALFA",
        "long_name": "Alpha",
        "status_label": ("2", "Implementation"),
        "period": '<span class="whitespace-nowrap">2016-02 – ?</span>',
        "countries": "XA, XB (expected: XC)",
        "total_budget": '<div class="figures"><div>at least 50,000,000 EUR</div><div>and 1 not stated</div></div>',
    }


def test_list_names_the_first_countries_and_counts_the_others(browser):
    programme = ProgrammeFactory()
    for letter in "ABCDEFGH":
        ParticipationFactory(programme=programme, country=CountryFactory(code=f"X{letter}"))
    assert cells(browser, programme)["countries"] == "XA, XB, XC, XD, XE, XF and 2 more"


def test_total_of_an_umbrella_counts_the_money_below_it_once(browser):
    umbrella = ProgrammeFactory()
    whole = BudgetFactory(programme=umbrella, amount="120")
    middle = ProgrammeFactory(parent=umbrella)
    BudgetFactory(programme=ProgrammeFactory(parent=middle), amount="40", part_of=whole)
    BudgetFactory(programme=middle, amount="3", currency="USD")
    total = '<div class="figures"><div>120 EUR</div><div>3 USD</div></div>'
    assert cells(browser, umbrella)["total_budget"] == total


def test_list_takes_as_many_queries_for_three_programmes_with_everything_as_for_one(browser):
    def count():
        with CaptureQueriesContext(connection) as captured:
            browser.get(LIST)
        return len(captured)

    def programme_with_everything(parent=None):
        programme = ProgrammeFactory(parent=parent)
        ParticipationFactory(programme=programme)
        BudgetFactory(programme=programme)
        return programme

    first = programme_with_everything()
    count()
    one = count()
    programme_with_everything(parent=programme_with_everything(parent=first))
    assert count() == one


# Search and filters


@pytest.mark.parametrize("words", ["PAcCTO", "pacto", "EL-PACCTO", "cárcel", "carcel pacto"])
def test_search_finds_code_acronym_alias_and_objective(browser, words):
    programme = ProgrammeFactory(code="EL-PACCTO", acronym="El PaCTO")
    AliasFactory(programme=programme, name="EL PAcCTO")
    ObjectiveFactory(programme=programme, text="Mejorar las cárceles")
    ProgrammeFactory(code="OTHER")
    assert found(browser, q=words) == ["EL-PACCTO"]


def test_filter_by_year_of_activity(browser):
    ProgrammeFactory(code="CERTAIN", actual_start="2015", actual_end="2017")
    ProgrammeFactory(code="PERHAPS", actual_start="2015")
    ProgrammeFactory(code="OVER", actual_start="2010", actual_end="2012")
    assert found(browser, active_in="2016") == ["CERTAIN"]
    assert found(browser, perhaps_active_in="2016-05") == ["PERHAPS"]


def test_filter_by_a_year_that_is_none_says_so(browser):
    ProgrammeFactory()
    response = browser.get(LIST, {"active_in": "2016-13"})
    assert [str(message) for message in response.context["messages"]] == [
        "“2016-13” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15."
    ]
    assert response.context["cl"].result_count == 0


def test_filter_by_country_and_grouping(browser):
    country, grouping = CountryFactory(code="XA"), GroupingFactory()
    MembershipFactory(country=country, grouping=grouping)
    former = MembershipFactory(grouping=grouping, end="2001").country
    ParticipationFactory(programme=ProgrammeFactory(code="IN"), country=country)
    ParticipationFactory(programme=ProgrammeFactory(code="WITH-FORMER"), country=former)
    ProgrammeFactory(code="OUT")
    path = "participations__country"
    assert found(browser, **{f"{path}__code__exact": "XA"}) == ["IN"]
    assert found(browser, **{f"{path}__memberships__grouping__id__exact": grouping.pk}) == ["IN"]


def test_filter_by_instrument_theme_and_umbrella(browser):
    umbrella = ProgrammeFactory(code="UMBRELLA")
    programme = ProgrammeFactory(code="BELOW", parent=ProgrammeFactory(code="BETWEEN", parent=umbrella))
    instrument = BudgetFactory(programme=programme, instrument=InstrumentFactory()).instrument
    theme = ThemeFactory()
    ProgrammeThemeFactory(programme=programme, theme=ThemeFactory(parent=theme))
    assert found(browser, budgets__instrument__id__exact=instrument.pk) == ["BELOW"]
    assert found(browser, programme_themes__theme__id__exact=theme.pk) == ["BELOW"]
    assert found(browser, parent__id__exact=umbrella.pk) == ["BELOW", "BETWEEN", "UMBRELLA"]


def test_filter_by_status_kind_and_coverage(browser):
    ProgrammeFactory(code="A", status="2", kind="mission", coverage="bilateral")
    ProgrammeFactory(code="B", status="4", kind="project", coverage="regional")
    assert found(browser, status__exact="2") == ["A"]
    assert found(browser, kind__exact="project") == ["B"]
    assert found(browser, coverage__exact="bilateral") == ["A"]


def test_filter_by_missing_implementer(browser):
    ParticipatingOrganisationFactory(programme=ProgrammeFactory(code="WITH"))
    ProgrammeFactory(code="WITHOUT")
    assert found(browser, implementer="no") == ["WITHOUT"]
    assert found(browser, implementer="yes") == ["WITH"]


def test_filter_by_a_concern_of_the_start_page(browser):
    ProgrammeFactory(code="OVERDUE", planned_end="2001")
    ProgrammeFactory(code="FINE")
    assert found(browser, attention="overdue") == ["OVERDUE"]


@pytest.mark.parametrize("key", ["x", "9" * 30])
def test_filter_by_what_is_no_key_falls_back_to_the_whole_list(browser, key):
    assert browser.get(LIST, {"parent__id__exact": key})["Location"] == f"{LIST}?e=1"


# The page


def test_page_says_that_no_implementing_organisation_is_stated(browser):
    programme = ProgrammeFactory()
    html = browser.get(page(programme, "change")).content.decode()
    assert html.count('<span class="missing">No implementing organisation stated</span>') == 1


def test_page_names_the_implementing_organisations(browser):
    role = ParticipatingOrganisationFactory(organisation__acronym="UNODC")
    response = browser.get(page(role.programme, "change"))
    pages = response.context["adminform"].model_admin
    assert pages.implementers(response.context["original"]) == "UNODC"


def test_page_takes_as_many_queries_for_three_rows_of_each_kind_as_for_one(browser):
    programme = ProgrammeFactory()

    def one_of_each():
        phase = PhaseFactory(programme=programme)
        budget = BudgetFactory(programme=programme, phase=phase, instrument=InstrumentFactory())
        alias, objective = AliasFactory(programme=programme), ObjectiveFactory(programme=programme)
        participation = ParticipationFactory(programme=programme, phase=phase)
        CountryListStatementFactory(programme=programme, phase=phase, grouping=GroupingFactory())
        ParticipatingOrganisationFactory(programme=programme, phase=phase)
        ProgrammeThemeFactory(programme=programme)
        indicator = IndicatorFactory(result=ResultFactory(programme=programme))
        observation = ObservationFactory(indicator=indicator, phase=phase)
        cited = {"phase": phase, "budget": budget, "alias": alias, "objective": objective}
        for kind, record in (cited | {"participation": participation, "observation": observation}).items():
            CitationFactory(**{kind: record})

    def asked(section):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(page(programme, "change", section=section)).status_code == 200
        return [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]

    sections = ["", *(each.name for each in SECTIONS)]
    one_of_each()
    for section in sections:
        asked(section)
    one = {section: len(asked(section)) for section in sections}
    one_of_each()
    one_of_each()
    more_than_a_page = {"sources": one["sources"] + 1}  # these are counted
    assert {section: len(asked(section)) for section in sections} == one | more_than_a_page
    BudgetFactory.create_batch(11, programme=programme)
    slow = {section: number for section in sections if (number := len(asked(section))) >= 10}
    assert slow == {}


def test_section_of_many_lines_reads_one_page_of_them(browser):
    """Beside the page that is shown, the lines are only counted; saving it leaves the others alone."""
    programme = ProgrammeFactory()
    BudgetFactory.create_batch(15, programme=programme)
    address = page(programme, "change", section="budget") + "&budgets-page=2"
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(address)
    assert len([form for form in response.context["inline_admin_formsets"][0].formset.forms if form.instance.pk]) == 5
    reads = [query["sql"] for query in captured if 'FROM "programmes_budget"' in query["sql"]]
    assert [("COUNT(" in sql, "LIMIT" in sql) for sql in reads if "citation" not in sql] == [(True, False)]
    assert all("LIMIT" in sql for sql in reads if "citation" in sql)
    data = data_of(response)
    key = data["budgets-3-id"]
    assert browser.post(address, data | {"budgets-3-title": "Changed"}).status_code == 302
    assert list(Budget.objects.filter(title="Changed").values_list("pk", flat=True)) == [int(getattr(key, "pk", key))]
    assert Budget.history.filter(history_type="~").count() == 1


def test_who_goes_on_editing_stays_in_the_section(browser):
    phase = PhaseFactory()
    address = page(phase.programme, "change", section="phases")
    data = data_of(browser.get(address)) | {"phases-0-name": "Second phase"}
    assert browser.post(address, data | {"_continue": "1"})["Location"] == address
    assert browser.post(address, data_of(browser.get(address)))["Location"] == page(Programme, "changelist")


def test_sections_are_linked_and_an_unknown_one_is_the_first(browser):
    programme = ProgrammeFactory()
    for name, here in (("", "Programme"), ("countries", "Countries"), ("nonsense", "Programme")):
        response = browser.get(page(programme, "change", section=name))
        assert [str(each["label"]).capitalize() for each in response.context["sections"] if each["here"]] == [here]
        for each in response.context["sections"]:
            assert f'href="{each["link"]}"' in response.content.decode()


def test_rows_come_in_pages_where_there_are_many(browser):
    programme = ProgrammeFactory()
    for number in range(12):
        BudgetFactory(programme=programme, title=f"Line {number}")
    response = browser.get(page(programme, "change", section="budget") + "&budgets-page=2")
    formset = next(
        each.formset for each in response.context["inline_admin_formsets"] if each.formset.prefix == "budgets"
    )
    assert [len(formset.forms), formset.paginator.count, formset.page.number] == [2, 12, 2]


def test_new_programme_is_saved_with_its_rows(browser, officer):
    country = CountryFactory()
    data = data_of(browser.get(page(Programme, "add"))) | {"code": "NEW", "name": "A new programme"}
    data = added(data, "aliases", name="Un programa nuevo", language="es")
    data = added(data, "phases", label="I", order="1", planned_start="2027-01", planned_end="2030")
    data = added(data, "budgets", title="Whole", amount="1000000", currency="EUR", exactness="about", type="1")
    data = added(data, "participations", country=country.pk, role="recipient", status="expected")
    response = browser.post(page(Programme, "add"), data)
    assert response["Location"] == LIST
    programme = Programme.objects.get(code="NEW")
    assert list(programme.aliases.values_list("name", "language")) == [("Un programa nuevo", "es")]
    assert list(programme.phases.values_list("code", "start", "end")) == [("NEW-I", "2027-01", "2030")]
    assert list(programme.budgets.values_list("code", "exactness")) == [("NEW-B1", "about")]
    assert list(programme.participations.values_list("country", "status")) == [(country.pk, "expected")]
    assert [entry.user for entry in LogEntry.objects.all()] == [officer]


# Rows that cannot be, by the part of the page: the field that is wrong, and what stands beside it.
WRONG = [
    (
        "phases",
        {"label": "II", "order": "2", "planned_start": "2022-03", "planned_end": "2021"},
        "planned_end",
        "The end is before the start.",
    ),
    (
        "phases",
        {"label": "II", "order": "2", "planned_start": "2022-13"},
        "planned_start",
        "“2022-13” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15.",
    ),
    (
        "phases",
        {"label": "II", "order": "2", "code": "TAKEN"},
        "code",
        "Phase with this Code already exists.",
    ),
    (
        "budgets",
        {"title": "Line", "currency": "EUR", "exactness": "exact", "type": "1"},
        "amount",
        "Give a number, or say why there is none.",
    ),
    (
        "budgets",
        {"title": "Line", "amount": "-1", "currency": "EUR", "exactness": "exact", "type": "1"},
        "amount",
        "A budget is not negative.",
    ),
    (
        "participations",
        {"country": "XA", "role": "recipient", "status": "participating", "percentage": "101"},
        "percentage",
        "A percentage is above 0 and at most 100.",
    ),
    (
        "participating_organisations",
        {"organisation": "1"},
        "role",
        "Give a role, or what the source calls it.",
    ),
    (
        "objectives",
        {"type": "general", "order": "0", "text": ""},
        "text",
        "This field is required.",
    ),
]


def test_error_stands_beside_the_field_that_caused_it(browser):
    programme = ProgrammeFactory()
    CountryFactory(code="XA")
    PhaseFactory(code="TAKEN")
    organisation = ParticipatingOrganisationFactory().organisation
    opened = {each.name: data_of(browser.get(page(programme, "change", section=each.name))) for each in SECTIONS}
    found, expected = {}, {}
    for name, data in opened.items():
        sent = data
        for prefix, row, field, message in WRONG:
            if f"{prefix}-TOTAL_FORMS" in sent:
                expected[f"{prefix}-{sent[f'{prefix}-TOTAL_FORMS']}-{field}"] = [message]
                given = row | {"organisation": organisation.pk} if "organisation" in row else row
                sent = added(sent, prefix, **given)
        if sent != data:
            found |= errors_in(browser.post(page(programme, "change", section=name), sent))
    assert found == expected
    assert len(found) == len(WRONG)
    assert Budget.objects.count() + Participation.objects.count() == 0


def test_saving_an_unchanged_page_changes_nothing(browser):
    programme = ProgrammeFactory()
    phase = PhaseFactory(programme=programme)
    citation = CitationFactory(budget=BudgetFactory(programme=programme, phase=phase))
    CitationFactory(programme=programme)
    for address in (page(programme, "change"), *(page(programme, "change", section=each.name) for each in SECTIONS)):
        assert browser.post(address, data_of(browser.get(address))).status_code == 302
    assert [each.history.count() for each in (programme, phase, citation.budget, citation)] == [1, 1, 1, 1]


def test_change_of_a_row_is_no_change_of_the_programme(browser):
    phase = PhaseFactory()
    address = page(phase.programme, "change", section="phases")
    data = data_of(browser.get(address)) | {"phases-0-name": "Second phase"}
    browser.post(address, data)
    assert Phase.objects.get().name == "Second phase"
    assert [phase.history.count(), phase.programme.history.count()] == [2, 1]


# Citations


def test_new_budget_line_is_saved_with_its_citation(browser):
    programme, source = ProgrammeFactory(), SourceFactory()
    line = {"title": "Line", "amount": "5", "currency": "EUR", "exactness": "exact", "type": "1"}
    cited = {"cite_source": source.pk, "cite_place": "line 122"}
    address = page(programme, "change", section="budget")
    data = added(data_of(browser.get(address)), "budgets", **line, **cited)
    browser.post(address, data)
    citation = Citation.objects.get()
    assert [citation.budget.title, citation.source, citation.place] == ["Line", source, "line 122"]


def test_citation_added_to_a_line_leaves_the_line_alone(browser):
    budget, source = BudgetFactory(), SourceFactory()
    address = page(budget.programme, "change", section="budget")
    data = data_of(browser.get(address)) | {"budgets-0-cite_source": source.pk}
    browser.post(address, data)
    assert [each.source for each in budget.citations.all()] == [source]
    assert budget.history.count() == 1


def test_place_without_a_source_is_refused(browser):
    budget = BudgetFactory()
    address = page(budget.programme, "change", section="budget")
    data = data_of(browser.get(address)) | {"budgets-0-cite_place": "line 122"}
    response = browser.post(address, data)
    assert errors_in(response) == {"budgets-0-cite_source": ["Of which source?"]}


def test_section_of_sources_holds_the_citations_of_everything_that_belongs_to_the_programme(browser):
    programme = ProgrammeFactory(code="ALPHA")
    CitationFactory(programme=programme)
    CitationFactory(budget=BudgetFactory(programme=programme, code="ALPHA-B7", title="Line"))
    CitationFactory(observation=ObservationFactory(indicator=IndicatorFactory(result__programme=programme)))
    CitationFactory()
    response = browser.get(page(programme, "change", section="sources"))
    formset = response.context["inline_admin_formsets"][-1].formset
    titles = {form.instance.get_inline_title.partition(" · ")[0] for form in formset.initial_forms}
    observation = "Observation: 5 persons trained (2017-03)"
    assert titles == {f"Programme: {programme.name}", "Budget line: ALPHA-B7 Line", observation}


def test_citation_of_a_record_is_added_in_the_section_of_sources(browser):
    budget, source = BudgetFactory(), SourceFactory()
    address = page(budget.programme, "change", section="sources")
    data = data_of(browser.get(address))
    row = {"supports": f"budget:{budget.pk}", "source": source.pk, "place": "p. 3", "field": "amount"}
    other = {"value": "90.00", "quote": "around 90"}  # not preferred: the switch is off
    browser.post(address, added(data, "programmes-citation", **row, **other))
    values = budget.citations.values_list("source", "place", "field", "value", "preferred")
    assert list(values) == [(source.pk, "p. 3", "amount", "90.00", False)]


def test_citation_of_a_record_of_another_programme_is_refused(browser):
    programme, other = ProgrammeFactory(), BudgetFactory()
    row = {"supports": f"budget:{other.pk}", "source": SourceFactory().pk, "preferred": "on"}
    address = page(programme, "change", section="sources")
    data = added(data_of(browser.get(address)), "programmes-citation", **row)
    response = browser.post(address, data)
    message = f"Select a valid choice. budget:{other.pk} is not one of the available choices."
    assert errors_in(response) == {"programmes-citation-0-supports": [message]}


def test_error_of_a_citation_stands_beside_its_field(browser):
    programme = ProgrammeFactory()
    row = {"supports": f"programme:{programme.pk}", "source": SourceFactory().pk, "value": "5", "preferred": "on"}
    address = page(programme, "change", section="sources")
    data = added(data_of(browser.get(address)), "programmes-citation", **row)
    response = browser.post(address, data)
    assert errors_in(response) == {"programmes-citation-0-field": ["Name the field of this value."]}


def test_citation_is_changed_and_deleted_in_the_section_of_sources(browser):
    programme = ProgrammeFactory()
    first, second = CitationFactory(programme=programme), CitationFactory(programme=programme)
    address = page(programme, "change", section="sources")
    data = data_of(browser.get(address))
    changes = {"programmes-citation-0-place": "line 7", "programmes-citation-1-DELETE": "on"}
    browser.post(address, data | changes)
    assert list(Citation.objects.values_list("pk", "place")) == [(first.pk, "line 7")]
    assert second.history.first().history_type == "-"


# Links between rows


def test_indicator_of_another_programmes_result_is_refused(browser):
    indicator, other = IndicatorFactory(), ResultFactory()
    address = page(indicator.programme, "change", section="results")
    data = data_of(browser.get(address)) | {"indicators-0-result": other.pk}
    response = browser.post(address, data)
    assert errors_in(response) == {"indicators-0-result": [f"{other} belongs to another programme."]}


def test_search_box_for_a_phase_looks_within_the_programme(browser):
    phase, other = PhaseFactory(), PhaseFactory()
    BudgetFactory(programme=phase.programme)
    form = browser.get(page(phase.programme, "change", section="budget")).context["inline_admin_formsets"]
    budgets = next(each.formset for each in form if each.formset.prefix == "budgets")
    widget = budgets.forms[0].fields["phase"].widget
    address = getattr(widget, "widget", widget).get_url()
    asked = {"app_label": "programmes", "model_name": "budget", "field_name": "phase"}
    results = browser.get(f"{address}&{'&'.join(f'{key}={value}' for key, value in asked.items())}").json()
    assert [each["id"] for each in results["results"]] == [str(phase.pk)]
    assert Phase.objects.exclude(pk=phase.pk).get() == other


# History and deletion


def test_change_is_in_the_history_with_user_way_and_difference(browser, officer):
    programme = ProgrammeFactory(name="Old name")
    data = data_of(browser.get(page(programme, "change"))) | {"name": "New name"}
    browser.post(page(programme, "change"), data)
    version = programme.history.first()
    assert [version.history_user, version.history_via, version.name] == [officer, "admin", "New name"]
    shown = browser.get(page(programme, "history")).context["page_obj"][0].history_delta_changes
    assert shown == [{"field": "Name", "old": "Old name", "new": "New name"}]


def test_deletion_is_refused_with_the_list_of_what_depends_on_it(browser):
    programme = ProgrammeFactory()
    budget = BudgetFactory(programme=programme)
    child = ProgrammeFactory(parent=programme)
    response = browser.get(page(programme, "delete"))
    named = sorted(strip_tags(each) for each in response.context["protected"])
    assert named == [f"Budget line: {budget}", f"Programme: {child}"]
    browser.post(page(programme, "delete"), {"post": "yes"})
    assert Programme.objects.filter(pk=programme.pk).count() == 1


def test_deletion_takes_what_only_belongs_to_the_programme(browser, officer):
    alias = AliasFactory()
    browser.post(page(alias.programme, "delete"), {"post": "yes"})
    assert [Programme.objects.count(), Alias.objects.count()] == [0, 0]
    assert Programme.history.get(history_type="-").history_user == officer
