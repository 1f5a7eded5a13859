"""The command that forgets answers which nobody may ask for again."""

from typing import Any

from django.core.management.base import BaseCommand

from tracker.requests.models import AnsweredRequest


class Command(BaseCommand):
    """Deletes the answers whose keys have expired. Once a day is enough: an expired key is a new one in any case."""

    help = "Delete the answers to requests whose Idempotency-Key has expired."

    def handle(self, *args: Any, **options: Any) -> None:
        number, _by_kind = AnsweredRequest.objects.expired().delete()
        self.stdout.write(f"{number} deleted")
