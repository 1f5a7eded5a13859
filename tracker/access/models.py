"""Tokens, by which programs come in: each with a name, an end, and no more rights than it needs."""

import datetime
import functools
import hashlib
import ipaddress
import re
import secrets
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from tracker.records.statements import as_records, asked, columns

PREFIX = "ptt_"  # so that scanners for leaked secrets know ours
KEY_BYTES, SECRET_BYTES = 6, 32
TOKEN = re.compile(rf"{PREFIX}([0-9a-f]{{{2 * KEY_BYTES}}})_([A-Za-z0-9_-]{{43}})")
READ, WRITE, IMPORT = "read", "write", "import"  # what a token may be for
SCOPE = re.compile(rf"({READ}|{WRITE}|{IMPORT})(:[a-z]+(-[a-z]+)*)?")
DAYS = 365
USE_KEPT_FOR = datetime.timedelta(minutes=1)  # the last use is written no more often than that


def validate_scopes(text: str) -> None:
    """Words between spaces: read, write, import, each perhaps for one resource only, such as write:budgets."""
    for scope in text.split():
        if not SCOPE.fullmatch(scope):
            message = _("“%(scope)s” is not a scope: read, write, import, or one resource as in write:budgets.")
            raise ValidationError(message, code="unknown_scope", params={"scope": scope[:60]})


def validate_addresses(text: str) -> None:
    """Addresses or networks between spaces: 192.0.2.7 2001:db8::/32."""
    for network in text.split():
        try:
            ipaddress.ip_network(network)
        except ValueError:
            message = _("“%(network)s” is not an address or a network such as 192.0.2.0/24.")
            raise ValidationError(message, code="invalid_network", params={"network": network[:60]}) from None


def in_a_year() -> datetime.datetime:
    """The end that a token has where none is given."""
    return timezone.now() + datetime.timedelta(days=DAYS)


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by their state and owner."""

    def valid(self) -> Self:
        """Neither revoked nor at their end."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def manageable_by(self, user: Any) -> Self:
        """One's own; all for those who manage the tokens of others."""
        return self.all() if user.has_perm("access.manage_every_token") else self.filter(user=user)


class Token(models.Model):
    """A user's token. Of its secret only the digest is stored; the text is shown once, when it is made."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What it is for, such as: nightly copy."))
    key = models.CharField(
        _("key"),
        max_length=2 * KEY_BYTES,
        unique=True,
        editable=False,
        help_text=_("The part of it that is no secret."),
    )
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.CharField(
        _("scopes"),
        max_length=500,
        default=READ,
        validators=[validate_scopes],
        help_text=_("Between spaces: read, write, import, or for one resource only, such as write:budgets."),
    )
    addresses = models.CharField(
        _("addresses"),
        max_length=500,
        blank=True,
        validators=[validate_addresses],
        help_text=_("Between spaces, the addresses or networks that it may come from. Empty: any."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), default=in_a_year)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False, help_text=_("To the minute."))

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering: ClassVar = ["user", "name", "pk"]
        permissions: ClassVar = [("manage_every_token", "Can manage the tokens of every user")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(revoked_at=None),
                name="token_name_once",
                violation_error_message=_("There is a token of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def renew_secret(self) -> str:
        """Give the token, which is not saved yet, a new secret. The text is returned here and nowhere else."""
        self.key = secrets.token_hex(KEY_BYTES)
        text = f"{PREFIX}{self.key}_{secrets.token_urlsafe(SECRET_BYTES)}"
        self.digest = digest(text)
        return text

    @property
    def is_valid(self) -> bool:
        """Neither revoked nor at its end."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    def revoke(self) -> None:
        """From now on it is refused; what it was stays known."""
        self.revoked_at = self.revoked_at or timezone.now()
        self.save(update_fields=["revoked_at"])

    def allows(self, right: str, resource: str) -> bool:
        """Whether one of its scopes is the right, for all resources or for this one."""
        return not {right, f"{right}:{resource}"}.isdisjoint(self.scopes.split())

    def may_come_from(self, address: str) -> bool:
        """Whether the address is on its list, or it has none."""
        networks = [ipaddress.ip_network(each) for each in self.addresses.split()]
        try:
            return not networks or any(ipaddress.ip_address(address) in each for each in networks)
        except ValueError:
            return False

    def note_use(self) -> None:
        """Keep that it was used, to the minute."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= USE_KEPT_FOR:
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)


def digest(text: str) -> str:
    """What is stored of a token. Nobody finds the 256 random bits of its secret by trying: no slow hash is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


def find_token(text: str) -> Token | None:
    """The valid token with this text. The comparison takes as long whatever it finds."""
    parts = TOKEN.fullmatch(text)
    if parts is None:
        return None
    token = _token(parts[1])
    same = constant_time_compare(digest(text), token.digest if token else digest(""))
    return token if token and same and token.is_valid and token.user.is_active else None


def _token(key: str) -> Token | None:
    """The token with the key, with its user. Every request by a program asks for one, so it is asked plainly."""
    for token, user in as_records([Token, get_user_model()], asked(_token_statement(), {"key": key})):
        token.user = user
        return cast(Token, token)
    return None


@functools.cache
def _token_statement() -> str:
    token, user = Token._meta.db_table, get_user_model()._meta.db_table
    return (
        f"SELECT {columns(Token)}, {columns(get_user_model())}"  # noqa: S608
        f' FROM "{token}" JOIN "{user}" ON "{user}"."id" = "{token}"."user_id" WHERE "{token}"."key" = %(key)s'
    )
