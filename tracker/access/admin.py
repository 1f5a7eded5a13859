"""The pages of tokens: one's own, and for those who look after users all."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from tracker.access.models import Token

ASKED = ("name", "scopes", "addresses", "expires_at")


@admin.register(Token)
class TokenAdmin(ModelAdmin):
    """Tokens are made and revoked, never changed; the text is shown when one is made, and not again."""

    list_display = ("name", "user", "key", "scopes", "expires_at", "last_used_at", "valid")
    list_select_related = ("user",)
    list_filter = ("revoked_at",)
    search_fields = ("name", "key", "user__username")
    actions = ("revoke",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).manageable_by(request.user)  # type: ignore[no-any-return]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ASKED if obj is None else ("user", "key", *ASKED, "created_at", "last_used_at", "revoked_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only with their user: what was revoked stays to be seen."""
        return bool(request.user.has_perm("access.manage_every_token"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.user = request.user
        obj.text = obj.renew_secret()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponseBase:
        """The text, on a page that is not cached: neither a message nor the session holds it."""
        context = {**self.admin_site.each_context(request), "title": obj, "text": obj.text}
        return TemplateResponse(request, "admin/token.html", context)

    @admin.display(description=_("valid"), boolean=True)
    def valid(self, token: Token) -> bool:
        """Neither revoked nor at its end."""
        return token.is_valid

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """From now on they are refused."""
        number = 0
        for token in chosen.filter(revoked_at=None):
            token.revoke()
            number += 1
        messages.success(request, ngettext("%d token revoked.", "%d tokens revoked.", number) % number)
