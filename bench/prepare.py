"""Make the tables of DATABASE_URL and a user who may do everything: `python -m bench.prepare` prints their token."""

import os

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()

from django.contrib.auth.models import User

from tracker.access.models import Token


def new_token(using: str = "default") -> str:
    """The text of a token of a new user who may do everything."""
    user = User(username="reliability", is_superuser=True)
    user.save(using=using)
    token = Token(user=user, name="reliability", scopes="read write import")
    text = token.renew_secret()
    token.save(using=using)
    return text


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    print(new_token())
