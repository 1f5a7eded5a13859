"""The settings, and the pages that need nothing but them."""

import os
import subprocess
import sys

import pytest
from django.db import connection


def test_database_is_the_one_that_was_asked_for():
    assert connection.vendor == os.environ.get("TEST_DATABASE", "sqlite")


def test_secret_key_is_required_in_production():
    env = {name: value for name, value in os.environ.items() if name not in {"DEBUG", "SECRET_KEY"}}
    done = subprocess.run(
        [sys.executable, "-c", "import tracker.settings"], env=env, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1].endswith("Set the SECRET_KEY environment variable")


@pytest.mark.parametrize("page", ["/api/docs/", "/api/redoc/", "/admin/login/"])
@pytest.mark.django_db
def test_page_names_no_other_host(client, page):
    html = client.get(page).content.decode()
    assert "http://" not in html
    assert "https://" not in html


@pytest.mark.django_db
def test_sign_in_page_in_spanish(client):
    assert "Contraseña" in client.get("/admin/login/", headers={"accept-language": "es"}).content.decode()
