"""Phases: what follows what, in one programme and in order."""

import pytest

from programmes.models import Phase
from tests.factories import (
    BudgetFactory,
    CountryListStatementFactory,
    ObservationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    TransactionFactory,
)
from tests.programmes.models.errors import errors_of, message_of


@pytest.fixture
def programme(db):
    return ProgrammeFactory(code="COPOLAD")


def test_follows_earlier_phase_of_the_programme_is_taken(programme):
    first = PhaseFactory(programme=programme, label="I", order=1)
    second = PhaseFactory(programme=programme, label="II", order=2, follows=first)

    assert (first.followed_by, str(second)) == (second, "Programme COPOLAD II")


def test_follows_phase_of_another_programme_is_refused(programme):
    phase, other = PhaseFactory(programme=programme), PhaseFactory(order=1)
    phase.order = 2

    assert errors_of(phase, follows=other) == {"follows": ["other_programme"]}
    assert message_of(phase, "follows") == f"{other} belongs to another programme."


@pytest.mark.parametrize("order", [1, 2])
def test_follows_phase_that_does_not_come_before_is_refused(programme, order):
    second = PhaseFactory(programme=programme, order=2)
    third = PhaseFactory(programme=programme, order=3)
    Phase.objects.filter(pk=third.pk).update(order=order + 10)

    assert errors_of(second, follows=Phase.objects.get(pk=third.pk)) == {"follows": ["order"]}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_follows_circle_of_any_length_is_refused(programme, length):
    phases = []
    for order in range(length):
        follows = phases[-1] if phases else None
        phases.append(PhaseFactory(programme=programme, order=order, follows=follows))

    assert errors_of(phases[0], follows=phases[-1]) == {"follows": ["cycle"]}


def test_follows_phase_that_another_follows_already_is_refused(programme):
    first, second = (PhaseFactory(programme=programme, order=order) for order in (1, 2))
    second.follows = first
    second.save()

    assert errors_of(PhaseFactory(programme=programme, order=3), follows=first) == {"follows": ["unique"]}


def test_phase_may_lie_in_the_future(programme):
    assert errors_of(PhaseFactory(programme=programme, planned_start="2150")) == {}


def test_without_following_only_the_last(programme):
    first = PhaseFactory(programme=programme, order=1)
    last = PhaseFactory(programme=programme, order=2, follows=first)

    assert list(Phase.objects.without_following()) == [last]


@pytest.mark.parametrize(
    "refer",
    [
        lambda phase: BudgetFactory(programme=phase.programme, phase=phase),
        lambda phase: TransactionFactory(programme=phase.programme, phase=phase),
        lambda phase: ParticipationFactory(programme=phase.programme, phase=phase),
        lambda phase: CountryListStatementFactory(programme=phase.programme, phase=phase),
        lambda phase: ParticipatingOrganisationFactory(programme=phase.programme, phase=phase),
        lambda phase: ObservationFactory(indicator__result__programme=phase.programme, phase=phase),
        lambda phase: PhaseFactory(programme=phase.programme, follows=phase, order=phase.order + 1000),
    ],
)
def test_phase_that_others_refer_to_cannot_leave_its_programme(programme, refer):
    phase = PhaseFactory(programme=programme)
    assert errors_of(phase, programme=ProgrammeFactory()) == {}

    phase.refresh_from_db()
    refer(phase)
    assert errors_of(phase, name="still here") == {}
    assert errors_of(phase, programme=ProgrammeFactory()) == {"programme": ["leaves_dependants"]}


@pytest.mark.parametrize(
    "factory",
    [
        BudgetFactory,
        TransactionFactory,
        ParticipationFactory,
        CountryListStatementFactory,
        ParticipatingOrganisationFactory,
        ObservationFactory,
    ],
)
def test_phase_of_another_programme_is_refused(programme, factory):
    assert errors_of(factory(), phase=PhaseFactory(programme=programme)) == {"phase": ["other_programme"]}
