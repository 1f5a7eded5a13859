"""The application of answered requests."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RequestsConfig(AppConfig):
    """Answered requests."""

    name = "tracker.requests"
    verbose_name = _("Requests")
