"""What every answer tells the browser: whose scripts run, who may call, what is not guessed."""

import re
from typing import Any

import pytest
from django.test import Client

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
ADMIN = {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
# Pages, and what is allowed them beside.
PAGES = {
    "/admin/login/": ADMIN,
    "/admin/": ADMIN,
    "/admin/programmes/programme/add/": ADMIN,
    "/api/docs/": {"style-src": "'self' 'unsafe-inline'"},
    "/api/redoc/": {"style-src": "'self' 'unsafe-inline'", "worker-src": "'self' blob:"},
    "/api/v1/": {},
    "/api/v1/programmes/": {},
    "/api/v1/programmes/?format=api": {},
    "/api/v1/nowhere/": {},
    "/api/v1/reports/programmes.csv": {},
    "/nowhere": {},
}
# A script that runs, or a handler in an attribute: both of which the policy keeps from running.
INLINE = re.compile(
    r"<script(?![^>]*(?: src=|application/json))[^>]*>|<[a-z][^>]* on[a-z]+=|javascript:", re.IGNORECASE
)


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_page_needs_no_inline_script(admin_client: Client, page: str) -> None:
    response: Any = admin_client.get(page, headers={"Accept": "text/html, */*;q=0.1"})
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert INLINE.findall(content.decode()) == []
    found = dict(each.split(" ", 1) for each in response["Content-Security-Policy"].split("; "))
    assert found == POLICY | PAGES[page]


def test_headers_of_an_answer(client: Client, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    headers = client.get("/nowhere", secure=True).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_other_site_may_call_where_the_setting_names_it(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://map.example.org"]
    asked = {"Origin": "https://map.example.org", "Access-Control-Request-Method": "PATCH"}
    asked["Access-Control-Request-Headers"] = "authorization, if-match, idempotency-key, change-reason, content-type"
    response = client.options("/api/v1/programmes/A/", headers=asked)
    assert response["Access-Control-Allow-Origin"] == "https://map.example.org"
    assert "PATCH" in response["Access-Control-Allow-Methods"].split(", ")
    allowed = set(response["Access-Control-Allow-Headers"].split(", "))
    assert set(asked["Access-Control-Request-Headers"].split(", ")) <= allowed
    assert "Access-Control-Allow-Credentials" not in response
    for origin, address in [("https://map.example.com", "/api/v1/x/"), ("https://map.example.org", "/admin/login/")]:
        refused = client.options(address, headers=asked | {"Origin": origin})
        assert "Access-Control-Allow-Origin" not in refused


def test_answer_shows_its_headers_to_the_other_site(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://map.example.org"]
    response = client.get("/api/v1/nowhere/", headers={"Origin": "https://map.example.org"})
    exposed = response["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Location", "Retry-After", "RateLimit-Remaining", "X-Request-ID"} <= set(exposed)
    assert response["Vary"] == "Accept, Accept-Language, Cookie, origin"


def test_unknown_host_is_refused(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["tracker.example.org"]
    assert client.get("/api/v1/nowhere/", HTTP_HOST="evil.example.org").status_code == 400
