"""Where sources disagree: the value that the record follows, and the values that others give."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, CharField, DecimalField, Q, QuerySet
from django.db.models.functions import Cast, Coalesce

from programmes.analysis.checks import Found
from programmes.models import CITABLE, Citation, Programme
from tracker.records.models import Record

# From each kind of record that can be cited to its programme, and to what it is called beside its programme.
PROGRAMMES: dict[str, str] = {
    "programme": "pk",
    "succession": "predecessor",
    "observation": "indicator__programme",
}
NAMES: dict[str, str] = {
    "alias": "name",
    "objective": "text",
    "programme_theme": "theme__code",
    "succession": "predecessor__code",
    "participation": "country_id",
    "country_list_statement": "text",
    "participating_organisation": "organisation__code",
    "observation": "indicator__code",
}
NAME_LENGTH = 100

# The fields to which a record's own `exactness` belongs.
EXACT = ("amount", "value", "countries_stated")


class Disputed(NamedTuple):
    """A field of a record for which sources give other values than the record has."""

    programme: int
    programme_code: str
    kind: str
    key: int
    name: str
    field: str

    def place(self) -> tuple[str, int, str, int, str]:
        """Where it stands among all."""
        return self.programme_code, list(CITABLE).index(self.kind), self.name, self.key, self.field


class Stated(NamedTuple):
    """A value as text, null where there is none, how exact it is, and the citations that give it."""

    value: str | None
    exactness: str | None
    preferred: bool
    citations: list[Citation]


class Disagreement(NamedTuple):
    """A disputed field with all its values, that of the record first."""

    disputed: Disputed
    programme: Programme
    record: Record
    values: list[Stated]

    @property
    def label(self) -> Any:
        """What the field is called."""
        field: Any = self.record._meta.get_field(self.disputed.field)
        return field.verbose_name


def disputed(programmes: QuerySet[Any], kinds: Iterable[str] = CITABLE) -> list[Disputed]:
    """The disputed fields of the programmes' records, in one query: by programme, kind of record and name."""
    owner = Coalesce(*_paths(PROGRAMMES, "programme"), output_field=BigIntegerField())
    name = Coalesce(*(Cast(path, CharField()) for path in _paths(NAMES, "code")), output_field=CharField())
    links = [f"{kind}_id" for kind in CITABLE]
    rows = (
        Citation.objects.competing()
        .annotate(owner=owner, name=name)
        .filter(owner__in=programmes.order_by().values("pk"))
        .order_by()
        .values_list("owner", "name", "field", *links)
    )
    found = set()
    for programme, text, field, *keys in rows:
        kind, key = next((kind, key) for kind, key in zip(CITABLE, keys, strict=True) if key is not None)
        if kind in kinds:
            found.add((programme, kind, key, text[:NAME_LENGTH], field))
    codes = dict(Programme.objects.filter(pk__in={each[0] for each in found}).values_list("pk", "code").order_by())
    rowed = [Disputed(programme, codes[programme], *rest) for programme, *rest in found]
    return sorted(rowed, key=Disputed.place)


def disagreements(fields: Iterable[Disputed]) -> Iterator[Disagreement]:
    """Each disputed field with the values that the record and the other sources give; a query for each kind."""
    fields = list(fields)
    programmes = Programme.objects.in_bulk({each.programme for each in fields})
    keys: dict[str, set[int]] = defaultdict(set)
    for each in fields:
        keys[each.kind].add(each.key)
    records = {kind: CITABLE[kind]._default_manager.in_bulk(wanted) for kind, wanted in keys.items()}
    cited: dict[tuple[str, int], list[Citation]] = defaultdict(list)
    of_them = Q()
    for kind, wanted in keys.items():
        of_them |= Q(**{f"{kind}__in": wanted})
    if fields:
        for citation in Citation.objects.filter(of_them).select_related("source"):
            kind = next(kind for kind in keys if getattr(citation, f"{kind}_id") is not None)
            cited[kind, getattr(citation, f"{kind}_id")].append(citation)
    for each in fields:
        record: Any = records[each.kind][each.key]
        values = _values(record, each.field, cited[each.kind, each.key])
        yield Disagreement(each, programmes[each.programme], record, values)


def competing(asked: Any) -> Iterator[Found]:
    """The records of which a field is disputed, once each."""
    seen = set()
    for each in disputed(asked.programmes):
        record = Found(each.programme, CITABLE[each.kind], each.key, each.name or str(each.key))
        if record not in seen:
            seen.add(record)
            yield record


def _paths(own: dict[str, str], usual: str) -> list[str]:
    """The same of each kind, from a citation."""
    return [f"{kind}__{own.get(kind, usual)}" for kind in CITABLE]


def _values(record: Any, name: str, citations: list[Citation]) -> list[Stated]:
    """The record's own value with what supports it or the record as a whole, then each other value."""
    field = record._meta.get_field(name)
    own = record.exactness if name in EXACT and hasattr(record, "exactness") else None
    value = _text(field, getattr(record, field.attname))
    support = [each for each in citations if each.preferred and each.field in ("", name)]
    others: dict[tuple[str | None, str | None], list[Citation]] = defaultdict(list)
    for each in citations:
        if not each.preferred and each.field == name and each.value:
            others[_text(field, each.value), each.exactness or None].append(each)
    return [
        Stated(value, own if value is not None else None, True, support),
        *(Stated(*stated, False, given) for stated, given in others.items()),
    ]


def _text(field: Any, value: Any) -> str | None:
    """The value as the API writes it; a text from a citation as it stands where it is no value of the field."""
    try:
        value = field.to_python(value)
    except ValidationError:
        return str(value)
    if value is None or value == "":
        return None
    if isinstance(field, DecimalField):
        return f"{value:.{field.decimal_places}f}"
    return json.dumps(value, sort_keys=True) if isinstance(value, bool | dict) else str(value)
