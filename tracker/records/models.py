"""The abstract bases of the stored records."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db import models, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.records.conditions import NotEvaluableError, holds
from tracker.records.history import History
from tracker.records.search import SearchKeyField

CODE = r"[A-Z0-9]+(?:-[A-Z0-9]+)*"
validate_code = RegexValidator(
    rf"^{CODE}\Z", _("Use capital letters, digits and single hyphens, such as EL-PACCTO."), code="invalid_code"
)
refuse_null_characters = ProhibitNullCharactersValidator()


class Record(models.Model):
    """A row that officers keep: when it was made and changed, and every version that it had.

    `NATURAL_KEY` names the fields by which fixtures, imports and people tell two records apart.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("code",)

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    modified_at = models.DateTimeField(_("last changed"), auto_now=True)

    history = History()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the record and its version, both or neither."""
        adding = self._state.adding
        if kwargs.get("update_fields") is not None:
            kept = {field.name for field in self._meta.concrete_fields if isinstance(field, SearchKeyField)}
            kwargs["update_fields"] = {*kwargs["update_fields"], *kept, "modified_at"}
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
        if not adding:
            # Only an insert returns what the database derives; after a change it is read again when it is asked for.
            for field in self._meta.concrete_fields:
                if field.generated:
                    self.__dict__.pop(field.attname, None)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record and write its last version, both or neither."""
        # With a savepoint: a refusal leaves the transaction of the caller as it was.
        with transaction.atomic():
            return super().delete(*args, **kwargs)

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
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        judged = {*errors, *(exclude or ())}
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField) and field.name not in judged:
                try:
                    refuse_null_characters(str(getattr(self, field.attname)))
                except ValidationError as error:
                    errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the constraints; one whose error code reads "field:code" is reported beside that field."""
        excluded = set(exclude or ())
        values = {
            field.name: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.name not in excluded and not field.generated
        }
        error_dict: dict[str, list[ValidationError]] = {}
        for model, constraints in self.get_constraints():
            for constraint in constraints:
                try:
                    _validate(constraint, model, self, values, exclude)
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


def _validate(
    constraint: models.BaseConstraint, model: Any, record: Record, values: dict[str, Any], exclude: Any
) -> None:
    """Raise ValidationError where the record breaks the constraint; one on an excluded field is passed over."""
    if isinstance(constraint, models.CheckConstraint):
        condition: Any = constraint.condition
        try:
            kept = holds(condition, values) is not False
        except KeyError:
            return
        except NotEvaluableError:
            constraint.validate(model, record, exclude=exclude)
            return
        if not kept:
            raise ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)
    else:
        constraint.validate(model, record, exclude=exclude)


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

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Not in `clean`: of several new records that are checked before any is saved, each gets its own number.
        if not self.code:
            self.code = self.derive_code()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if not self.code:
            self._check_code(self.derive_code())

    def derive_code(self) -> str:
        """The code of a new record; empty while the form has no valid owner yet."""
        raise NotImplementedError

    def _check_code(self, code: str) -> None:
        """What is made for you is held to what you may write."""
        field: Any = self._meta.get_field("code")
        try:
            field.run_validators(code)
            if type(self)._default_manager.filter(code=code).exists():
                raise self.unique_error_message(type(self), ("code",))
        except ValidationError as error:
            raise ValidationError({"code": error.error_list}) from None

    def next_code(self, stem: str) -> str:
        """The stem with the next free number: COPOLAD-B2 after COPOLAD-B1."""
        taken = type(self)._default_manager.filter(code__startswith=stem).values_list("code", flat=True)
        numbers = [int(code[len(stem) :]) for code in taken if code[len(stem) :].isdecimal()]
        return f"{stem}{max(numbers, default=0) + 1}"


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
