"""Pages of records: their keys first, and what is shown of them for these keys alone."""

import functools
from collections import namedtuple
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api import values
from tracker.api.changed_since import changed_since, deleted_since
from tracker.api.documents import keys
from tracker.api.ordering import Term, terms
from tracker.api.pagination import PARAMETERS, Pagination
from tracker.api.past import AS_OF
from tracker.api.walks import Records
from tracker.records.carried import Carry, Part, Question, crosses, how_many, same
from tracker.records.fresh import (
    Last,
    Rows,
    answered,
    fixed,
    fresh_by_reading,
    kinds_in,
    kinds_looked_at,
    kinds_read,
    last,
)
from tracker.records.in_order import FAR, LINK, Range, in_order, page, place
from tracker.records.journal import MOST_ROWS, Listed, journal
from tracker.records.matching import ways_chosen
from tracker.records.packed import pack, unpack
from tracker.records.parts import outermost
from tracker.records.past import Moment, moment_read, scope_read
from tracker.records.statements import asked_once
from tracker.records.written import written

# Parameters that do not say which records there are, nor in which order.
SHOWN = {*PARAMETERS, "fields", "expand", "format"}
ORDERING, SEARCH = "ordering", "search"
MOST_CARRIED = 1000  # wholes of which rows are asked for again
MOST_KEYS = 1_000_000  # of a list of which a page takes as long as all; they are kept, in eight bytes each


