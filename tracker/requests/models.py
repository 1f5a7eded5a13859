"""What a request that may come twice was answered."""

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LIFETIME = datetime.timedelta(hours=24)


class AnsweredRequestQuerySet(models.QuerySet["AnsweredRequest"]):
    """Answers by age."""

    def expired(self) -> "AnsweredRequestQuerySet":
        """Those that are kept no longer."""
        return self.filter(created_at__lt=timezone.now() - LIFETIME)

    def claimed(self, user: Any, key: str, fingerprint: str) -> "AnsweredRequest":
        """The row of the key, made where there is none; locked until the transaction ends.

        The second of two that come at once waits for the first, by the constraint, and then finds its answer.
        """
        self.expired().filter(user=user, key=key).delete()
        row: Any = AnsweredRequest(user_id=user, key=key, fingerprint=fingerprint)
        self.bulk_create([row], ignore_conflicts=True)
        return self.select_for_update().get(user=user, key=key)


class AnsweredRequest(models.Model):
    """The answer to a user's request under a key that the client chose. Its one rule: a key is used once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, verbose_name=_("user"))
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    headers = models.JSONField(_("headers"), default=dict)
    tag = models.CharField(_("tag"), max_length=100, blank=True)
    body = models.TextField(_("body"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    objects = AnsweredRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("answered request")
        verbose_name_plural = _("answered requests")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="answered_request_once")]

    def __str__(self) -> str:
        return self.key
