"""Exchange rates: units for one euro, to eight places."""

import datetime
from decimal import Decimal

import pytest

from tests.factories import ExchangeRateFactory
from tests.programmes.models.errors import errors_of


@pytest.mark.django_db
@pytest.mark.parametrize("rate", ["0.00000001", "3.75", "4321.12345678"])
def test_rate_stored_is_exact(rate):
    stored = ExchangeRateFactory(per_euro=Decimal(rate))
    stored.refresh_from_db()

    assert stored.per_euro == Decimal(rate)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"per_euro": "0.000000001"}, {"per_euro": ["max_decimal_places"]}),
        ({"per_euro": "NaN"}, {"per_euro": ["invalid"]}),
        ({"day": "2016-02"}, {"day": ["invalid"]}),
        ({"day": None}, {"day": ["null"]}),
        ({"source": ""}, {"source": ["blank"]}),
        ({"currency": "XXX"}, {"currency": ["invalid_choice"]}),
    ],
)
def test_rate_invalid_field_is_refused(changes, errors):
    assert errors_of(ExchangeRateFactory(), **changes) == errors


@pytest.mark.django_db
def test_rate_named_by_currency_rate_and_day():
    assert str(ExchangeRateFactory(day=datetime.date(2016, 2, 15))) == "PEN 3.75 (2016-02-15)"
