"""The application's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Roles and tokens."""

    name = "tracker.access"
    label = "access"
    verbose_name = _("Access")
