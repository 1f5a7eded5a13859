"""`tokens/`: one's own tokens, for those who look after users all; made, read and revoked, never changed."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access.models import Token
from tracker.api import idempotency
from tracker.api.attempts import DRY_RUN, AttemptsMixin
from tracker.api.errors import from_model
from tracker.api.fields import TextField
from tracker.api.pagination import Pagination
from tracker.api.parameters import FORMAT, check
from tracker.api.schema import AutoSchema
from tracker.api.suggestions import did_you_mean, shown
from tracker.api.walks import Records, Walk, ordered_by

SUMMARIES = {"list": "List tokens", "retrieve": "One token", "create": "Make a token", "destroy": "Revoke a token"}


class TokenPermission(BasePermission):
    """For those who have a role; not for tokens themselves, which would make others that may do more."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perm("access.view_token") and not isinstance(request.auth, Token)


class TokenSerializer(serializers.ModelSerializer):
    """A token. Its text is there once, in the answer that makes it."""

    user: Any = serializers.SlugRelatedField(slug_field="username", read_only=True, help_text="Whose it is.")
    name, scopes = TextField(max_length=100), TextField(max_length=500)
    addresses = TextField(allow_blank=True, default="", max_length=500)
    token = serializers.SerializerMethodField(help_text="The text to send; only where it has just been made.")

    class Meta:
        model = Token
        fields = (
            "id",
            "user",
            "name",
            "key",
            "scopes",
            "addresses",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "token",
        )
        read_only_fields = ("key", "created_at", "revoked_at", "last_used_at")

    def get_token(self, token: Token) -> str | None:
        """The text, or null."""
        return getattr(token, "text", None)

    def to_internal_value(self, data: Any) -> Any:
        known = [name for name, field in self.fields.items() if not field.read_only]
        if isinstance(data, dict):
            for name in data.keys() - known:
                message = _("There is no field “%s”.") % shown(name) + did_you_mean(name, known)
                raise ValidationError({name: [ErrorDetail(message, code="unknown_field")]})
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        token = Token(user=self.context["request"].user, **attrs)
        token.text = token.renew_secret()  # type: ignore[attr-defined]
        try:
            token.full_clean()
        except ModelValidationError as error:
            raise ValidationError(from_model(error)) from None
        if token.expires_at <= timezone.now():
            raise ValidationError({"expires_at": [ErrorDetail(_("It lies in the past."), code="in_the_past")]})
        self.made = token
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Token:
        self.made.save()
        return self.made


class TokenSchema(AutoSchema):
    """Tokens in the OpenAPI document."""

    def get_summary(self) -> str:
        return SUMMARIES[self.view.action]

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        keyed = [idempotency.PARAMETER] if self.view.action == "create" else []
        return [{**each, "schema": dict(each["schema"])} for each in self.view.parameters(self.view.action) + keyed]

    def get_response_serializers(self) -> Any:
        one = self.resolve_serializer(self.view.get_serializer(), "response").ref
        tried = {200: {**one, "description": "With `dry_run=1`: what would be."}}
        own: dict[str, Any] = {"create": tried | {201: one}, "destroy": tried | {204: None}}
        return own.get(self.view.action) or super().get_response_serializers()


class TokenPages(Pagination):
    """Tokens in the order in which they were made."""

    def walked(self, queryset: QuerySet[Any]) -> Walk:
        return Records(queryset.order_by("pk"), ordered_by("pk"))


class TokenViewSet(AttemptsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Tokens, by which programs come in. Revoked ones stay to be seen."""

    queryset = Token.objects.all()
    serializer_class = TokenSerializer
    pagination_class = TokenPages
    permission_classes = [TokenPermission]
    lookup_value_regex = "[0-9]{1,18}"
    schema = TokenSchema()
    tag = "tokens"

    @classmethod
    def parameters(cls, action: str) -> list[dict[str, Any]]:
        """What an action takes in its address; all else is refused."""
        pages = Pagination().get_schema_operation_parameters(cls)
        own = {"list": pages, "create": [DRY_RUN], "destroy": [DRY_RUN]}
        return [*own.get(action, []), FORMAT]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None
        check(request, self.parameters(self.action or ""))
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        if not isinstance(self.request.user, get_user_model()):
            return Token.objects.none()
        return Token.objects.manageable_by(self.request.user).select_related("user")

    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Make one. The text is not kept: sent again under the same key the request gets the token without it."""
        return self._written(self._create, repeatable=True)

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Revoke it."""
        return self._written(lambda: self._revoke(kwargs["pk"]))

    def kept(self, response: Response) -> Any:
        return {**response.data, "token": None} if response.status_code == 201 else response.data

    def _create(self) -> Response:
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({**serializer.data, "token": None} if self.dry_run else serializer.data, status=201)

    def _revoke(self, key: str) -> Response:
        token = self.get_queryset().filter(pk=key).first()
        if token is None:
            raise Http404(_("There is no such token."))
        token.revoke()
        return Response(self.get_serializer(token).data if self.dry_run else None, status=204)
