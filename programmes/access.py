"""Who may edit what: the one rule set, asked by API, admin, imports and going back, as `user.has_perm(…, record)`.

The permissions of a user's role say what kinds of record they write. Here it is said of which programmes: editors of
all, officers of those assigned to them and of all below these. A record belongs to the programmes that it is a part of;
what is part of none is reference data, for which the permission is enough.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from programmes.models import Programme
from tracker.records.models import Record
from tracker.records.trees import with_descendants

SEES_ALL = "programmes.view_programme"
EDITS_ALL = "programmes.change_every_programme"


def may_see_unpublished(user: Any) -> bool:
    """Whether the user sees drafts, what was withdrawn, and the history."""
    return bool(user.has_perm(SEES_ALL))


def edits_all(user: Any) -> bool:
    """Whether the user edits the programmes of others too."""
    return bool(user.has_perm(EDITS_ALL))


def editable_programmes(user: Any) -> QuerySet[Programme]:
    """The programmes that the user may edit: all, or those assigned and all below them."""
    if edits_all(user):
        return Programme.objects.all()
    if not user.is_authenticated or not user.has_perm("programmes.change_programme"):
        return Programme.objects.none()
    return Programme.objects.filter(pk__in=with_descendants(user.assigned_programmes.all(), "parent"))


def editable(user: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Those records of the queryset that belong to programmes that the user may edit, or to none."""
    if edits_all(user) or not list(_paths(queryset.model)):
        return queryset
    keys = list(editable_programmes(user).order_by().values_list("pk", flat=True))
    condition = Q()
    for path in _paths(queryset.model):
        condition |= Q(**{f"{path}__in": keys})
    return queryset.filter(condition)


def may_edit(user: Any, record: Any) -> bool:
    """Whether the record, as it is in memory, belongs to programmes that the user may edit, or to none.

    A programme under another needs the right to that one too, unless it is there already.
    """
    return foreign_programme(user, record) is None


def foreign_programme(user: Any, record: Any) -> Programme | None:
    """A programme that the record belongs to, or would come under, and that the user may not edit; null if none."""
    if edits_all(user):
        return None
    for programme in _programmes_of(record):
        if programme.pk is not None and not _edits(user, programme.pk):
            return programme
        if programme is record and programme.parent_id is not None and not _edits(user, programme.parent_id):
            stored = Programme.objects.filter(pk=programme.pk).values_list("parent", flat=True).first()
            if programme.parent_id != stored:
                parent: Programme | None = programme.parent
                return parent
    return None


def _edits(user: Any, key: int) -> bool:
    """Whether the user edits the programme with this key. What was found stays with the user, as permissions do."""
    if key not in getattr(user, "_editable_programmes", ()):
        user._editable_programmes = set(editable_programmes(user).order_by().values_list("pk", flat=True))
    return key in user._editable_programmes


class AssignmentBackend(BaseBackend):
    """Answers Django's question whether a user has a permission for one record."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Who has the permission for the kind of record has it for those that they may edit; all may be viewed."""
        if obj is None or not user_obj.is_active or not user_obj.has_perm(perm):
            return False
        return ".view_" in perm or may_edit(user_obj, obj)

    def editable(self, user: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those records of the queryset that the user may change, if they may change any."""
        return editable(user, queryset)

    def refusal(self, user: Any, record: Any) -> str | None:
        """Why the user may not write the record; null where no programme stands against it."""
        programme = foreign_programme(user, record)
        if programme is None:
            return None
        return _("%(programme)s is not among the programmes assigned to you.") % {"programme": programme.code}

    def adopt(self, user: Any, record: Any) -> None:
        """Assign a programme to the officer who made it, so that they may go on with it."""
        if isinstance(record, Programme) and not may_edit(user, record):
            record.officers.add(user)

    def sees_all(self, user: Any) -> bool:
        """Whether the user sees what is not published."""
        return may_see_unpublished(user)


def _programmes_of(record: Any) -> Iterator[Programme]:
    if isinstance(record, Programme):
        yield record
    elif isinstance(record, Record):
        for name in record.PART_OF:
            # What is about to come back may be part of what comes back with it, which is judged by itself.
            with suppress(ObjectDoesNotExist):
                yield from _programmes_of(getattr(record, name))


def _paths(model: Any) -> Iterator[str]:
    """The ways from a kind of record to its programmes, as filters take them."""
    if model is Programme:
        yield "pk"
    for name in getattr(model, "PART_OF", ()):
        for path in _paths(model._meta.get_field(name).related_model):
            yield name if path == "pk" else f"{name}__{path}"
