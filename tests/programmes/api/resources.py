"""The resources of the router, and records with everything nested in them."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from countries.models import Country
from programmes.api.urls import router
from programmes.models import CITABLE, Citation
from tests import factories
from tracker.api.selection import described, shape
from tracker.api.views import RecordViewSet

RESOURCES: dict[str, type[RecordViewSet]] = {
    prefix: view for prefix, view, _basename in router.registry if issubclass(view, RecordViewSet)
}
FACTORIES: dict[Any, Any] = {
    each._meta.model: each
    for each in vars(factories).values()
    if isinstance(each, type) and issubclass(each, factories.RecordFactory) and each._meta.model is not None
}


def nested(serializer: Any) -> Iterator[tuple[str, Any]]:
    """The relations that a serializer nests, with the serializers of what is nested."""
    for name, inner in shape(serializer).items():
        if inner is not None:
            yield described(serializer)[name].source, inner


def paths(serializer: Any) -> list[str]:
    """All that `expand=` takes: phases, phases.citations and so on."""
    found = []
    for name, inner in shape(serializer).items():
        if inner is not None:
            found += [name, *(f"{name}.{further}" for further in paths(inner))]
    return found


def make(model: Any, number: int = 0, **given: Any) -> Any:
    """A record whose optional links are all set; records of the same owner are told apart by `number`."""
    if any(field.name == "country" and not field.null for field in model._meta.fields):
        given.setdefault("country", country(number))
    if model is factories.Observation:
        given.setdefault("as_of", str(2001 + number))
    record = FACTORIES[model](**given)
    apart = CITABLE.keys() if model is Citation else {"same_as", "country"}
    links = {
        field.name: FACTORIES[field.related_model]()
        for field in model._meta.fields
        if field.is_relation and field.null and field.name not in apart and getattr(record, field.attname) is None
    }
    if links:
        model.objects.filter(pk=record.pk).update(**links)
    return record


def country(number: int) -> Country:
    """The country of a number; the same one each time."""
    code = f"Z{'XYZ'[number]}"  # which the factory does not make
    return Country.objects.filter(pk=code).first() or factories.CountryFactory(code=code, numeric=f"00{number}")


def populate(record: models.Model, serializer: Any, count: int) -> None:
    """`count` of everything that is nested in the record; the first of a kind again with as many."""
    for relation, inner in nested(serializer):
        link: Any = type(record)._meta.get_field(relation)
        for number in range(count):
            child = make(link.related_model, number, **{link.field.name: record})
            populate(child, inner, 1 if number else count)
