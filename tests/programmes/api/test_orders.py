"""What is not known stands at the end of every order, whatever way the rows are read."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from bench.seed import seed
from programmes.models import Programme
from tests.programmes.api.resources import RESOURCES
from tracker.api import documents, record_pages
from tracker.api.addresses import key_field
from tracker.api.ordering import orderable, term_of

pytestmark = pytest.mark.django_db

MANY = 1000  # on one page


@pytest.fixture
def some_hidden(portfolio: None) -> None:
    """A portfolio of which the public does not see every third programme, nor what a link leads to there."""
    seed(20)
    keys = list(Programme.objects.order_by("pk").values_list("pk", flat=True))
    Programme.objects.filter(pk__in=keys[::3]).update(publication="draft")


def orders(model: Any, *, some: bool) -> Iterator[str]:
    """The orders by what may be unknown; `some` are those by what is linked, and one by a column."""
    columns = 0
    for name, path in orderable(model).items():
        term = term_of(model, path, descending=False)
        if term.nullable and (term.link or not (some and columns)):
            columns += not term.link
            yield from (name, f"-{name}")


def walked(client: APIClient, address: str | None, key: str) -> list[Any]:
    """The keys on all pages from an address on."""
    found = []
    while address:
        page = client.get(address).json()
        found += [each[key] for each in page["results"]]
        address = page["next"]
    return found


# What the public sees PostgreSQL takes ten times as long to plan, for each order anew.
@pytest.mark.parametrize(("reader", "some"), [("anyone", True), ("api", False)])
def test_rows_read_by_index_stand_as_when_all_are_sorted(
    reader: str, some: bool, some_hidden: None, request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = request.getfixturevalue(reader)
    for prefix, view in RESOURCES.items():
        key = key_field(view.queryset.model)
        for order in orders(view.queryset.model, some=some):
            for asked, starts in (("", ("&count=none", "&pagination=cursor")), ("&version__gte=0", ("&count=none",))):
                address = f"/api/v1/{prefix}/?fields={key}&ordering={order}{asked}"
                with monkeypatch.context() as sorted_:
                    sorted_.setattr(documents, "BOUNDS", ())
                    sorted_.setattr(record_pages, "FAR", 0)
                    all_sorted = walked(client, f"{address}&count=none&page_size={MANY}", key)
                size = max(2, -(-len(all_sorted) // 2))
                for start in starts:
                    assert (address, walked(client, f"{address}{start}&page_size={size}", key)) == (address, all_sorted)


def test_opposite_order_is_the_same_backwards_but_for_what_is_not_known(some_hidden: None, api: APIClient) -> None:
    def starts(order: str) -> list[tuple[Any, str]]:
        page = api.get(f"/api/v1/programmes/?fields=code,start&ordering={order}&page_size={MANY}").json()
        return [(each["start"], each["code"]) for each in page["results"]]

    there, back = starts("start"), starts("-start")
    unknown = [each for each in there if each[0] is None]
    known = there[: len(there) - len(unknown)]
    assert len(known) > len(unknown) > 0
    assert back == known[::-1] + unknown[::-1]