class RecordPagination(Pagination):
    """Pages of records; with `changed_since` the first one names the deleted records too.

    Whatever page is asked for, records are counted once while nothing is written; and the filters and the order are
    made into SQL once, where they name records while nothing is written.
    """

    def paginate_queryset(self, listed: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of a page, each with the `pk` of its record. `listed` may be a lazy query: it is not always made."""
        self.view, self.model, self.filters = view, view.queryset.model, view.filterset_class.base_filters
        self.request, self.listed = request, listed
        self.terms = terms(request, self.model)
        return super().paginate_queryset(_Records(self, listed, self.terms), request, view)

    def all_asked_for(self) -> bool:
        """Whether the list has all records, in the order of their columns."""
        return not self._asked(SHOWN | {ORDERING}) and not any(term.computed for term in self.terms)

    def selected(self, queryset: QuerySet[Any]) -> "Selected":
        """The records that the request asks for."""
        keep = fixed if self._all_speak_for_themselves() else fresh_by_reading
        filtered = bool(self._asked(SHOWN | {ORDERING, AS_OF["name"]}))
        sql = keep(self._selection(), lambda: self._as_sql(queryset))
        return Selected(self.model, filtered, self.terms[0], *sql)

    def _as_sql(self, queryset: QuerySet[Any]) -> tuple[Any, ...]:
        # How they are found is known once they are asked for.
        of_page = queryset.all()
        of_all = self.view.filter_queryset(self.view.get_queryset()) if self.view.met_soon else of_page
        return _as_sql(of_page, of_all, self.terms)

    def found_in(self) -> Listed | None:
        """Where the records of the page were found; null where that cannot be told, or is not all that a page has."""
        if changed_since(self.request) is not None:
            return None
        selected = self.selected(self.listed)
        looked_at = frozenset() if self._all_speak_for_themselves() else kinds_looked_at(self._selection())
        placed, shown = kinds_in(selected.placed), kinds_read(selected.shown)
        if not selected.placed or placed is None or shown is None or looked_at is None:
            return None
        if any(outermost(kind) is self.model for kind in looked_at):
            return None  # the statement has keys of such records, and is another one once they change
        kinds = looked_at | shown
        if selected.is_kept():
            return selected.listed()._replace(kinds=kinds)
        if crosses(selected.placed, self.model):
            return None  # to see where the written ones stand takes as long as to ask for the page
        return Listed(selected.placed, selected.placed_values, kinds)

    def _selection(self) -> Hashable:
        """What says which records there are, and how they are found."""
        chosen = ways_chosen() if SEARCH in self.request.query_params else 0
        return "selected", self.model, connection.vendor, scope_read(), chosen, self._asked(SHOWN)

    def _all_speak_for_themselves(self) -> bool:
        return all(self._speaks_for_itself(name) for name, _value in self._asked(SHOWN))

    def _speaks_for_itself(self, name: str) -> bool:
        """Whether the SQL of a parameter follows from its value; not where that names records, which are looked up."""
        each = self.filters.get(name)
        return name in (ORDERING, SEARCH) or (each is not None and not isinstance(each.value, values.Records))

    def _asked(self, but: set[str]) -> tuple[Any, ...]:
        """The parameters of the request but for some, in one order."""
        return tuple(sorted(item for item in self.request.query_params.items() if item[0] not in but))

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        since = changed_since(self.request)
        if since is not None and self.previous is None:
            response.data = {"deleted": deleted_since(self.model, since, self.request), **response.data}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        key = {"type": ["string", "integer"]}
        deleted = {
            "type": "array",
            "description": "With `changed_since`, on the first page: the records deleted since, by code or number.",
            "items": {
                "type": "object",
                "required": ["deleted_at"],
                "properties": {"code": key, "id": key, "deleted_at": {"type": "string", "format": "date-time"}},
            },
        }
        return page | {"properties": {"deleted": deleted, **page["properties"]}}


Asked = tuple[str, Sequence[Any]]


class _Records(Records):
    """The records of a list, as rows of their keys."""

    def __init__(self, pages: RecordPagination, queryset: QuerySet[Any], terms: Sequence[Term]) -> None:
        super().__init__(queryset, terms)
        self._pages = pages

    def count(self) -> int:
        return self._pages.selected(self.queryset).number()

    def rows(self, start: int, stop: int) -> list[Any]:
        if self._pages.all_asked_for():
            return list(keys(self._pages.model, list(self.terms), start, stop))
        return self._pages.selected(self.queryset).rows(start, stop)

    def counted_rows(self, start: int, stop: int) -> tuple[int, list[Any]]:
        if self._pages.all_asked_for():
            return super().counted_rows(start, stop)
        return self._pages.selected(self.queryset).counted_rows(start, stop)

    def fetched(self, queryset: QuerySet[Any]) -> list[Any]:
        return list(queryset.values_list("pk", *queryset.query.annotation_select, named=True))


class Selected(NamedTuple):
    """The records of a model that a request selects: statements for their keys, for these with their places in the
    order, and for what is shown beside each.

    The `directions` say how the places are sorted, `names` are the columns of a row. Without statements there are no
    records. Where it is filtered by values of which there may be few, the statements are `planned_by_values`.
    What is `paged` are the same records as what is `placed`, found for a page and not all at once; where the `first`
    term is found by a link, with that.
    """

    model: Any
    planned_by_values: bool
    first: Term
    keys: str = ""
    keys_values: tuple[Any, ...] = ()
    placed: str = ""
    placed_values: tuple[Any, ...] = ()
    paged: str = ""
    paged_values: tuple[Any, ...] = ()
    shown: str = ""
    shown_values: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()

    def number(self) -> int:
        """How many there are."""
        if not self.keys:
            return 0
        counted = f"SELECT COUNT(*) FROM ({self.keys}) selected", self.keys_values  # noqa: S608
        ((found,),) = self._carried(counted, how_many, (self.keys, self.keys_values)).rows()
        return int(found)

    def rows(self, start: int, stop: int) -> list[Any]:
        """Those from one place of the order up to another."""
        if not self.keys:
            return []
        if self.first.computed and (found := self._all_keys()) is not None:
            return self._rows(found[start:stop])
        found = self._carried((self._page(start, stop), self.paged_values), same)
        return self._rows([key for (key,) in found.rows()])

    def asked_for(self, start: int, stop: int) -> list[Any]:
        """The keys of those; of nothing that is kept."""
        if not self.keys:
            return []
        return [key for (key,) in asked_once(self._page(start, stop), self.paged_values, by_values=True)]

    def _page(self, start: int, stop: int) -> str:
        wanted, by_index = Range(start, stop, stop - start), stop <= FAR and not self.first.computed
        return page(self.paged, self.directions, wanted, by_index=by_index, link=bool(self.first.link))

    def counted_rows(self, start: int, stop: int) -> tuple[int, list[Any]]:
        """Both. All keys are kept for all pages, unless there are many: then not all need to be found for a page."""
        if not self.keys:
            return 0, []
        found = self._all_keys()
        if found is not None:
            return len(found), self._rows(found[start:stop])
        number = self.number()
        return number, self.rows(start, stop) if start < number else []

    def listed(self) -> Listed:
        """The list of them all, in their order."""
        return Listed(self.placed, self.placed_values, directions=self.directions)

    def is_kept(self) -> bool:
        """Whether all of the list is kept by the journal."""
        moment = self._moment_of_journal()
        return moment is not None and journal(self.model).keeps(self.listed(), moment)

    def _moment_of_journal(self) -> Moment | None:
        """What is read, where the journal can tell of the list."""
        moment = moment_read()
        can_be_told = outermost(self.model) is self.model and kinds_in(self.placed) is not None
        return moment if can_be_told and moment and moment.instant is None else None

    def _all_keys(self) -> Sequence[Any] | None:
        """The keys of all, in their order; null where they are many.

        Of an order that is computed to find a page takes as long as to find all.
        """
        if not self.first.computed:
            return self._keys_up_to(MOST_ROWS, self._journaled_keys)
        found = None
        # To count what a filter leaves takes as long as to find it.
        if self.planned_by_values or self.is_kept() or self.number() <= MOST_ROWS:
            found = self._keys_up_to(MOST_ROWS, self._journaled_keys)
        return self._keys_up_to(MOST_KEYS) if found is None else found

    def _keys_up_to(self, most: int, known: Callable[[], Sequence[Any] | None] = lambda: None) -> Sequence[Any] | None:
        """The same, where `most` are many: those that are `known`, else asked for."""
        many = "many", most, self.placed, self.placed_values
        if last(many):
            return None
        keys = known()
        if keys is None:
            statement = f"{in_order(self.placed, self.directions)} LIMIT {most + 1}"
            found = self._carried((statement, self.placed_values), same)._replace(packed=_packed)
            ((packed,),) = found.rows()
            keys = unpack(packed)
        if len(keys) > most:
            answered(many, True)
            return None
        return keys

    def _journaled_keys(self) -> Sequence[Any] | None:
        moment = self._moment_of_journal()
        if moment is None:
            return None
        journal(self.model).look(moment)
        rows = journal(self.model).rows(self.listed(), moment)
        return None if rows is None else [row[0] for row in rows]

    def _rows(self, keys: Sequence[Any]) -> list[Any]:
        """The rows of records, in the order of the keys."""
        row = _row(self.names)
        if len(self.names) == 1 or not keys:
            return [row(key) for key in keys]
        shown = f"SELECT * FROM ({self.shown}) selected WHERE pk IN ({', '.join(['%s'] * len(keys))})"  # noqa: S608
        found = {each[0]: row(*each) for each in asked_once(shown, [*self.shown_values, *keys])}
        return [found[key] for key in keys]

    def _carried(self, asked: Asked, carry: Carry, rows: Asked = ("", ())) -> Question:
        """What is asked is carried by the rows of the records that were written: of all that are placed, or of others.

        Either is a statement with its parameters.
        """
        whole, (statement, values) = outermost(self.model), rows if rows[0] else (self.placed, self.placed_values)

        def part(before: Mapping[Any, Last]) -> Part | None:
            since = written(before, whole)
            keys = since.belonging(self.model) if since and len(since.wholes) <= MOST_CARRIED else ""
            if not keys or crosses(statement, whole):
                return None
            return Part(f"SELECT * FROM ({statement}) selected WHERE pk IN ({keys})", values)  # noqa: S608

        ask = functools.partial(asked_once, by_values=self.planned_by_values)
        return Question(*asked, ask=ask, part=part, carry=carry)


def _packed(rows: Rows) -> Rows:
    return ((pack([key for (key,) in rows]),),)


def keys_in_order(queryset: QuerySet[Any], terms: Sequence[Term], start: int, stop: int) -> list[Any]:
    """The keys of a query's records from one place of the order up to another, found by an index where there is one."""
    return Selected(queryset.model, True, terms[0], *_as_sql(queryset, queryset, terms)).asked_for(start, stop)


def _as_sql(of_page: QuerySet[Any], of_all: QuerySet[Any], terms: Sequence[Term]) -> tuple[Any, ...]:
    """What a selection has, for records as they are found for a page, and all at once."""
    shown = tuple(of_page.query.annotation_select)
    places = {place(nth): F(term.path) for nth, term in enumerate(terms)}
    columns = places | ({LINK: F(terms[0].link)} if terms[0].link else {})

    @functools.cache  # two and two are often the same
    def sql(records: QuerySet[Any], *names: str) -> Any:
        wanted = records.order_by().annotate(**{name: columns[name] for name in names if name in columns})
        return wanted.values_list("pk", *names).query.sql_with_params()

    try:
        statements = sql(of_all), sql(of_all, *places), sql(of_page, *columns), sql(of_page, *shown)
    except EmptyResultSet:
        return ()
    return *chain.from_iterable(statements), ("pk", *shown), tuple(term.direction for term in terms)


@functools.cache
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)
