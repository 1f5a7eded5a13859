"""Many writers at the same programme, on a real server: the short form of `make soak`."""

import pytest

from bench.contention import contended
from bench.stages import Stage

pytestmark = pytest.mark.django_db  # whose tables are copied


def test_no_update_is_lost_and_no_answer_is_wrong(stage: Stage) -> None:
    before = stage.requests_counted()
    found = contended(stage, writers=20, readers=2, seconds=3)
    assert found.faults == []
    assert stage.requests_counted() - before == 2 + sum(found.answers.values())  # of two workers; two prepare
    assert min(found.increments, found.changes, found.lines) > 0
