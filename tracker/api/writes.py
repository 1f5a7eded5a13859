"""Writing records, one or a list of them: whole or not at all, tried without being done, nothing overwritten unseen."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _
from rest_framework import viewsets
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.addresses import found_by, key_field, list_path, not_found
from tracker.api.attempts import AttemptsMixin
from tracker.api.errors import Protected, TooLarge, dependants
from tracker.api.etags import MISSING, check_version, tagged
from tracker.api.faults import GATHERED, at_places, together
from tracker.api.nested import kinds_linked, look_ahead, save_with_parts
from tracker.records.changes import kind_name
from tracker.records.locks import lock_kinds, lock_records
from tracker.records.models import Record
from tracker.records.parts import depth, paths_to_wholes
from tracker.records.units import one_unit

MAX_RECORDS = 1000
ACTIONS = ("create", "update", "partial_update", "destroy", "change_many", "destroy_many")


class WritingViewSet(AttemptsMixin, viewsets.ModelViewSet):
    """Adding, replacing, changing and deleting, for the view sets of records."""

    queryset: Any
    serializer_class: Any

    # One

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if isinstance(request.data, list):
            return self._written(lambda: self._create_many(_listed(request.data)), repeatable=True)
        return self._written(self._create, repeatable=True)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._written(lambda: self._update(partial=bool(kwargs.get("partial"))))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._written(self._destroy)

    def _create(self) -> Response:
        self._lock([self.request.data])
        with one_unit() as unit:
            look_ahead(unit, self.serializer_class, [self.request.data])
            record = self._save(self._writing(None, self.request.data))
        path = f"{list_path(self.queryset.model)}{getattr(record, self.lookup_field)}/"
        return self._stored(record, status=201, headers={"Location": self.request.build_absolute_uri(path)})

    def _update(self, *, partial: bool) -> Response:
        data = self.request.data
        record = self._locked_object([data])
        given = data.get("version", MISSING) if isinstance(data, dict) else MISSING
        check_version(record, self.request, given=given)
        with one_unit():
            record = self._save(self._writing(record, data, partial=partial))
        return self._stored(record)

    def _destroy(self) -> Response:
        record = self._locked_object([])
        check_version(record, self.request)
        _total, by_kind = record.delete()
        return Response(_deleted(by_kind) if self.dry_run else None, status=204)

    # Many

    def change_many(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change each record of a list."""
        return self._written(lambda: self._change_many(_listed(request.data)), repeatable=True)

    def destroy_many(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete each record of a list."""
        return self._written(lambda: self._destroy_many(_listed(request.data)), repeatable=True)

    def _create_many(self, items: list[Any]) -> Response:
        self._lock(items)
        with one_unit() as unit:
            look_ahead(unit, self.serializer_class, items)
            records = _each(items, lambda item: self._save(self._writing(None, item)))
        return Response(self.shown(records), status=201)

    def _change_many(self, items: list[Any]) -> Response:
        stored = self._locked_records(items)

        def change(item: dict[str, Any]) -> Any:
            record = self._named(item, stored)
            check_version(record, self.request, given=item.get("version", MISSING), header=False)
            key = key_field(type(record))
            return self._save(self._writing(record, {**item, key: getattr(record, key)}, partial=True))

        with one_unit():
            changed = _each(items, change)
        return Response(self.shown(changed))

    def _destroy_many(self, items: list[Any]) -> Response:
        stored = self._locked_records(items)
        counts: dict[str, int] = defaultdict(int)

        checked = set[Any]()

        def check(item: dict[str, Any]) -> Any:
            record = self._named(item, stored)
            if record in checked:
                raise ValidationError({key_field(type(record)): [ErrorDetail(_("It stands there twice."), "repeated")]})
            check_version(record, self.request, given=item.get("version", MISSING), header=False)
            checked.add(record)
            return record

        def delete(record: Any) -> None:
            for kind, number in record.delete()[1].items():
                counts[kind] += number

        pending = dict(enumerate(_each(items, check)))
        while pending:
            # One may depend on another of the list: they go in whichever order they can.
            faults: dict[int, APIException] = {}
            for position, record in pending.items():
                try:
                    delete(record)
                except ProtectedError as error:
                    faults[position] = Protected(dependants(error.protected_objects))
                except RestrictedError as error:
                    faults[position] = Protected(dependants(error.restricted_objects))
            if len(faults) == len(pending):
                raise together(at_places(faults, len(items)), faults.values())
            pending = {position: pending[position] for position in faults}
        return Response(_deleted(counts) if self.dry_run else None, status=204)

    # How

    def shown(self, records: Sequence[Any]) -> Sequence[dict[str, Any]]:
        """The saved records, each as its own address shows it."""
        raise NotImplementedError

    def _writing(self, record: Any, data: Any, *, partial: bool = False) -> Any:
        """The serializer that writes the data to the record, or to a new one."""
        return self.serializer_class.writing(record, data, self.get_serializer_context(), partial=partial)

    def _save(self, serializer: Any) -> Any:
        """The record with what the serializer has to write, its parts too. Raises APIException."""
        return save_with_parts(serializer, allow=lambda each: self.check_object_permissions(self.request, each))

    def _stored(self, record: Any, **response: Any) -> Response:
        """The record as its own address shows it, with the tag that it has now: its parts, written after it, have made
        it newer."""
        (data,) = self.shown([record])
        version = data.get("version")
        if version is None:  # not among the fields that were asked for
            version = type(record)._base_manager.values_list("version", flat=True).get(pk=record.pk)
        return tagged(Response(data, **response), f"{record.pk}.{version}")

    def _locked_object(self, items: list[Any]) -> Any:
        """The record at this address, which nobody else writes until the transaction ends."""
        self._lock(items, [self.get_object()])
        return self.get_object()

    def _locked_records(self, items: list[Any]) -> dict[str, Any]:
        """The records that the items name, by their keys in capitals, which nobody else writes until the end."""
        name = key_field(self.queryset.model)
        condition = _found_by(self.queryset.model, items, name)
        if condition is None:
            return {}
        found = self.get_queryset().filter(condition).select_related(*paths_to_wholes(self.queryset.model))
        self._lock(items, found)
        return {str(getattr(record, name)): record for record in found.all()}

    def _lock(self, items: list[Any], records: Iterable[Any] = ()) -> None:
        """Take, in their order, all locks that writing the items to the records needs; without records all are new."""
        model, given, records = self.queryset.model, [item for item in items if isinstance(item, dict)], list(records)
        lock_kinds(kinds_linked(self.serializer_class, given, new=not records))
        wanted: dict[type[Record], set[Any]] = defaultdict(set)
        for record in records:
            for each in (*record.wholes(), record):
                wanted[type(each)].add(each.pk)
        for link in model.PART_OF:
            other = model._meta.get_field(link).related_model
            condition = _found_by(other, given, link)
            for whole in () if condition is None else other._base_manager.filter(condition):
                for each in (*whole.wholes(), whole):
                    wanted[type(each)].add(each.pk)
        for kind in sorted(wanted, key=lambda kind: (depth(kind), kind._meta.label)):
            lock_records(kind, wanted[kind])

    def _named(self, item: dict[str, Any], stored: dict[str, Any]) -> Any:
        name = key_field(self.queryset.model)
        if name not in item:
            raise ValidationError({name: [ErrorDetail(_("Say which record it is."), code="required")]})
        record = stored.get(str(item[name]).upper())
        if record is None:
            raise ValidationError({name: [ErrorDetail(not_found(self.queryset, str(item[name])), code="unknown_code")]})
        self.check_object_permissions(self.request, record)
        return record


def _listed(data: Any) -> list[Any]:
    """The list that the body is. Raises ValidationError and TooLarge."""
    if not isinstance(data, list) or not data:
        raise ValidationError([ErrorDetail(_("Write a list of records."), code="not_a_list")])
    if len(data) > MAX_RECORDS:
        raise TooLarge(_("A list has at most %d records.") % MAX_RECORDS)
    return data


def _found_by(model: type[Record], items: list[Any], name: str) -> Any:
    """The condition for the records that the items name there; null where none names one that could be."""
    given = {str(item[name]) for item in items if isinstance(item, dict) and isinstance(item.get(name), (str, int))}
    keys = [key for key in given if found_by(model, [key]) is not None]
    return found_by(model, keys) if keys else None


def _each(items: list[Any], act: Callable[[Any], Any]) -> list[Any]:
    """What `act` returns of each item. Raises what is wrong with all of them together, by their places."""
    done, faults = [], dict[int, APIException]()
    for position, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise ValidationError([ErrorDetail(_("Write a record."), code="not_a_mapping")])
            done.append(act(item))
        except GATHERED as error:
            faults[position] = error
    if faults:
        raise together(at_places(faults, len(items)), faults.values())
    return done


def _deleted(by_kind: dict[str, int]) -> dict[str, Any]:
    return {"deleted": {kind_name(apps.get_model(label)): number for label, number in sorted(by_kind.items())}}
