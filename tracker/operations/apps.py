"""The application that brings the commands of operations."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Commands alone: it has no models, and no page shows its name."""

    name = "tracker.operations"
