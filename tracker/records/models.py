"""The abstract bases of the stored records."""

import datetime
import functools
from collections.abc import Collection, Iterator
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.records import units
from tracker.records.conditions import NotEvaluableError, Test, in_memory
from tracker.records.fields import AlwaysLaterField
from tracker.records.history import History
from tracker.records.search import SearchKeyField
from tracker.records.storing import stored_fields

CODE = r"[A-Z0-9]+(?:-[A-Z0-9]+)*"
validate_code = RegexValidator(
    rf"^{CODE}\Z", _("Use capital letters, digits and single hyphens, such as EL-PACCTO."), code="invalid_code"
)
NULL_CHARACTERS = ProhibitNullCharactersValidator()


class Record(models.Model):
    """A row that officers keep: when it was made and changed, and every version that it had.

    `NATURAL_KEY` names the fields by which fixtures, imports and people tell two records apart, `PART_OF` the links to
    the records that this one is a part of: what is written of a part is a new version of the whole, too.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("code",)
    PART_OF: ClassVar[tuple[str, ...]] = ()
    # Of the links in PART_OF exactly one is set: a constraint of the model holds it.
    OF_ONE_WHOLE: ClassVar[bool] = False
    # Links that may lead to a record of another whole, or from a whole to another.
    LINKS_WHOLES: ClassVar[tuple[str, ...]] = ()
    # How a list of all records of its kind is ordered, if not as they are within another record: by an index.
    LISTED_BY: ClassVar[tuple[str, ...]] = ()
    # Optional links with whose target the record is hidden from the public, too.
    HIDDEN_WITH: ClassVar[tuple[str, ...]] = ()

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    modified_at = AlwaysLaterField(_("last changed"), auto_now=True)
    version = models.PositiveBigIntegerField(_("version"), default=1, editable=False)

    history = History()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the record and its version, both or neither."""
        adding = self._state.adding
        self.complete()
        if kwargs.get("update_fields") is not None:
            kept = {field.name for field in self._meta.concrete_fields if isinstance(field, SearchKeyField)}
            kwargs["update_fields"] = {*kwargs["update_fields"], *kept, "modified_at", "version"}
        with transaction.atomic(savepoint=False):
            self.renew_wholes()
            self._become_next_version()
            self._state.key_is_new = self.pk is None  # type: ignore[attr-defined]
            super().save(*args, **kwargs)
        if (unit := units.current()) is not None:
            unit.saved(self, new=adding)
        if not adding:
            # Only an insert returns what the database derives; after a change it is read again when it is asked for.
            for field in self._meta.concrete_fields:
                if field.generated:
                    self.__dict__.pop(field.attname, None)

    def complete(self) -> None:
        """Fill in what may be left blank and is made for it, before it is stored."""

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record and write its last version, both or neither."""
        # With a savepoint: a refusal leaves the transaction of the caller as it was.
        with transaction.atomic():
            self.renew_wholes()
            return super().delete(*args, **kwargs)

    def wholes(self) -> "list[Record]":
        """The records that this one is a part of, the outermost first: the programme, then its budget line."""
        found: list[Record] = []
        for name in self.PART_OF:
            whole = getattr(self, name) if getattr(self, f"{name}_id") is not None else None
            if whole is not None:
                found += [*whole.wholes(), whole]
        return found

    def renew_wholes(self) -> None:
        """A new version, and a later time of change, of all that this one is a part of; locks them, too."""
        unit = units.current()
        for whole in self.wholes():
            if unit is None:
                whole.renew([whole.pk])
            elif (type(whole), whole.pk) not in unit.made:
                unit.older[type(whole)][whole.pk] = None

    @classmethod
    def renew(cls, keys: list[Any]) -> None:
        """A new version of the stored records, without rows in their history: their own fields are what they were."""
        later = F("modified_at") + datetime.timedelta(microseconds=1)
        cls._base_manager.filter(pk__in=keys).update(
            version=F("version") + 1,
            modified_at=Greatest(Value(timezone.now(), output_field=models.DateTimeField()), later),
        )

    def _become_next_version(self) -> None:
        """Lock the stored record and take the version after its own, whichever this one began with."""
        model: Any = type(self)
        if self._state.adding:
            if self.pk is not None:  # it may have been there before, and been deleted
                before = model.history.filter(**{model._meta.pk.attname: self.pk}).aggregate(last=Max("version"))
                self.version = (before["last"] or 0) + 1
            return
        stored = model._base_manager.select_for_update(no_key=True).filter(pk=self.pk)
        row = stored.values("version", "modified_at", *(f"{name}_id" for name in self.PART_OF)).first()
        if row is not None:
            self.version, self.modified_at = row["version"] + 1, row["modified_at"]
            for name in self.PART_OF:
                left = row[f"{name}_id"]
                if left not in (None, getattr(self, f"{name}_id")):
                    former: Self = model(**{f"{name}_id": left})
                    former.renew_wholes()

    def full_clean(self, exclude: Any = None, validate_unique: bool = True, validate_constraints: bool = True) -> None:
        """Django's, but `clean` may take every value to be of its kind: it is asked only where all fields are valid."""
        exclude = set(exclude or ())
        errors: dict[str, list[ValidationError]] = {}
        try:
            self.clean_fields(exclude=exclude)
            self.clean()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        wanted = {self.validate_unique: validate_unique, self.validate_constraints: validate_constraints}
        for check in (check for check, is_wanted in wanted.items() if is_wanted):
            try:
                check(exclude=exclude | errors.keys())
            except ValidationError as error:
                errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def clean_fields(self, exclude: Any = None) -> None:
        """Django's; and no text holds the null character, which PostgreSQL cannot store."""
        errors: dict[str, list[ValidationError]] = {}
        try:
            super().clean_fields({*(exclude or ()), *self._links_at_hand()})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        judged = {*errors, *(exclude or ())}
        for name in _texts(type(self)):
            if name not in judged and "\0" in str(getattr(self, name)):
                errors[name] = [ValidationError(NULL_CHARACTERS.message, code=NULL_CHARACTERS.code)]
        if errors:
            raise ValidationError(errors)

    def _links_at_hand(self) -> Iterator[str]:
        """The links to records that were read or stored here: that these exist need not be asked once more."""
        for field in _links(type(self)):
            if field.is_cached(self):
                record = field.get_cached_value(self)
                if record is not None and not record._state.adding and record.pk == getattr(self, field.attname):
                    yield field.name

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the constraints; one whose error code reads "field:code" is reported beside that field."""
        excluded = set(exclude or ())
        values = {name: getattr(self, column) for name, column in _given(type(self)) if name not in excluded}
        error_dict: dict[str, list[ValidationError]] = {}
        for constraint, test in _constraints(type(self)):
            try:
                _validate(constraint, test, self, values, exclude)
            except ValidationError as error:
                error_dict = error.update_error_dict(error_dict)
        if error_dict:
            raise ValidationError(_beside_fields(ValidationError(error_dict), excluded))

    def natural_key(self) -> tuple[Any, ...]:
        """The key's values; a relation gives its own natural key."""
        values = []
        for name in self.NATURAL_KEY:
            value = getattr(self, name)
            values.append(value.natural_key() if isinstance(value, Record) else value)
        return tuple(values)


