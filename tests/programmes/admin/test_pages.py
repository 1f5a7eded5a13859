"""What the pages of the other stems show and do."""

from decimal import Decimal

import pytest
from django.urls import reverse

from programmes.models import Budget, Citation, Observation, Phase, Source, Theme
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    IndicatorFactory,
    ObjectiveFactory,
    ObservationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    SourceFactory,
    ThemeFactory,
)
from tests.programmes.admin.pages import added, data_of, errors_in, page


def rows(browser, model, *columns, **query):
    """What the list of the records shows in some of its columns."""
    changelist = browser.get(page(model, "changelist"), query).context["cl"]
    pages = changelist.model_admin
    return [tuple(str(getattr(pages, column)(record)) for column in columns) for record in changelist.result_list]


# Money


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ({"amount": "50000000"}, "50,000,000 EUR"),
        ({"amount": "1234.50", "currency": "USD"}, "1,234.50 USD"),
        ({"amount": "50000000", "exactness": "at_least"}, "at least 50,000,000 EUR"),
        ({"amount": "153000000", "exactness": "about"}, "about 153,000,000 EUR"),
        ({"amount": "0"}, "0 EUR"),
        ({"amount_null_reason": "undisclosed"}, "undisclosed"),
    ],
)
def test_list_of_budget_lines_shows_amounts_in_words(browser, line, shown):
    BudgetFactory(**line)
    cell = f'<div class="figures"><div>{shown}</div></div>'
    assert rows(browser, Budget, "amount_in_words") == [(cell,)]


def test_list_of_budget_lines_shows_the_place_among_the_others(browser):
    whole = BudgetFactory(code="A")
    programme = whole.programme
    BudgetFactory(code="B", programme=programme, part_of=whole)
    BudgetFactory(code="C", programme=programme, same_as=whole)
    BudgetFactory(code="D", programme=programme, revises=BudgetFactory(code="E", programme=programme))
    assert rows(browser, Budget, "place") == [("–",), ("part of A",), ("same as A",), ("replaces E",), ("–",)]


def test_budget_line_is_saved_with_countries_and_citations(browser):
    budget, country, source = BudgetFactory(), CountryFactory(), SourceFactory()
    data = data_of(browser.get(page(budget, "change")))
    data = added(data, "budget_countries", country=country.pk, percentage="60")
    data = added(data, "citations", source=source.pk, place="line 1", field="amount", preferred="on")
    browser.post(page(budget, "change"), data)
    assert list(budget.budget_countries.values_list("country", "percentage")) == [(country.pk, 60)]
    assert list(budget.citations.values_list("source", "field", "value")) == [(source.pk, "amount", "")]


def test_cycle_of_budget_lines_is_refused_beside_the_link(browser):
    whole = BudgetFactory()
    part = BudgetFactory(part_of=whole, programme=whole.programme)
    data = data_of(browser.get(page(whole, "change"))) | {"part_of": part.pk}
    response = browser.post(page(whole, "change"), data)
    assert list(errors_in(response)) == ["part_of"]


def test_error_of_a_field_that_the_form_lacks_is_said_with_its_name(browser):
    line = BudgetCountryFactory().budget
    other = BudgetFactory(programme=line.programme)
    form = browser.get(page(line, "change")).context["adminform"].form
    narrow = type("Narrow", (type(form),), {})
    narrow.base_fields = {name: field for name, field in form.base_fields.items() if name != "part_of"}
    line.part_of = other
    data = {**data_of(browser.get(page(line, "change"))), "currency": "USD"}
    checked = narrow(data, instance=line)
    message = f"Part of: {other.code} is in EUR: lines of one sum of money share one currency."
    assert checked.errors == {"__all__": [message]}


# Results


def test_indicator_page_holds_its_observations(browser):
    indicator, source = IndicatorFactory(), SourceFactory()
    data = data_of(browser.get(page(indicator, "change")))
    row = {"kind": "actual", "value": "27", "exactness": "at_least", "as_of": "2017-03"}
    broken_down = {"disaggregation": '{"substance": "cocaine"}', "cite_source": source.pk, "cite_place": "p. 2"}
    browser.post(page(indicator, "change"), added(data, "observations", **row, **broken_down))
    observation = Observation.objects.get()
    assert [observation.value, observation.as_of, observation.disaggregation] == [
        27,
        "2017-03",
        {"substance": "cocaine"},
    ]
    assert [str(each) for each in observation.citations.all()] == [f"{source.code}, p. 2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cocaine", "Enter a valid JSON."),
        (
            '{"colour": "red"}',
            "“colour” is not a dimension. Known: country, sex, age, substance, sector, organisation.",
        ),
        ('{"country": "ZZ"}', "“ZZ” is not a country code."),
    ],
)
def test_breakdown_that_cannot_be_is_refused_beside_its_field(browser, text, message):
    observation = ObservationFactory()
    data = data_of(browser.get(page(observation, "change"))) | {"disaggregation": text}
    response = browser.post(page(observation, "change"), data)
    assert errors_in(response) == {"disaggregation": [message]}


def test_cards_of_observations_say_what_they_hold(browser):
    observation = ObservationFactory(value=Decimal(60), exactness="at_least", disaggregation={"substance": "cocaine"})
    formset = browser.get(page(observation.indicator, "change")).context["inline_admin_formsets"][0].formset
    titles = [form.instance.get_inline_title for form in formset.initial_forms]
    assert titles == ["actual · at least 60 persons trained (2017-03) · cocaine"]


