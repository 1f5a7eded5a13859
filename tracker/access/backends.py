"""Django's own rights, asked for in one query."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission


class OneQueryBackend(ModelBackend):
    """What a user may do, by themselves and by their groups, is one query for a request and not two."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is None and user_obj.is_active and not user_obj.is_superuser and not hasattr(user_obj, "_perm_cache"):
            own = Permission.objects.filter(user=user_obj).order_by().values_list("content_type__app_label", "codename")
            by_group = Permission.objects.filter(group__in=user_obj.groups.order_by()).order_by()
            both = own.union(by_group.values_list("content_type__app_label", "codename"))
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in both}
        return super().get_all_permissions(user_obj, obj)