@functools.cache
def _texts(kind: type[Record]) -> tuple[str, ...]:
    return tuple(
        field.name for field in kind._meta.concrete_fields if isinstance(field, models.CharField | models.TextField)
    )


@functools.cache
def _links(kind: type[Record]) -> tuple[Any, ...]:
    return tuple(field for field in kind._meta.concrete_fields if isinstance(field, models.ForeignKey))


@functools.cache
def _given(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields that are given, with the names of their values; the database derives the others."""
    return tuple((field.name, field.attname) for field in stored_fields(kind))


@functools.cache
def _constraints(kind: type[Record]) -> tuple[tuple[models.BaseConstraint, Test | None], ...]:
    """The constraints, with how each is tested in memory; null where other records speak for or against it."""
    return tuple(
        (each, in_memory(each.condition) if isinstance(each, models.CheckConstraint) else None)  # type: ignore[arg-type]
        for each in kind._meta.constraints
    )


def _validate(
    constraint: models.BaseConstraint, test: Test | None, record: Record, values: dict[str, Any], exclude: Any
) -> None:
    """Raise ValidationError where the record breaks the constraint; one on an excluded field is passed over."""
    if test is None:
        unit = units.current()
        if unit is None or not unit.is_free(constraint.name, record):
            constraint.validate(type(record), record, exclude=exclude)
        return
    try:
        kept = test(values) is not False
    except KeyError:
        return
    except NotEvaluableError:
        constraint.validate(type(record), record, exclude=exclude)
        return
    if not kept:
        raise ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)


def _beside_fields(error: ValidationError, exclude: Collection[str]) -> dict[str, list[ValidationError]]:
    beside: dict[str, list[ValidationError]] = {}
    for field, errors in error.error_dict.items():
        for each in errors:
            blamed, colon, code = (each.code or "").partition(":")
            if not colon:
                beside.setdefault(field, []).append(each)
                continue
            shown = field if blamed in exclude else blamed
            beside.setdefault(shown, []).append(ValidationError(each.message, code=code, params=each.params))
    return beside


class Coded(Record):
    """A record with a stable code of its own, which stands in its address."""

    code = models.CharField(
        _("code"),
        max_length=60,
        unique=True,
        validators=[validate_code],
        help_text=_("Stable: it stands in addresses and in exports."),
    )

    class Meta:
        abstract = True

    def _get_unique_checks(self, *args: Any, **kwargs: Any) -> Any:
        """Django's, but for a code that is known to be nobody's."""
        unique, by_date = super()._get_unique_checks(*args, **kwargs)  # type: ignore[misc]
        unit = units.current()
        if unit is not None and self._state.adding and unit.has_free_code(self):
            unique = [(model, fields) for model, fields in unique if fields != ("code",)]
        return unique, by_date


class DerivedCode(Coded):
    """A coded record whose code may be left blank: it is then derived from the record that owns this one."""

    code = models.CharField(
        _("code"),
        max_length=60,
        unique=True,
        blank=True,
        validators=[validate_code],
        help_text=_("Stable: it stands in addresses and in exports. Empty: made for you."),
    )

    class Meta:
        abstract = True

    def complete(self) -> None:
        # Not in `clean`: of several new records that are checked before any is saved, each gets its own number.
        super().complete()
        if not self.code:
            self.code = self.derive_code()

    def clean(self) -> None:
        super().clean()
        if not self.code:
            self._check_code(self.derive_code())

    def validate_unique(self, exclude: Any = None) -> None:
        """Of a code that is still to be made `clean` has seen that it is free."""
        super().validate_unique(exclude if self.code else {*(exclude or ()), "code"})

    def derive_code(self) -> str:
        """The code of a new record; empty while the form has no valid owner yet."""
        raise NotImplementedError

    def _check_code(self, code: str) -> None:
        """What is made for you is held to what you may write."""
        field: Any = self._meta.get_field("code")
        try:
            field.run_validators(code)
            if code in self._codes_like(code=code):
                raise self.unique_error_message(type(self), ("code",))
        except ValidationError as error:
            raise ValidationError({"code": error.error_list}) from None

    def next_code(self, stem: str) -> str:
        """The stem with the next free number: COPOLAD-B2 after COPOLAD-B1."""
        unit = units.current()
        if unit is None:
            return f"{stem}{self._last(stem) + 1}"
        code = f"{stem}{unit.last_number(type(self), stem, lambda: self._last(stem)) + 1}"
        unit.free_codes[type(self)].add(code)
        return code

    def _last(self, stem: str) -> int:
        codes = self._codes_like(code__startswith=stem)
        ends = (code[len(stem) :] for code in codes if code.startswith(stem))
        return max((int(end) for end in ends if end.isdecimal()), default=0)

    def _codes_like(self, **condition: str) -> set[str]:
        """The codes of its kind that fulfil the condition; of those that wait to be stored, all."""
        stored = type(self)._default_manager.filter(**condition).values_list("code", flat=True)
        unit = units.current()
        if unit is None:
            return set(stored)
        if condition.get("code") in unit.free_codes[type(self)]:
            return set()
        return unit.waiting_codes[type(self)].union(unit.passing_over(lambda: list(stored)))


class Named(Record):
    """A record of reference data with its name in the four languages of the field; English is always there."""

    name_en = models.CharField(_("name in English"), max_length=250)
    name_es = models.CharField(_("name in Spanish"), max_length=250, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=250, blank=True)
    name_pt = models.CharField(_("name in Portuguese"), max_length=250, blank=True)
    search_key = SearchKeyField("code", "name_en", "name_es", "name_fr", "name_pt")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the reader, in English where that one is not known."""
        language = (get_language() or "en")[:2]
        return getattr(self, f"name_{language}", "") or self.name_en
