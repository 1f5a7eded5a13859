"""`changed_since=` on lists, for clients that keep a copy: what changed since a moment, and what was deleted."""

import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from tracker.access.rules import sees_all
from tracker.api.addresses import key_field
from tracker.api.history import moment
from tracker.api.past import dates
from tracker.api.values import Instant
from tracker.records.changes import current_at, versions
from tracker.records.past import no_longer_public, ways_to_published
from tracker.records.views import can_be_hidden

NAME = "changed_since"
PARAMETER: dict[str, Any] = {
    "name": NAME,
    "in": "query",
    "description": (
        "Only records made or changed at or after this moment; what changed within a child counts for the child. The"
        " first page then names in `deleted` the records deleted since, whatever the other filters."
    ),
    **Instant().describe(),
}


FEW = 100_000  # records


class ChangedSince(BaseFilterBackend):
    """Narrows a list to the records whose current version began at or after the moment."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        since = changed_since(request)
        return queryset if since is None else queryset.filter(_begun(queryset.model, since, request))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [PARAMETER]


def changed_since(request: Request) -> datetime.datetime | None:
    """The moment that the request names, if any. Raises ValidationError."""
    try:
        since: datetime.datetime | None = Instant().clean(request.query_params.get(NAME))
        if since is not None and since > timezone.now():
            raise InvalidValue(_("It lies in the future."), code="in_the_future")
    except InvalidValue as error:
        raise ValidationError({NAME: [ErrorDetail(each, code=error.code) for each in error.messages]}) from None
    return since


def _begun(model: Any, since: datetime.datetime, request: Request) -> Q:
    """The condition that the record's version, now or on the day of `known_on`, began at or after the moment.

    To the public it also begins with the publication of what it is a part of. If few changed, they are found by index,
    way by way; of many a page is full after a few records of the list, of which each is looked up.
    """
    key = model._meta.pk.attname
    kept = versions(model).filter(current_at(dates(request).known_on), history_date__gte=since).order_by()
    changed = kept.exclude(history_type="-")
    paths = [] if sees_all(request.user) else ways_to_published(model)
    published = [model._default_manager.filter(**{f"{path}__gte": since}).order_by() for path in paths]
    if changed.values(key)[FEW : FEW + 1].exists():
        ways = [changed.filter(**{key: OuterRef("pk")}), *(each.filter(pk=OuterRef("pk")) for each in published)]
        return reduce(or_, (Q(Exists(way)) for way in ways))
    return Q(pk__in=changed.values(key).union(*(each.values("pk") for each in published)))


def deleted_since(model: Any, since: datetime.datetime, request: Request) -> list[dict[str, Any]]:
    """The deletions since the moment, the earliest first; not of codes that another record has since."""
    key = key_field(model)
    if can_be_hidden(model) and not sees_all(request.user):
        gone = [(name, moment(instant)) for name, instant in no_longer_public(model, key, since)]
        return [{key: name, "deleted_at": instant} for name, instant in gone]
    last = versions(model).filter(current_at(dates(request).known_on), history_date__gte=since, history_type="-")
    here = model._default_manager.order_by().filter(**{key: OuterRef(key)})
    rows = last.exclude(Exists(here)).order_by("history_date", "history_id").values_list(key, "history_date")
    return [{key: name, "deleted_at": moment(instant)} for name, instant in rows]
