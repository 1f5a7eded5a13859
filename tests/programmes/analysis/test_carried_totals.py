"""Totals that are carried over what was written."""

import re
from decimal import Decimal
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.analysis.totals import totals as by_one_statement
from programmes.models import Budget
from tests.factories import InstrumentFactory
from tests.programmes.analysis.sums import everything, groups, line, moment, money
from tracker.records import fresh as fresh_module
from tracker.records.fresh import Kept

pytestmark = pytest.mark.django_db


def keys_in(statement: str) -> set[int]:
    """The keys to which the statement keeps."""
    (keys,) = re.findall(r"AS seen WHERE .*?[{\[]([\d, ]+)[\]}]", statement)
    return set(map(int, keys.split(",")))


def test_after_a_change_only_what_is_linked_to_its_programme_is_asked_for() -> None:
    changed = line("100")
    linked = line("50", part_of=changed)
    further, _other = line("30", part_of=linked), line("70")
    with mock.patch.object(fresh_module, "kept", Kept()):
        with moment(public=False):
            assert money(by_one_statement(everything())) == [("EUR", "170.00", "exact")]
        changed.amount = Decimal(120)
        changed.save()
        with moment(public=False), CaptureQueriesContext(connection) as captured:
            assert money(by_one_statement(everything())) == [("EUR", "190.00", "exact")]
        asked = [query["sql"] for query in captured if "line AS MATERIALIZED" in query["sql"]]
        assert len(asked) == 2  # what the lines gave, and what they give
        assert [keys_in(each) for each in asked] == [{changed.pk, linked.pk, further.pk}] * 2
        with moment(public=False), CaptureQueriesContext(connection) as captured:
            assert money(by_one_statement(everything())) == [("EUR", "190.00", "exact")]
        assert not any("line AS MATERIALIZED" in query["sql"] for query in captured)


def test_after_a_change_of_what_belongs_to_no_programme_everything_is_asked_for() -> None:
    instrument = InstrumentFactory(code="DCI")
    line("100", instrument=instrument)
    with mock.patch.object(fresh_module, "kept", Kept()):
        with moment(public=False):
            assert groups(by_one_statement(everything(), ["instrument"])) == {"DCI": "100.00 exact"}
        instrument.code = "NDICI"
        instrument.save()
        with moment(public=False):
            assert groups(by_one_statement(everything(), ["instrument"])) == {"NDICI": "100.00 exact"}


def test_where_the_history_is_another_one_everything_is_asked_for() -> None:
    """As after a backup was restored: the numbers of versions begin again where they were then."""
    counted, other = line("100"), line("70")
    with mock.patch.object(fresh_module, "kept", Kept()):
        with moment(public=False):
            assert money(by_one_statement(everything())) == [("EUR", "170.00", "exact")]
        Budget.history.filter(pk=Budget.history.latest("pk").pk).update(history_date="2020-01-01T00:00Z")
        Budget.objects.filter(pk=other.pk).update(amount=1)
        counted.save()
        with moment(public=False):
            assert money(by_one_statement(everything())) == [("EUR", "101.00", "exact")]
