"""The project's settings, on the database that TEST_DATABASE names."""

import os

from tests import databases

os.environ.setdefault("DEBUG", "1")
os.environ["DATABASE_URL"] = databases.url()

from tracker.settings import *  # noqa: F403 - after the environment is set, which they read

API_RATES: dict[str, str] = {}  # many requests from one address; a test of its own sets them
AXES_ENABLED = False  # Django's test client signs in without a request; a test of its own enables it
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: tests sign in often
