"""Records that the public sees only once they are published: their states, and the steps from one to another."""

from typing import Any, ClassVar, NamedTuple

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.records.fields import StateField
from tracker.records.models import Record


class Publication(models.TextChoices):
    """How far a record has come."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Transition(NamedTuple):
    """A step between states; its name is also the beginning of the permission that it needs."""

    name: str
    label: Any
    sources: tuple[Publication, ...]
    target: Publication


# A review by a second pair of eyes is one more state, one more step here, and its permission.
TRANSITIONS = {
    each.name: each
    for each in (
        Transition("publish", _("Publish"), (Publication.DRAFT, Publication.WITHDRAWN), Publication.PUBLISHED),
        Transition("withdraw", _("Withdraw"), (Publication.PUBLISHED,), Publication.WITHDRAWN),
    )
}


class WrongStateError(Exception):
    """The step does not lead on from the state that the record is in."""

    def __init__(self, record: "Publishable", transition: Transition) -> None:
        state = record.get_publication_display()
        self.sentence = _("It is in the state “%s”, from which this step does not lead on.") % state
        super().__init__(transition.name)


class Publishable(Record):
    """A record that begins as a draft. What is a part of it is public when it is.

    `published_at` and `published_by` (a user's name) are those of the last time; a record that is published again is
    no longer said to be withdrawn.
    """

    publication = StateField(
        _("publication"), max_length=10, choices=Publication, default=Publication.DRAFT, editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.CharField(_("published by"), max_length=150, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)
    withdrawn_by = models.CharField(_("withdrawn by"), max_length=150, blank=True, editable=False)

    # What is not for the public, although the record is.
    NOT_PUBLIC: ClassVar[tuple[str, ...]] = ("published_by", "withdrawn_by")

    # What is looked for first when the public reads the past.
    VERSIONS_LOOKED_FOR: ClassVar[dict[str, models.Q]] = {
        "then_hidden": ~models.Q(publication=Publication.PUBLISHED),
        "then_gone": models.Q(history_type="-"),
    }

    class Meta:
        abstract = True

    def possible(self, transition: Transition) -> bool:
        """Whether the step leads on from the state that the record is in."""
        return self.publication in transition.sources

    def needs(self, transition: Transition) -> str:
        """The permission for the step, as Django names it."""
        return f"{self._meta.app_label}.{transition.name}_{self._meta.model_name}"

    def take(self, transition: Transition, user: Any) -> None:
        """Take the step, as a change like any other, and keep who did it and when. Raises WrongStateError."""
        with transaction.atomic():
            stored = type(self)._default_manager.select_for_update().get(pk=self.pk)
            if not stored.possible(transition):
                raise WrongStateError(stored, transition)
            now, name = timezone.now(), user.get_username()
            values: dict[str, Any] = {"publication": transition.target}
            if transition.target == Publication.PUBLISHED:
                values |= {"published_at": now, "published_by": name, "withdrawn_at": None, "withdrawn_by": ""}
            elif transition.target == Publication.WITHDRAWN:
                values |= {"withdrawn_at": now, "withdrawn_by": name}
            for field, value in values.items():
                setattr(stored, field, value)
                setattr(self, field, value)
            stored.save()


def publishable_models(models_: Any) -> list[type[Publishable]]:
    """Those of the kinds of record that are published."""
    return [model for model in models_ if issubclass(model, Publishable)]
