"""Records taken back to what they were at an instant: as a change like any other, whole or not at all."""

import datetime
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from tracker.records.changes import FieldChange, Pair, Scope, current_at, differences, key_name, versions
from tracker.records.fields import StateField
from tracker.records.locks import lock_kinds, lock_records, self_links
from tracker.records.models import Record
from tracker.records.parts import paths_to_wholes

RIGHTS = {"created": "add", "changed": "change", "deleted": "delete"}


class Step(NamedTuple):
    """One record to be taken back: what is stored and the version of then, null where there is none."""

    model: type[Record]
    stored: Any
    version: Any
    fields: list[FieldChange]

    @property
    def type(self) -> str:
        """What it will be for the record: created, changed or deleted."""
        return "created" if self.stored is None else "deleted" if self.version is None else "changed"

    @property
    def kind(self) -> str:
        """The kind of record, in words."""
        return str(self.model._meta.verbose_name)

    @property
    def will_be(self) -> str:
        """The type in words."""
        return {"created": _("returns"), "changed": _("changes"), "deleted": _("is deleted")}[self.type]

    @property
    def permission(self) -> str:
        """What a user needs for it, as Django names it."""
        names = self.model._meta
        return f"{names.app_label}.{RIGHTS[self.type]}_{names.model_name}"

    @property
    def states(self) -> list[Any]:
        """The record as it is stored and as it will be, as far as it is and will be there."""
        return [each for each in (self.stored, self.version and self.version.instance) if each is not None]

    def allowed(self, user: Any) -> bool:
        """Whether the user may take it: for the kind of record, and for both states."""
        return all(user.has_perm(self.permission, state) for state in self.states)

    @property
    def key(self) -> Any:
        """The code or number of the record."""
        return getattr(self.stored or self.version, key_name(self.model))


class Refusal(NamedTuple):
    """Why a step cannot be taken; the field is null where it is the record as a whole."""

    step: Step
    field: str | None
    code: str
    sentence: str


class Reverted(NamedTuple):
    """What was done, or would be; where there is a refusal, nothing was."""

    steps: list[Step]
    refusals: list[Refusal]


def was_there(model: type[Record], key: Any, instant: datetime.datetime) -> bool:
    """Whether there was such a record at the instant."""
    then = versions(model).filter(current_at(instant), **{model._meta.pk.attname: key})
    return then.exclude(history_type="-").exists()


def steps_back(scope: Scope, instant: datetime.datetime) -> list[Step]:
    """What has to be done so that the records of the scope are what they were: owners first, deletions last."""
    pairs: list[tuple[type[Record], Pair]] = []
    lock_kinds(model for model, keys in scope.items() if keys and self_links(model))
    for model, keys in scope.items():
        key = model._meta.pk.attname
        then = versions(model).filter(current_at(instant), **{f"{key}__in": keys}).exclude(history_type="-")
        known = {getattr(version, key): version for version in then.order_by("history_id")}
        if not {model._meta.get_field(name).related_model for name in model.PART_OF} <= scope.keys():
            for record in model._default_manager.filter(pk__in=keys).select_related(*paths_to_wholes(model)):
                for whole in record.wholes():
                    lock_records(type(whole), [whole.pk])
        stored = model._default_manager.order_by("pk").select_for_update(no_key=True).in_bulk(list(keys))
        pairs += [(model, Pair(stored.get(each), known.get(each))) for each in sorted({*stored, *known})]
    steps = [
        Step(model, pair.before, pair.after, fields)
        for (model, pair), each in zip(pairs, differences(pairs), strict=True)
        if (fields := _undone(model, pair, each))
    ]
    deletions = [step for step in steps if step.type == "deleted"]
    return [step for step in steps if step.type != "deleted"] + deletions[::-1]


def _undone(model: type[Record], pair: Pair, fields: list[FieldChange]) -> list[FieldChange]:
    """Without the states of a record that stays: they have transitions of their own."""
    if None in (pair.before, pair.after):
        return fields
    states = {field.name for field in model._meta.concrete_fields if isinstance(field, StateField)}
    return [each for each in fields if each.field not in states]


def revert(steps: Collection[Step], *, dry_run: bool) -> Reverted:
    """Take the steps, or with `dry_run` only find out what speaks against them.

    One may need another to be taken first (a code to become free, a part to become smaller): they are tried in turn
    until all are done, or none of those left can be.
    """
    with transaction.atomic():
        pending, refusals = list(steps), list[Refusal]()
        while pending:
            refused = [(step, found) for step in pending if (found := _take(step))]
            refusals = [each for _step, found in refused for each in found]
            if len(refused) == len(pending):
                break
            pending = [step for step, _found in refused]
        refusals = refusals or [each for step in steps for each in _check(step)]
        if refusals or dry_run:
            transaction.set_rollback(True)
    return Reverted(list(steps), refusals)


def _take(step: Step) -> list[Refusal]:
    try:
        with transaction.atomic():
            if step.type == "deleted":
                step.model._default_manager.get(pk=step.stored.pk).delete()
            else:
                record = _as_it_was(step)
                record.full_clean()
                record.save(force_insert=step.stored is None)
    except (ValidationError, ProtectedError, RestrictedError, IntegrityError) as error:
        return list(_refusals(step, error))
    return []


def _check(step: Step) -> Iterator[Refusal]:
    """What is wrong with the record now that all steps are taken."""
    if step.type != "deleted":
        try:
            step.model._default_manager.get(
                pk=step.version.serializable_value(step.model._meta.pk.attname)
            ).full_clean()
        except ValidationError as error:
            yield from _refusals(step, error)


def _as_it_was(step: Step) -> Record:
    record: Record = step.model()
    if step.stored is not None:
        record = step.model._default_manager.get(pk=step.stored.pk)
    for field in step.model._meta.concrete_fields:
        if (
            not field.generated
            and field.name != "version"
            and (field.editable or field.is_relation or step.stored is None)
        ):
            setattr(record, field.attname, getattr(step.version, field.attname))
    return record


def _refusals(step: Step, error: Exception) -> Iterator[Refusal]:
    match error:
        case ValidationError():
            for field, faults in error.update_error_dict({}).items():
                for fault in faults:
                    name = None if field == "__all__" else field
                    yield Refusal(step, name, fault.code or "invalid", " ".join(fault.messages))
        case ProtectedError() | RestrictedError():
            objects = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
            for each in sorted(objects, key=str):
                words = {"kind": each._meta.verbose_name, "record": each}
                yield Refusal(step, None, "protected", _("%(kind)s %(record)s depends on it.") % words)
        case _:
            yield Refusal(step, None, "conflict", _("Another record does not allow this."))
