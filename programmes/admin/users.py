"""The pages of users and groups, in the style of the others: a user's role is a group, officers have programmes."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from programmes.models import Programme
from tracker.access.roles import role_of

admin.site.unregister(User)
admin.site.unregister(Group)

ONLY_SUPERUSERS = ("is_superuser", "user_permissions")


class AssignedProgrammes(TabularInline):
    """The programmes that an officer edits, with all below them."""

    model = Programme.officers.through
    verbose_name = _("assigned programme")
    verbose_name_plural = _("assigned programmes")
    autocomplete_fields = ("programme",)
    extra = 0
    tab = True


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Who may sign in. Only superusers make superusers, or touch them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "role", "is_active")
    inlines = (AssignedProgrammes,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_superuser(request) else (*fields, *ONLY_SUPERUSERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Who has a role may come into the admin."""
        super().save_related(request, form, formsets, change)
        user = User.objects.get(pk=form.instance.pk)
        if role_of(user) is not None and not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])

    @admin.display(description=_("role"))
    def role(self, user: Any) -> str:
        """The highest of the user's roles."""
        role = role_of(user)
        return str(role.label) if role else "–"


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _may_touch(request: HttpRequest, user: Any) -> bool:
    return _is_superuser(request) or user is None or not user.is_superuser


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Sets of permissions: the roles, whose permissions every `migrate` sets again, and others of one's own."""
