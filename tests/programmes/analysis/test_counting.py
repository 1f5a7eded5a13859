"""Whether a line counts, told by the database: what lines say that repeat, and are replaced, at once."""

import pytest

from programmes.analysis.containment import Containment
from programmes.analysis.counting import counting
from programmes.analysis.explanation import sentence
from programmes.models import Budget
from tests import factories

pytestmark = pytest.mark.django_db


def test_line_that_repeats_another_is_that_ones_whatever_replaces_it() -> None:
    programme = factories.ProgrammeFactory()
    first = factories.BudgetFactory(programme=programme, code="FIRST", amount=None, amount_null_reason="not_stated")
    second = factories.BudgetFactory(programme=programme, code="SECOND", amount=5, same_as=first)
    third = factories.BudgetFactory(programme=programme, code="THIRD", amount=5, same_as=second)
    factories.BudgetFactory(programme=programme, code="FOURTH", amount=6, revises=third)
    lines = Budget.objects.all()
    told = counting(lines, lines)
    reasons = dict(lines.annotate(counted=told.counted, because=told.reason).values_list("code", "because"))
    assert reasons["THIRD"] == "Not counted: it is the same money as SECOND."
    (behind,) = (each for each in Containment(lines).selection().left_out if each.line.code == "THIRD")
    assert sentence(behind) == reasons["THIRD"]
