"""Budget lines and transactions: what lies inside what, and that no line ever counts itself."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from programmes.models import Budget
from tests.factories import BudgetFactory, CountryFactory, ProgrammeFactory, TransactionFactory
from tests.programmes.models.errors import errors_of, message_of
from tracker.partial_dates import PartialDate

LINKS = ("part_of", "same_as", "revises")


def codes(lines):
    return list(lines.order_by("code").values_list("code", flat=True))


@pytest.fixture
def lines(db):
    """A function that makes lines of one programme by letter."""
    programme = ProgrammeFactory(code="X")
    return lambda letters, **values: [BudgetFactory(programme=programme, code=code, **values) for code in letters]


# Amounts


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0", "0.01", "50000000.00", "1234567890123.45"])
def test_amount_stored_is_exact(amount):
    line = BudgetFactory(amount=Decimal(amount))
    line.refresh_from_db()

    assert line.amount == Decimal(amount)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"amount": "0.001"}, {"amount": ["max_decimal_places"]}),
        ({"amount": "99999999999999999999"}, {"amount": ["max_digits"]}),
        ({"amount": "Infinity"}, {"amount": ["invalid"]}),
        ({"amount": "NaN"}, {"amount": ["invalid"]}),
        ({"amount": "50 million"}, {"amount": ["invalid"]}),
        ({"currency": "XXX"}, {"currency": ["invalid_choice"]}),
        ({"currency": "eur"}, {"currency": ["invalid_choice"]}),
        ({"exactness": "roughly"}, {"exactness": ["invalid_choice"]}),
        ({"amount": None, "amount_null_reason": "lost"}, {"amount_null_reason": ["invalid_choice"]}),
        ({"type": "3"}, {"type": ["invalid_choice"]}),
        ({"status": "3"}, {"status": ["invalid_choice"]}),
        ({"title": ""}, {"title": ["blank"]}),
    ],
)
def test_budget_invalid_field_is_refused(changes, errors):
    assert errors_of(BudgetFactory(), **changes) == errors


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["not_stated", "not_applicable", "undisclosed"])
def test_amount_missing_with_a_reason_is_taken(reason):
    assert BudgetFactory(amount_null_reason=reason).amount is None


@pytest.mark.django_db
def test_transaction_negative_amount_is_a_correction():
    assert TransactionFactory(programme__code="X", amount=Decimal("-5.00")).code == "X-T1"


@pytest.mark.django_db
def test_transaction_budget_of_another_programme_is_refused():
    assert errors_of(TransactionFactory(), budget=BudgetFactory()) == {"budget": ["other_programme"]}


# Part, same, revised


@pytest.mark.parametrize(
    ("part", "whole", "taken"),
    [
        (("100.00", "exact"), ("100.00", "exact"), True),
        (("100.01", "exact"), ("100.00", "exact"), False),
        (("100.01", "about"), ("100.00", "exact"), True),
        (("100.01", "at_least"), ("100.00", "exact"), True),
        (("100.01", "exact"), ("100.00", "at_least"), True),
        (("100.01", "exact"), ("100.00", "about"), True),
        (("100.01", "exact"), (None, "exact"), True),
        ((None, "exact"), ("100.00", "exact"), True),
    ],
)
def test_part_of_not_more_than_the_whole_where_both_are_exact(lines, part, whole, taken):
    part_line, whole_line = lines("PW")
    for line, (amount, exactness) in ((part_line, part), (whole_line, whole)):
        line.amount = Decimal(amount) if amount else None
        line.amount_null_reason = "" if amount else "not_stated"
        line.exactness = exactness
        line.save()

    assert errors_of(part_line, part_of=whole_line) == ({} if taken else {"amount": ["more_than_whole"]})
    # Nor may the whole become less than a part that it has.
    part_line.save()
    assert errors_of(whole_line) == ({} if taken else {"amount": ["more_than_whole"]})


def test_part_of_more_than_the_whole_is_told_with_both_sides(lines):
    part, whole = lines("PW", amount=Decimal("1234567.80"))

    assert message_of(part, "amount", part_of=whole, amount=Decimal("1234567.81")) == (
        "A part is not more than its whole: W has 1,234,567.80."
    )
    part.amount = Decimal("1234567.80")
    part.save()
    assert message_of(whole, "amount", amount=Decimal(1)) == "The part P has 1,234,567.80, which is more than this."


def test_part_of_several_parts_may_together_be_more(lines):
    whole, *parts = lines("WPQ")

    assert [errors_of(part, part_of=whole) for part in parts] == [{}, {}]


@pytest.mark.parametrize("link", LINKS)
def test_link_to_another_currency_is_refused_from_both_sides(lines, link):
    line, other = lines("AB")
    setattr(line, link, other)

    assert errors_of(line, currency="USD") == {link: ["other_currency"]}
    line.currency = "EUR"
    line.save()
    assert errors_of(other, currency="USD") == {"currency": ["other_currency"]}
    assert message_of(other, "currency") == "A is in EUR: lines of one sum of money share one currency."


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("length", [2, 3, 4])
def test_link_circle_of_any_length_is_refused(lines, link, length):
    first, *others = lines("ABCD"[:length])
    for line, target in zip(others, [first, *others], strict=False):
        setattr(line, link, target)
        line.full_clean()
        line.save()

    assert errors_of(first, **{link: others[-1]}) == {link: ["cycle"]}


@pytest.mark.parametrize(
    ("stored", "link", "target"),
    [
        # A lies in B, by whatever links; then B may not lie in A.
        ({"A": ("part_of", "B")}, "same_as", "A"),
        ({"A": ("same_as", "B")}, "part_of", "A"),
        ({"A": ("same_as", "C"), "C": ("part_of", "B")}, "same_as", "A"),
        ({"A": ("part_of", "C"), "C": ("same_as", "B")}, "part_of", "A"),
        # B replaces A, so A is counted in B.
        ({"A": ("part_of", "C"), "D": ("revises", "C")}, "part_of", "A"),
        ({"C": ("part_of", "B")}, "revises", "B"),
        ({"B": ("part_of", "A")}, "revises", "A"),
        ({"B": ("same_as", "A")}, "revises", "A"),
        ({"B": ("part_of", "C"), "C": ("same_as", "A")}, "revises", "A"),
        ({"B": ("revises", "A")}, "part_of", "A"),
        ({"B": ("revises", "A")}, "same_as", "A"),
        ({"C": ("revises", "A"), "B": ("revises", "C")}, "part_of", "A"),
    ],
)
def test_links_mixed_circle_is_refused(lines, stored, link, target):
    by_code = {line.code: line for line in lines("ABCD")}
    for code, (field, other) in stored.items():
        setattr(by_code[code], field, by_code[other])
        by_code[code].full_clean()
        by_code[code].save()
    line = by_code["D" if stored.get("D") else "B"]

    assert list(errors_of(line, **{link: by_code[target]}).values()) == [["cycle"]]


def test_links_new_line_part_of_what_it_replaces_is_refused(lines):
    (line,) = lines("A")
    new = BudgetFactory.build(programme=line.programme, part_of=line, revises=line)

    assert errors_of(new) == {"part_of": ["cycle"]}


def test_revises_taken_back_frees_the_old_line(lines):
    old, new = lines("AB")
    new.revises = old
    new.save()

    assert errors_of(new, revises=None, part_of=old) == {}


def test_revises_second_replacement_is_refused(lines):
    old, new, newer = lines("ABC")
    new.revises = old
    new.save()

    assert errors_of(newer, revises=old) == {"revises": ["unique"]}


def test_links_forced_circle_elsewhere_ends(lines):
    first, second, third = lines("ABC")
    Budget.objects.filter(pk=first.pk).update(part_of=second)
    Budget.objects.filter(pk=second.pk).update(part_of=first)

    assert errors_of(third, part_of=Budget.objects.get(code="A")) == {}


def counted_in(stored):
    """Of each line the lines that count in its stead."""
    edges = {line.pk: {line.part_of_id, line.same_as_id} - {None} for line in stored}
    for line in stored:
        if line.revises_id is not None:
            edges[line.revises_id].add(line.pk)
    return edges


def has_circle(edges):
    """Some line is reached from itself: taking away, time and again, what counts nowhere leaves nothing else."""
    while ends := {line for line, targets in edges.items() if not targets & edges.keys()}:
        edges = {line: targets for line, targets in edges.items() if line not in ends}
    return bool(edges)


NUMBERS = st.integers(0, 3)


@pytest.mark.django_db
@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(NUMBERS, st.sampled_from(LINKS), st.none() | NUMBERS), max_size=8))
def test_links_any_sequence_of_accepted_saves_has_no_circle(steps):
    with transaction.atomic():
        programme = ProgrammeFactory(code="X")
        Budget.objects.bulk_create(BudgetFactory.build(programme=programme, code=code) for code in "ABCD")
        keys = [line.pk for line in Budget.objects.order_by("code")]
        for number, link, target in steps:
            line = Budget.objects.get(pk=keys[number])
            changes = {link: None if target is None else Budget.objects.get(pk=keys[target])}
            errors = errors_of(line, **changes)
            changed = [line if other == line else other for other in Budget.objects.all()]
            assert has_circle(counted_in(changed)) is (["cycle"] in errors.values())
            if not errors:
                line.save()
        transaction.set_rollback(True)


# Periods, exactness, countries


@pytest.mark.django_db
def test_in_period_only_lines_whose_own_period_certainly_meets_it():
    for code, start, end in (("A", "2014", "2020"), ("B", "2016-05", None), ("C", None, None), ("D", "2007", "2013")):
        BudgetFactory(code=code, period_start=start, period_end=end)

    found = [codes(Budget.objects.in_period(PartialDate(year))) for year in ("2013", "2014", "2016", "2017")]
    assert found == [["D"], ["A"], ["A", "B"], ["A"]]


@pytest.mark.django_db
def test_lower_bounds_and_not_stated_are_told_apart():
    BudgetFactory(code="A", exactness="at_least")
    BudgetFactory(code="B", exactness="at_least", amount_null_reason="not_stated")
    BudgetFactory(code="C")

    assert (codes(Budget.objects.lower_bounds()), codes(Budget.objects.not_stated())) == (["A"], ["B"])


@pytest.mark.django_db
def test_line_of_two_countries_is_one_line():
    line = BudgetFactory(code="A")
    for code in ("GT", "BZ"):
        line.budget_countries.create(country=CountryFactory(code=code))

    assert list(Budget.objects.filter(countries__in=["GT", "BZ"]).distinct()) == [line]
    assert sorted(country.code for country in line.countries.all()) == ["BZ", "GT"]


@pytest.mark.django_db
def test_budget_with_transactions_cannot_leave_its_programme():
    line = BudgetFactory()
    TransactionFactory(programme=line.programme, budget=line)

    assert errors_of(line, programme=ProgrammeFactory()) == {"programme": ["leaves_dependants"]}
    assert message_of(line, "programme") == "It cannot go to another programme: its transactions would stay behind."
