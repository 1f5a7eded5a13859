"""The second of two officers who save the same page is shown what the first one did, and loses nothing."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.records.changes import ORDER, RecordChange, changes, references
from tracker.records.locks import BusyError, lock_kinds, lock_records, retried, self_links
from tracker.records.models import Record
from tracker.records.parts import with_parts

FIELD = "seen_version"
MAX_CHANGES = 200
TYPES = {"created": _("created"), "changed": _("changed"), "deleted": _("deleted")}


class Difference(NamedTuple):
    """A field of the page whose entry is another than what is stored."""

    place: str
    entered: str
    stored: str


class VersionForm(forms.ModelForm):
    """A page's form, which carries the version of the record that the officer has seen, and since when."""

    stored_version = 0
    seen_version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = f"{self.stored_version}@{timezone.now().isoformat()}"
        self.fields[FIELD].initial = now
        self.since = None
        seen, _at, since = (self.data.get(FIELD) or "").partition("@")
        self.stale = self.is_bound and seen != str(self.stored_version)
        if self.stale:
            self.since = parse_datetime(since) if len(since) < len(now) else None
            # Whoever saves again knows this one.
            known: Any = self.data
            self.data = known = known.copy()
            known[FIELD] = now

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.stale:
            message = _("Someone else has saved this page since you opened it. Nothing of yours is stored yet.")
            raise ValidationError(message, code="stale")
        return cleaned

    def has_changed(self) -> bool:
        """The version that was seen is no change."""
        return bool({*self.changed_data} - {FIELD})


class PageVersions:
    """For the pages of records: nothing is saved over a version that the officer has not seen."""

    model: Any
    change_form_before_template = "admin/versions.html"

    def changeform_view(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As in one go: the locks first, and again after a deadlock."""
        view: Any = super().changeform_view  # type: ignore[misc]
        if request.method != "POST":
            return view(request, object_id, *args, **kwargs)

        def save() -> Any:
            with transaction.atomic():
                kinds = {self.model, *(each.model for each in getattr(self, "inlines", ()))}
                lock_kinds(kind for kind in kinds if self_links(kind))
                if object_id is not None:
                    self._lock(self.model._default_manager.filter(pk=_key(self.model, object_id)).first())
                return view(request, object_id, *args, **kwargs)

        try:
            return retried(save)
        except BusyError:
            text = gettext("Others kept writing the same records. Nothing was changed; send it again in a moment.")
            return HttpResponse(text, status=503, headers={"Retry-After": "1"})

    def _lock(self, record: Record | None) -> None:
        for each in () if record is None else (*record.wholes(), record):
            lock_records(type(each), [each.pk])

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the version, where there is a record already."""
        form: Any = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        if obj is None:
            return form
        return type(form)(form.__name__, (VersionForm, form), {"stored_version": obj.version})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        form = context["adminform"].form
        if getattr(form, "stale", False):
            sets = [each.formset for each in context["inline_admin_formsets"]]
            context["differences"] = list(_differences(form, sets))
            context["meanwhile"] = _meanwhile(context["original"], form.since)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """What the deleted records were part of is renewed, too."""
        with transaction.atomic():
            for record in queryset:
                record.renew_wholes()
            super().delete_queryset(request, queryset)  # type: ignore[misc]


def _key(model: Any, object_id: str) -> Any:
    try:
        return model._meta.pk.to_python(unquote(object_id))
    except ValidationError:
        return None


def _differences(form: Any, formsets: list[Any]) -> Iterator[Difference]:
    """Field by field what the officer has entered beside what is stored, of the record and of the rows below it."""
    yield from _of_form(form, "")
    for each in formsets:
        for row in each.initial_forms:
            yield from _of_form(row, f"{capfirst(each.model._meta.verbose_name)} {row.instance}: ")


def _of_form(form: Any, prefix: str) -> Iterator[Difference]:
    for name in form.changed_data:
        field = form.fields[name]
        if not field.widget.is_hidden and name != "DELETE":
            stored = form.get_initial_for_field(field, name)
            yield Difference(
                f"{prefix}{capfirst(form[name].label)}", _text(field, form[name].data), _text(field, stored)
            )


def _text(field: Any, value: Any) -> str:
    """The value as people read it."""
    if value in (None, "", []):
        return "–"
    if isinstance(field, forms.BooleanField):
        return gettext("yes") if field.to_python(value) else gettext("no")
    if isinstance(field, forms.ModelChoiceField):
        offered: Any = field.queryset
        found = offered.filter(pk=value).first() if str(value).isalnum() else None
        return str(found or value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str({str(code): label for code, label in choices}.get(str(value), value))
    return str(value)


def _meanwhile(record: Record, since: Any) -> list[dict[str, Any]]:
    """What others have changed since then, in the record and in its parts, the latest first."""
    scope = with_parts(record)
    condition = models.Q(history_date__gt=since) if since is not None else models.Q()
    kinds = references(scope, condition)
    newest = kinds[0].union(*kinds[1:], all=True).order_by(*ORDER)[:MAX_CHANGES]
    found = changes(list(scope), newest)
    return [_told(each) for each in found]


def _told(change: RecordChange) -> dict[str, Any]:
    names = {field.name: field.verbose_name for field in change.model._meta.concrete_fields}
    return {
        "when": change.when,
        "user": change.user or "–",
        "what": f"{capfirst(change.model._meta.verbose_name)} {change.key}: {TYPES[change.type]}",
        "fields": [
            {"name": capfirst(names.get(each.field, each.field)), "old": each.old, "new": each.new}
            for each in change.fields
        ],
    }