def test_list_of_observations_shows_value_and_breakdown(browser):
    indicator = IndicatorFactory(unit="kg")
    ObservationFactory(
        indicator=indicator, value=Decimal("1500.5"), as_of="2016", disaggregation={"substance": "heroin"}
    )
    ObservationFactory(indicator=indicator, value_null_reason="not_stated", as_of="2017")
    assert rows(browser, Observation, "value_in_words", "breakdown") == [
        ('<div class="figures"><div>1,500.50 kg</div></div>', "heroin"),
        ('<div class="figures"><div>not stated</div></div>', "whole"),
    ]


# Phases


def test_dates_are_shown_and_taken_as_precise_as_they_are(browser):
    phase = PhaseFactory(planned_start="2016-02", planned_end="2019")
    form = browser.get(page(phase, "change")).context["adminform"].form
    box = form["planned_start"]
    assert [box.value(), box.field.widget.attrs["placeholder"]] == ["2016-02", "2016, 2016-02 or 2016-02-15"]
    data = data_of(browser.get(page(phase, "change"))) | {"actual_start": " 2016-03-01 "}
    browser.post(page(phase, "change"), data)
    phase.refresh_from_db()
    assert [phase.actual_start, phase.start] == ["2016-03-01", "2016-03-01"]
    assert rows(browser, Phase, "period") == [("2016-03-01 – 2019",)]


# Sources and citations


def test_list_of_sources_counts_the_citations_and_leads_to_them(browser):
    source = CitationFactory().source
    CitationFactory(source=source)
    link = f'<a href="/admin/programmes/citation/?source__id__exact={source.pk}" class="text-link">2</a>'
    assert rows(browser, Source, "cited") == [(link,)]


def test_list_of_citations_leads_to_what_they_support(browser):
    budget = CitationFactory(budget=BudgetFactory()).budget
    link = f'<a href="{page(budget, "change")}" class="text-link">Budget line: {budget}</a>'
    assert rows(browser, Citation, "supports") == [(link,)]


def test_citations_of_a_programme_are_found_with_those_of_its_records(browser):
    programme = ProgrammeFactory()
    mine = {
        CitationFactory(programme=programme),
        CitationFactory(objective=ObjectiveFactory(programme=programme)),
        CitationFactory(participation=ParticipationFactory(programme=programme)),
        CitationFactory(observation=ObservationFactory(indicator__result__programme=programme)),
    }
    CitationFactory()
    changelist = browser.get(page(Citation, "changelist"), {"programme__id__exact": programme.pk}).context["cl"]
    assert set(changelist.result_list) == mine


def test_new_citation_names_exactly_one_record(browser):
    budget, source = BudgetFactory(), SourceFactory()
    data = data_of(browser.get(page(Citation, "add"))) | {"source": source.pk, "place": "line 9"}
    response = browser.post(page(Citation, "add"), data)
    assert errors_in(response) == {"__all__": ["A citation supports exactly one record."]}
    browser.post(page(Citation, "add"), data | {"budget": budget.pk})
    assert list(Citation.objects.values_list("budget", "place")) == [(budget.pk, "line 9")]


def test_fields_to_cite_are_those_of_the_record(browser):
    citation = CitationFactory(phase=PhaseFactory(), field="planned_end")
    field = browser.get(page(citation, "change")).context["adminform"].form.fields["field"]
    names = [name for name, _label in field.choices]
    editable = [each.name for each in Phase._meta.concrete_fields if each.editable]
    assert names == ["", *editable]


# Themes


def test_themes_stand_in_the_order_of_their_tree(browser):
    top = ThemeFactory(code="B-TOP")
    ThemeFactory(code="A-OTHER")
    ThemeFactory(code="C-BELOW", parent=ThemeFactory(code="Z-MIDDLE", parent=top))
    themes = browser.get(page(Theme, "changelist")).context["cl"].result_list
    assert [theme.path for theme in themes] == [
        ["A-OTHER"],
        ["B-TOP"],
        ["B-TOP", "Z-MIDDLE"],
        ["B-TOP", "Z-MIDDLE", "C-BELOW"],
    ]


def test_themes_are_sorted_otherwise_when_asked(browser):
    for code, name in (("A", "Zebra"), ("B", "Ant")):
        ThemeFactory(code=code, name_en=name, name_es=name)
    themes = browser.get(page(Theme, "changelist"), {"o": "2"}).context["cl"].result_list
    assert [theme.code for theme in themes] == ["B", "A"]


# Who signs in


def test_administrator_keeps_users_and_groups(admin_client):
    for model in ("user", "group"):
        for view in ("changelist", "add"):
            assert admin_client.get(reverse(f"admin:auth_{model}_{view}")).status_code == 200


def test_officer_keeps_no_users(browser):
    assert browser.get(reverse("admin:auth_user_changelist")).status_code == 403


def test_signing_in_leads_to_the_start_page(client, django_user_model):
    django_user_model.objects.create_user("officer", password="officer-s secret", is_staff=True)
    credentials = {"username": "officer", "password": "officer-s secret"}
    response = client.post(reverse("admin:login"), credentials)
    assert response["Location"] == reverse("admin:index")
