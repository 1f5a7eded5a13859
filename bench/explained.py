"""The plan of each list's query for its keys, by every filter and in every order: `python -m bench.explained`."""

import contextlib
import datetime
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()

from django.db import connection
from django.db.models import Count, Max, Min
from django.test import Client

from bench.plans import Plan
from programmes.api.urls import router
from tracker.api import values
from tracker.api.addresses import key_field
from tracker.api.filters import Filter, Together
from tracker.api.ordering import orderable
from tracker.api.views import RecordViewSet
from tracker.records.search import is_searched

FEW = 1000  # rows of a table that may be read as a whole: an index would gain nothing
WHOLE = 0.5  # of the rows of a table: who reads so many reads it as a whole
BESIDE = {"activity": "&active_in=2020", "grouping_on": "&grouping=CELAC"}  # what a filter does not go without
SOME_DAY = "2020-06-30"  # within the portfolio
SOME_MOMENT = "2026-01-01T00:00:00Z"  # after all versions of the portfolio
WORDS = ("nowhere", "health", "qx")  # one in no text, one in many, and one shorter than a trigram in none


def found() -> Iterator[Plan]:
    """The plan of each list for each filter and each order; of several values the one that makes it read most."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as PostgreSQL does by itself within a minute, whatever was written before
    sizes = dict(_rows("SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'"))
    for prefix, view, _basename in router.registry:
        if not issubclass(view, RecordViewSet) or sizes[view.queryset.model._meta.db_table] < FEW:
            continue
        print(f"\r{prefix:60}", end="", file=sys.stderr, flush=True)
        for asked, queries in ways(view):
            every = [plan_of(prefix, asked, query, sizes) for query in queries]
            yield max(every, key=lambda plan: (bool(plan.whole), plan.rows))
    print(file=sys.stderr)


def ways(view: Any) -> Iterator[tuple[str, list[str]]]:
    """Each way to ask for the list, as it is told, with the texts of its queries; not by records of which none are."""
    model = view.queryset.model
    yield "all", [""]
    for name in orderable(model):
        yield f"ordering={name}", [f"ordering={name}"]
        yield f"ordering=-{name}", [f"ordering=-{name}"]
    for name, each in view.filterset_class.base_filters.items():
        if not name.endswith("__in") and (given := _given(model, name, each)):
            yield name, [f"{name}={quote(value)}{BESIDE.get(name, '')}" for value in given]
    if is_searched(model):
        yield "search", [f"search={word}" for word in WORDS]
    yield "changed_since", [f"changed_since={SOME_MOMENT}"]


def _given(model: Any, name: str, each: Filter) -> list[str]:
    """Values for a filter: of a column the one that leaves fewest records, and one that leaves none; else some."""
    if isinstance(each, Together):
        return _some(each.value)
    if isinstance(each.value, values.Boolean):
        return ["true", "false"]
    path = each.field_name or ""
    stored = model._default_manager.order_by().exclude(**{f"{path}__isnull": True})
    if name.endswith(("__gte", "__lte")):
        value = stored.aggregate(value=Max(path) if name.endswith("__gte") else Min(path))["value"]
    else:
        by_number = stored.exclude(**_blank(model, path)).values(path).annotate(number=Count("pk"))
        row = by_number.order_by("-number" if name.endswith("__not") else "number", path).first()
        value = row and row[path]
    nothing = [] if name.endswith("__not") else _unused(each.value, stored, path, first=name.endswith("__lte"))
    if isinstance(value, dict):
        return _some(each.value)
    if value is None:
        return nothing or _some(each.value)
    if isinstance(each.value, values.Records):
        other = each.value.model
        value = other._default_manager.values_list(key_field(other), flat=True).get(pk=value)
    text = value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime.datetime) else str(value)
    return [text, *nothing]


def _unused(value: Any, stored: Any, path: str, *, first: bool) -> list[str]:
    """A value that no record has, nor one before it (`first`) or after it."""
    match value:
        case values.Several():
            return _unused(value.item, stored, path, first=first)
        case values.Choice():
            used = set(stored.values_list(path, flat=True))
            return [code for code in value.codes if code not in used][:1]
        case values.Number():
            return ["-1" if first else "999999999"]
        case values.Instant():
            return ["1950-01-01T00:00:00Z" if first else "2090-01-01T00:00:00Z"]
        case values.Date() | values.Day():
            return ["1950-01-01" if first else "2090-01-01"]
        case values.Records() | values.Boolean():
            return []
    return [WORDS[0]]


def _blank(model: Any, path: str) -> dict[str, Any]:
    """What an empty text is excluded by, where there may be one."""
    field = model._meta.pk if path == "pk" else model._meta.get_field(path.partition("__")[0])
    return {path: ""} if field.get_internal_type() in ("CharField", "TextField") else {"pk": None}


def _some(value: Any) -> list[str]:
    """Values of the kind that a parameter takes."""
    match value:
        case values.Records():
            keys = list(value.queryset.order_by("pk").values_list(key_field(value.model), flat=True))
            return [str(keys[0]), str(keys[len(keys) // 2]), str(keys[-1])] if keys else []
        case values.Several():
            return _some(value.item)
        case values.Choice():
            return [value.codes[0], value.codes[-1]]
        case values.Boolean():
            return ["true", "false"]
        case values.Number():
            return ["1"]
        case values.Instant():
            return [SOME_MOMENT]
        case values.Date() | values.Day():
            return [SOME_DAY]
    return list(value.schema.get("examples", WORDS[:1]))[:1]


def plan_of(prefix: str, asked: str, query: str, sizes: dict[str, int]) -> Plan:
    """What PostgreSQL does for the keys of the first page."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    address = f"/api/v1/{prefix}/?count=none&{query}"
    with connection.execute_wrapper(note):
        response = Client(headers={"host": "127.0.0.1"}).get(address)
    if response.status_code != 200:
        raise ValueError(f"{address}: {response.content.decode()}")
    of_keys = [each for each in statements if re.search(r"LIMIT \S+ OFFSET \S+$", each[0])]
    if not of_keys:  # known to find none
        return Plan(prefix, asked, [], [], 0, 0, 0)
    told = _explained(*of_keys[0])
    root = told["Plan"]
    by, read = scans(root, sizes)
    whole = sorted(name for name, rows in read.items() if rows >= WHOLE * sizes[name])
    buffers = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    rows = round(sum(read.values()))
    return Plan(prefix, asked, sorted(by), [_short(name) for name in whole], rows, buffers, told["Execution Time"])


