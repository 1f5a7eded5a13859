"""Each version of a record with who, when, why, and by which way it came in."""

import datetime
import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from tracker.records import units


class WayIn(models.TextChoices):
    """By which face a change came."""

    ADMIN = "admin", _("admin")
    API = "api", _("API")
    IMPORT = "import", _("import")
    FIXTURES = "fixtures", _("fixtures")


class Change(NamedTuple):
    """What is known of the change that is going on."""

    via: str = ""
    reason: str | None = None


UNKNOWN = Change()
_current: ContextVar[Change] = ContextVar("current_change", default=UNKNOWN)


@contextmanager
def change(via: WayIn, reason: str | None = None) -> Iterator[None]:
    """Every version written inside came by this way, and for this reason if one is given."""
    token = _current.set(Change(via, reason))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Every version written inside is for this reason; the way in stays what it is."""
    token = _current.set(_current.get()._replace(reason=reason))
    try:
        yield
    finally:
        _current.reset(token)


def current_way_in() -> str:
    """The way of the change that is going on; empty outside of any."""
    return _current.get().via


class WayInMiddleware:
    """Marks what a request changes by the path that it came on (settings.WAYS_IN)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for prefix, way_in in settings.WAYS_IN.items():
            if request.path_info.startswith(prefix):
                with change(WayIn(way_in)):
                    return self.get_response(request)
        return self.get_response(request)


class Version(models.Model):
    """What a version has beside the record's own fields, the user, the time and the reason."""

    history_via = models.CharField(
        _("way in"), max_length=10, choices=WayIn, default=current_way_in, blank=True, editable=False
    )
    superseded_at = models.DateTimeField(
        _("until"), null=True, editable=False, help_text=_("When the next version came; empty: it is the last.")
    )

    class Meta:
        abstract = True


class VersionManager(HistoryManager):  # type: ignore[misc]
    """Keeps the chain of versions closed: each ends when the next one begins."""

    @classmethod
    @functools.cache
    def from_queryset(cls, queryset_class: Any, class_name: str | None = None) -> Any:
        """The same class each time: the library asks for it at every access to a record's history."""
        return super().from_queryset(queryset_class, class_name)

    def bulk_history_create(self, objs: Iterable[models.Model], *args: Any, **options: Any) -> Any:
        """Write a version of each record, and end the ones before."""
        records = list(objs)
        instant = options.get("default_date") or timezone.now()
        reason = options.get("default_change_reason") or _current.get().reason
        self.supersede([record.pk for record in records], instant)
        defaults = {"default_date": instant, "default_change_reason": reason}
        return super().bulk_history_create(records, *args, **(options | defaults))

    def first_change(self, record: Any) -> dict[str, Any]:
        """What the first version of a new record says of the change, by columns."""
        user = self.model.get_default_history_user(record)
        return {
            "history_date": timezone.now(),
            "history_type": "+",
            "history_change_reason": _current.get().reason,
            "history_via": current_way_in(),
            "history_user_id": user and user.pk,
        }

    def supersede(self, keys: list[Any], instant: datetime.datetime) -> None:
        """End the current versions of the records with these keys."""
        key = self.model.tracked_fields[0].model._meta.pk.attname
        self.model.objects.filter(**{f"{key}__in": keys}, superseded_at=None).update(superseded_at=instant)


class History(HistoricalRecords):  # type: ignore[misc]
    """The history of a kind of record; inherited by all that derive from it."""

    def __init__(self, **options: Any) -> None:
        defaults = {"bases": (Version,), "inherit": True, "history_manager": VersionManager}
        super().__init__(**(defaults | options))

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        """With the indexes of versions that the model names: few of many, by their keys."""
        options: dict[str, Any] = super().get_meta_options(model)
        options["indexes"] = [
            models.Index(fields=[model._meta.pk.name], condition=condition, name=f"{model._meta.model_name}_{name}")
            for name, condition in getattr(model, "VERSIONS_LOOKED_FOR", {}).items()
        ]
        return options

    def create_historical_record(self, instance: Any, history_type: str, using: str | None = None) -> None:
        """Write a version and end the one before at the same instant."""
        instance._history_date = instant = getattr(instance, "_history_date", None) or timezone.now()
        unit = units.current()
        try:
            if history_type == "+" and getattr(instance._state, "key_is_new", False):
                if unit is not None:
                    unit.versions[self._versions_of(instance)].append(self._first_version(instance, using))
                    return
            else:
                if unit is not None:
                    unit.write_versions()
                getattr(type(instance), self.manager_name).supersede([instance.pk], instant)
            super().create_historical_record(instance, history_type, using=using)
        finally:
            del instance._history_date

    def _versions_of(self, instance: Any) -> Any:
        return getattr(type(instance), self.manager_name).model

    def _first_version(self, instance: Any, using: str | None) -> Any:
        """The version that the library would store."""
        return self._versions_of(instance)(
            history_date=instance._history_date,
            history_type="+",
            history_user=self.get_history_user(instance),
            history_change_reason=self.get_change_reason_for_object(instance, "+", using),
            **{field.attname: getattr(instance, field.attname) for field in self.fields_included(instance)},
        )

    def get_change_reason_for_object(self, instance: Any, history_type: str, using: str | None) -> str | None:
        """The record's own reason, else that of the change that is going on."""
        reason: str | None = super().get_change_reason_for_object(instance, history_type, using)
        return reason or _current.get().reason
