"""What the database writes of records is, byte by byte, what their serializers give."""

from typing import Any

import orjson
import pytest
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from programmes.models import Alias, Budget, Programme
from tests import factories
from tests.programmes.api.resources import RESOURCES, make, paths, populate
from tracker.api import selection
from tracker.api.addresses import key_field
from tracker.api.documents import Documents
from tracker.api.fields import ActiveField
from tracker.api.rows import Reader
from tracker.api.selection import described
from tracker.api.serializers import RecordSerializer
from tracker.partial_dates import PartialDate
from tracker.records import past
from tracker.records.publication import Publication

pytestmark = pytest.mark.django_db

READINGS = [
    *((None, public, as_of) for public in (False, True) for as_of in (None, PartialDate("2002-06"))),
    (timezone.now, True, None),
]


@pytest.fixture
def request_() -> Request:
    request = HttpRequest()
    request.META |= {"SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    return Request(request)


def shapes(serializer: Any) -> list[selection.Selection]:
    """What lists, details, and lists that ask for everything show."""
    everything = ",".join(paths(serializer))
    names = ",".join(described(serializer))
    return [
        selection.asked(serializer, whole=False, fields=None, expand=None),
        selection.asked(serializer, whole=True, fields=None, expand=None),
        selection.asked(serializer, whole=False, fields=names, expand=everything or None),
    ]


@pytest.mark.parametrize("prefix", RESOURCES)
def test_database_writes_what_the_serializer_gives(request_: Request, prefix: str) -> None:
    model, serializer = RESOURCES[prefix].queryset.model, RESOURCES[prefix].serializer_class
    for number in (0, 1):
        populate(make(model, number), serializer, 2)
    hidden = list(Programme.objects.order_by("pk").values_list("pk", flat=True))[1::2]
    Programme.objects.filter(pk__in=hidden).update(publication=Publication.DRAFT)
    for instant, public, as_of in READINGS:
        with past.reading(instant and instant(), public=public) as schema:
            _check(request_, model, serializer, Reader(schema, as_of))


def _check(request: Request, model: Any, serializer: Any, reader: Reader) -> None:
    records = list(model.objects.order_by("-pk"))
    keys = [record.pk for record in records]
    active = [("yes", "undetermined", "no")[number % 3] for number in range(len(keys))]
    if not isinstance(described(serializer).get("active"), ActiveField):
        active = []
    for shown in shapes(serializer):
        documents = Documents(serializer, shown, reader, request)
        assert told(documents.page(keys, active)) == told(documents.serialized(keys, active))
        for record in records[:2]:
            one = documents.one(str(getattr(record, key_field(model))))
            assert one is not None
            assert one[:2] == (record.pk, record.version)
            assert told([one.shown]) == told(documents.serialized([record.pk]))


def told(shown: Any) -> str:
    return orjson.dumps(shown).decode()


TEXTS = [
    "plain",
    "",
    "Perú, Española, Curaçao, São Tomé",
    '"quoted" and \\back\\slashed/',
    "new\nline\r\n and\ttab",
    "".join(map(chr, range(1, 32))),
    "\x7f\x80\u2028\u2029\ufeff",
    "😀 % %s %(key)s {} ' ; --",
    "ﬀ e\u0301 \u202e",
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_is_written_alike(request_: Request, text: str) -> None:
    programme = factories.ProgrammeFactory(description=text, name=text or "x")
    indicator = factories.IndicatorFactory(result__programme=programme, unit=text or "x")
    factories.ObservationFactory(indicator=indicator, comment=text, disaggregation={"sex": text or "x", "age": "0"})
    assert both(request_, "programmes", programme.pk)[0]["description"] == text


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.120000Z",
        "2026-01-02T03:04:05.000001Z",
        "0999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_any_moment_is_written_alike(request_: Request, moment: str) -> None:
    key = factories.AliasFactory().pk
    Alias.objects.filter(pk=key).update(created_at=moment)
    assert both(request_, "aliases", key)[0]["created_at"] == moment


@pytest.mark.parametrize("amount", ["0.00", "0.01", "1000000000.10", "9999999999999.99", None])
def test_any_amount_is_written_alike(request_: Request, amount: str | None) -> None:
    reason = {} if amount else {"amount_null_reason": "not-stated", "exactness": "", "currency": ""}
    key = factories.BudgetFactory().pk
    Budget.objects.filter(pk=key).update(amount=amount, **reason)
    assert both(request_, "budgets", key)[0]["amount"] == amount


def both(request: Request, prefix: str, key: Any) -> list[dict[str, Any]]:
    """What the database writes of a record, which is what its serializer gives."""
    serializer = RESOURCES[prefix].serializer_class
    documents = Documents(serializer, shapes(serializer)[1], Reader(), request)
    written = told(documents.page([key]))
    assert written == told(documents.serialized([key]))
    return orjson.loads(written)


def test_records_come_in_the_order_of_the_keys_without_those_that_are_not_there(request_: Request) -> None:
    keys = [factories.AliasFactory().pk for _each in range(3)]
    serializer = RESOURCES["aliases"].serializer_class
    shown = selection.asked(serializer, whole=False, fields="id", expand=None)
    documents = Documents(serializer, shown, Reader(), request_)
    assert told(documents.page([keys[2], 10**9, keys[0]])) == f'[{{"id":{keys[2]}}},{{"id":{keys[0]}}}]'
    assert told(documents.page([])) == "[]"
    assert documents.one(str(10**9)) is None
    assert documents.one("nonsense") is None


class Shouted(serializers.Field):
    """A field of which nothing says how the database writes it."""

    def to_representation(self, value: str) -> str:
        return value.upper()


class ShoutingSerializer(RecordSerializer):
    """Other names, in capitals."""

    name = Shouted()

    class Meta(RecordSerializer.Meta):
        model = Alias
        fields = ("id", "name")


def test_what_the_database_cannot_write_the_serializer_gives(request_: Request) -> None:
    alias = factories.AliasFactory(name="PAcCTO")
    shown = selection.asked(ShoutingSerializer, whole=False, fields=None, expand=None)
    documents = Documents(ShoutingSerializer, shown, Reader(), request_)
    assert documents.page([alias.pk]) == [{"id": alias.pk, "name": "PACCTO"}]
    assert documents.one(str(alias.pk)) == (alias.pk, alias.version, {"id": alias.pk, "name": "PACCTO"})
    assert documents.one(str(alias.pk + 1)) is None


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_field_is_described(prefix: str) -> None:
    serializer = RESOURCES[prefix].serializer_class
    for shown in shapes(serializer):
        assert Documents(serializer, shown, Reader(), None).statement().page.startswith("SELECT ")
