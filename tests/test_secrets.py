"""No secret lies among the files: keys, passwords and tokens by their well-known shapes."""

import re

from django.conf import settings

ROOMS = ("bench", "countries", "docs", "fixtures", "locale", "programmes", "tests", "tracker")
SUFFIXES = {".cfg", ".env", ".in", ".ini", ".js", ".json", ".md", ".mjs", ".pem", ".key", ".po", ".py", ".toml", ".txt"}
SUFFIXES |= {".html", ".sh", ".svg", ".yaml", ".yml"}
SECRETS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a key of AWS": r"\bAKIA[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})",
    "a token of GitLab": r"\bglpat-[\w-]{20,}",
    "a token of Slack": r"\bxox[abprs]-[\w-]{10,}",
    "a token of PyPI": r"\bpypi-[\w-]{50,}",
    "a token of ours": r"\bptt_[0-9a-f]{12}_[\w-]{43}\b",
    "a password in an address": r"\b[a-z][a-z0-9+]*://[^/\s:@\"'{}<>…]+:[^/\s:@\"'{}<>…]{4,}@(?!localhost|127\.)[\w.]+",
}
SHAPE = re.compile("|".join(f"(?P<n{number}>{shape})" for number, shape in enumerate(SECRETS.values())))


def test_no_file_holds_a_secret() -> None:
    root = settings.BASE_DIR
    paths = [*root.glob("*"), *(path for room in ROOMS for path in (root / room).rglob("*"))]
    found = []
    for path in paths:
        if path.suffix in SUFFIXES and path.is_file() and "node_modules" not in path.parts:
            matches = SHAPE.finditer(path.read_text(errors="replace"))
            found += [(str(path.relative_to(root)), list(SECRETS)[int((each.lastgroup or "")[1:])]) for each in matches]
    assert found == []


def test_shapes_find_what_they_are_for() -> None:
    examples = ["-----BEGIN RSA " + "PRIVATE KEY-----", "ptt_" + "0" * 12 + "_" + "A" * 43, "AKIA" + "A" * 16]
    examples.append("postgresql://me:" + "hunter22@db.example.org/x")
    assert [bool(SHAPE.search(example)) for example in examples] == [True] * len(examples)
    assert SHAPE.search("https://example.org/a:b@c postgresql://user:…@host") is None
