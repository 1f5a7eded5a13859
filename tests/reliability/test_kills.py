"""The server and PostgreSQL are killed in the middle of writes: the short form of `make soak`."""

import pytest

from bench.kills import killed
from bench.stages import Stage

pytestmark = pytest.mark.django_db  # whose tables are copied


def test_every_acknowledged_write_is_there_and_no_half_one(stage: Stage) -> None:
    found = killed(stage, kills=2 if stage.postgresql else 1)
    assert found.faults == []
    assert min(found.single, found.bulk) > 0
