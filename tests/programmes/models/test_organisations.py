"""Organisations and what they do."""

import pytest

from tests.factories import OrganisationFactory, ParticipatingOrganisationFactory, PhaseFactory
from tests.programmes.models.errors import errors_of


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"channel_code": "41128"}, {}),
        ({"channel_code": "4112"}, {"channel_code": ["invalid_code"]}),
        ({"channel_code": "٤١١٢٨"}, {"channel_code": ["invalid_code"]}),
        ({"type": "40"}, {}),
        ({"type": "41"}, {"type": ["invalid_choice"]}),
    ],
)
def test_organisation_codes_are_those_of_the_standards(changes, errors):
    assert errors_of(OrganisationFactory(), **changes) == errors


@pytest.mark.django_db
def test_participating_organisation_local_role_beside_or_instead_of_the_standard_one():
    stated = {"programme": PhaseFactory().programme, "organisation": OrganisationFactory(acronym="FIIAPP")}
    roles = [("4", ""), ("4", "grantee"), ("", "partner")]

    made = [ParticipatingOrganisationFactory(**stated, role=role, local_role=local) for role, local in roles]
    assert [str(each) for each in made] == ["FIIAPP (Implementing)", "FIIAPP (Implementing)", "FIIAPP (partner)"]


@pytest.mark.django_db
def test_participating_organisation_again_in_a_phase_is_taken_once():
    phase = PhaseFactory()
    whole = ParticipatingOrganisationFactory(programme=phase.programme)
    stated = {"programme": phase.programme, "organisation": whole.organisation, "phase": phase}
    ParticipatingOrganisationFactory(**stated)

    assert errors_of(ParticipatingOrganisationFactory.build(**stated)) == {"organisation": ["not_unique"]}
