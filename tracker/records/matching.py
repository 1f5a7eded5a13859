"""Searching: records that hold every word, found by the index where these are few, else met soon in any order."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, reduce
from operator import or_
from typing import Any, cast

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from tracker.records.fresh import fixed
from tracker.records.ngrams import is_indexed
from tracker.records.past import scope_read
from tracker.records.search import SearchKeyField
from tracker.records.statements import array, asked
from tracker.records.views import table

# Up to what share of the records a word is looked for by the index; more of them are met soon in any order.
MOST_BY_INDEX = 0.01
# So many records tell what share it is; their places are spread by no rule that the keys could follow as well. They are
# kept for so many seconds, whatever is written: what is found does not depend on them.
SAMPLE, KEPT_FOR = 250, 600
_SPREAD = sorted(nth * 0.6180339887498949 % 1 for nth in range(SAMPLE))

_for_page: ContextVar[list[str] | None] = ContextVar("_for_page", default=None)


@contextmanager
def for_page() -> Iterator[list[str]]:
    """Inside, conditions are made for a page of the records that match, and not for all, as to count them.

    Given are the words, as they come, for which that makes a difference.
    """
    words: list[str] = []
    before = _for_page.set(words)
    try:
        yield words
    finally:
        _for_page.reset(before)


def ways_chosen() -> int:
    """Another number each time when it is chosen anew how words are looked for, as far as that is kept."""
    return int(time.monotonic() / KEPT_FOR)


def matching(model: Any, words: Iterable[str], *paths: str) -> Q:
    """Each of the normalised words is in one of the texts at `paths`: search keys of the record or of those linked.

    How a word is looked for depends on how many hold it; what is found does not. Other texts than search keys have no
    index, nor has the past.
    """
    split = list(dict.fromkeys(words))
    shares = _shares(model, split, paths)
    found = min(shares, key=shares.__getitem__, default="")
    of_page, condition = _for_page.get(), Q()
    for word in split:
        share = shares.get(word, 0.0)
        # By the index only the rarest: PostgreSQL expects next to nothing of it, and joins two of them row by row.
        if word == found and share <= MOST_BY_INDEX:
            condition &= _by_index(model, word, paths)
            continue
        soon = False
        if of_page is not None and share > MOST_BY_INDEX:
            of_page.append(word)
            soon = True
        condition &= reduce(or_, (_read(model, word, path, soon=soon) for path in paths))
    return condition


def _by_index(model: Any, word: str, paths: Sequence[str]) -> Q:
    first, *others = paths
    if not others:
        return Q(**{f"{first}__holds": word})
    # Together they are found by the index; to see at each record whether one or the other is so would be to read all.
    keys = [_keys(model, word, path) for path in others]
    return Q(pk__in=_keys(model, word, first).union(*keys, all=True))


def _keys(model: Any, word: str, path: str) -> QuerySet[Any, Any]:
    """The keys of the records for which the search key at the path holds the word."""
    if back := _link_back(model, path):
        keys = back.related_model._base_manager.filter(search_key__holds=word).values(back.remote_field.name)
    else:
        kind, _field = _text_at(model, path)
        held = "holds" if is_indexed(kind) else "contains"
        keys = model._base_manager.filter(**{f"{path}__{held}": word}).values("pk")
    return cast("QuerySet[Any, Any]", keys.order_by())


def _read(model: Any, word: str, path: str, *, soon: bool = False) -> Q:
    """That the text at the path holds the word; looked for at each record alone, where one is met `soon`."""
    if back := _link_back(model, path):
        linked = back.related_model._base_manager.filter(**{back.remote_field.name: OuterRef("pk")})
        holding = linked.filter(search_key__contains=word).values("pk")
        # Of a condition that one exists PostgreSQL finds all first.
        return Q(IsNull(Subquery(holding[:1]), False) if soon else Exists(holding))
    _kind, field = _text_at(model, path)
    return Q(**{f"{path}__{'contains' if isinstance(field, SearchKeyField) else 'icontains'}": word})


def _link_back(model: Any, path: str) -> Any:
    """The link from other records to the model's by which the path leads to them; null for another path."""
    link, _, _name = path.rpartition("__")
    field = model._meta.get_field(link) if link and "__" not in link else None
    return field if field and field.one_to_many else None


def _text_at(model: Any, path: str) -> tuple[Any, Any]:
    """The kind of record to which the path leads, and the field at its end."""
    *links, name = path.split("__")
    for link in links:
        model = model._meta.get_field(link).related_model
    return model, model._meta.get_field(name)


def _shares(model: Any, words: Sequence[str], paths: Sequence[str]) -> dict[str, float]:
    """About what share of the model's records each word is found at; none where the index does not help.

    Of a kind that the index has not there are few, and what links to them is found by these links.
    """
    texts = [_text_at(model, path) for path in paths]
    if scope_read().instant or not all(isinstance(field, SearchKeyField) for _kind, field in texts):
        return {}
    weighed = []
    for path, (kind, _field) in zip(paths, texts, strict=True):
        if is_indexed(kind):
            size, keys = _sample(kind)
            weighed.append((size / max(1, _sample(model)[0]) if _link_back(model, path) else 1.0, keys))
    return {word: sum(part * _share(word, keys) for part, keys in weighed) for word in words} if weighed else {}


def _share(word: str, keys: Sequence[str]) -> float:
    return sum(word in key for key in keys) / max(1, len(keys))


def _sample(kind: Any) -> tuple[int, tuple[str, ...]]:
    """About how many records there are of a kind, and the search keys of some, from all over their table."""
    return fixed(("sample", kind, connection.vendor, ways_chosen()), partial(_sampled, kind))


def _sampled(kind: Any) -> tuple[int, tuple[str, ...]]:
    key = connection.ops.quote_name(kind._meta.pk.column)
    statement = (
        f"WITH ends AS (SELECT MIN({key}) AS lowest, MAX({key}) - MIN({key}) AS numbers FROM {table(kind)})"  # noqa: S608
        " SELECT numbers,"
        f" (SELECT search_key FROM {table(kind)} WHERE {key} = lowest + CAST(ROUND(numbers * part) AS bigint))"
        f" FROM ends CROSS JOIN {_parts()}"
    )
    rows = asked(statement, [array(_SPREAD)])
    keys = tuple(key for _numbers, key in rows if key is not None)
    return round(((rows[0][0] or 0) + 1) * len(keys) / SAMPLE), keys


def _parts() -> str:
    """The numbers of an `array` as rows with a `part`."""
    if connection.vendor == "postgresql":
        return "unnest(CAST(%s AS float8[])) AS parts(part)"
    return "(SELECT value AS part FROM json_each(%s)) AS parts"