def _explained(sql: str, params: Any) -> Any:
    """The plan, and what it took: that for any values where the statement is one that the server keeps, as it does."""
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
    if not isinstance(params, dict):
        return _rows(f"{explain} {sql}", params)[0][0][0]
    given = {name: value for name, value in params.items() if f"%({name})s" in sql}
    places = {name: f"${place}" for place, name in enumerate(given, 1)}
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE kept AS {sql % places}")
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(f"{explain} EXECUTE kept ({', '.join(['%s'] * len(given))})", list(given.values()))
        told = cursor.fetchone()[0][0]
        cursor.execute("DEALLOCATE kept")
    return told


def scans(node: dict[str, Any], sizes: dict[str, int]) -> tuple[set[str], dict[str, float]]:
    """By what the tables of at least FEW rows are read, and how many rows of each."""
    by, read = set[str](), defaultdict[str, float](float)
    steps = [(node, "")]
    while steps:
        each, of = steps.pop()
        name = each.get("Relation Name", of)
        if sizes.get(name, 0) >= FEW:
            if "Index Name" in each:
                by.add(_short(each["Index Name"]))
            elif each["Node Type"] == "Seq Scan":
                by.add(f"seq {_short(name)}")
            if "Relation Name" in each:
                rows = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
                read[name] += each["Actual Loops"] * sum(each.get(kind, 0) for kind in rows)
        steps += [(below, each.get("Relation Name", "")) for below in each.get("Plans", ())]
    return by, read


def _short(name: str) -> str:
    return name.removeprefix("programmes_")


def _rows(sql: str, params: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


if __name__ == "__main__":
    json.dump([plan._asdict() for plan in found()], sys.stdout)
