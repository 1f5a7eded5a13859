"""Backup and restore: identical whichever database it was and is, or nothing changed."""

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from programmes.models import Budget, Observation, Programme
from tests.factories import BudgetFactory, ObservationFactory, ProgrammeFactory
from tests.people import person
from tests.threads import at_once, shared_database
from tracker.access.models import Token, find_token
from tracker.access.roles import Role
from tracker.operations.backup import archive, tables
from tracker.requests.models import AnsweredRequest


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[None]:
    """On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run."""
    with shared_database(tmp_path):
        yield


def told(command: str, *args: Any, **options: Any) -> list[str]:
    """The lines that the command prints."""
    out = io.StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue().splitlines()


def fingerprint(*args: Any, **options: Any) -> str:
    return told("fingerprint", *args, **options)[0]


@pytest.mark.django_db(transaction=connection.vendor == "postgresql")
def test_restored_database_is_identical_and_comes_back(shared: None, other: str, tmp_path: Path) -> None:
    programme = ProgrammeFactory(code="A", name="Ñandú “quoted”\n\t\\ \U0001f4a9", planned_start="2016-02")
    programme.name = "Renamed"
    programme.save()
    ProgrammeFactory(code="GONE").delete()
    gone = Programme.history.get(code="GONE", history_type="-").id
    BudgetFactory(programme=programme, amount="12345678901.10")
    ObservationFactory(disaggregation={"substance": "cocaine", "sex": "female"})
    officer = person(Role.OFFICER, programme, name="Olga")
    officer.set_password("correct horse")
    officer.save()
    token = Token(user=officer, name="nightly", scopes="read write:budgets")
    text = token.renew_secret()
    token.save()
    AnsweredRequest.objects.create(user=officer, key="k", fingerprint="f", headers={"Location": "/x/"}, body="{}")
    before = fingerprint()

    assert told("backup", tmp_path / "one.zip")[-1] == before
    assert fingerprint(tmp_path / "one.zip") == before
    assert told("restore", tmp_path / "one.zip", database=other)[-1] == before
    assert fingerprint(database=other) == before
    assert list(Programme.history.using(other).order_by("history_id").values_list("code", "history_type")) == [
        ("A", "+"),
        ("A", "~"),
        ("GONE", "+"),
        ("GONE", "-"),
        *Programme.history.order_by("history_id").values_list("code", "history_type")[4:],
    ]

    told("backup", tmp_path / "two.zip", database=other)
    Budget.objects.all().delete()
    assert fingerprint() != before
    with pytest.raises(CommandError, match=r"^Nothing was changed\. The database is not empty: "):
        told("restore", tmp_path / "two.zip")
    assert told("restore", tmp_path / "two.zip", replace=True)[-1] == before
    assert fingerprint() == before
    assert User.objects.get(username="Olga").check_password("correct horse")
    assert list(User.objects.get(username="Olga").assigned_programmes.all()) == [programme]
    assert find_token(text) == token
    assert Observation.objects.get().disaggregation == {"substance": "cocaine", "sex": "female"}
    # A deleted record's number is not given again: its history is not that of another.
    assert ProgrammeFactory(code="NEW").pk > max(gone, programme.pk)


@pytest.mark.django_db(transaction=connection.vendor == "postgresql")
def test_snapshot_is_of_one_instant_and_keeps_no_writer_waiting(shared: None) -> None:
    with tables.snapshot("default"):
        before = tables.fingerprint(tables.tables_now("default"))
        at_once([ProgrammeFactory])
        assert tables.fingerprint(tables.tables_now("default")) == before
    assert Programme.objects.count() == 1
    assert tables.fingerprint(tables.tables_now("default")) != before


def test_backup_of_a_database_at_rest_is_the_same_whenever_it_is_made(other: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        told("backup", tmp_path / f"{name}.zip", database=other)
    one, two = (zipfile.ZipFile(tmp_path / f"{name}.zip") for name in ("one", "two"))
    with one, two:
        assert {i.filename: i.CRC for i in one.infolist() if i.filename != "manifest.json"} == {
            i.filename: i.CRC for i in two.infolist() if i.filename != "manifest.json"
        }


def test_backup_is_its_owners_alone_and_replaces_nothing(other: str, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    told("backup", path, database=other)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    with pytest.raises(CommandError, match="is there already; a backup replaces nothing"):
        told("backup", path, database=other)
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        told("backup", tmp_path / "nowhere" / "one.zip", database=other)
    assert path.read_bytes() == content
    assert sorted(each.name for each in tmp_path.glob("*.zip*")) == ["one.zip"]


# What may be wrong with a file

Files = dict[str, bytes]


def users(*rows: list[Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def of_manifest(**changes: Any) -> Callable[[Files], None]:
    """The manifest with other values."""

    def change(files: Files) -> None:
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | changes).encode()

    return change


def of_table(name: str, content: bytes) -> Callable[[Files], None]:
    """A table with another content, of which all sums are right: somebody has made it so."""

    def change(files: Files) -> None:
        files[archive.member(name)] = content
        manifest = json.loads(files["manifest.json"])
        for table in manifest["tables"]:
            if table["name"] == name:
                digest = hashlib.sha256(content).hexdigest()
                table |= {"rows": content.count(b"\n"), "bytes": len(content), "sha256": digest}
        fingerprint = tables.fingerprint([tables.Table(**table) for table in manifest["tables"]])
        files["manifest.json"] = json.dumps(manifest | {"fingerprint": fingerprint}).encode()

    return change


def damaged_table(files: Files) -> None:
    name = "tables/auth_permission.jsonl"
    files[name] = files[name].replace(b"Can add", b"Can axe")


def other_migrations(files: Files) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["migrations"]["programmes"].append("9999_later")
    files["manifest.json"] = json.dumps(manifest).encode()


def one_more(name: str) -> Callable[[Files], None]:
    return lambda files: files.update({name: b"[]\n"})


NOW = timezone.now().isoformat()
USER = [1, "x", None, True, "eve", "", "", "", True, True, NOW]

BAD: list[tuple[str, Callable[[Files], None], str]] = [
    ("no manifest", lambda files: files.pop("manifest.json"), "it has no manifest"),
    ("manifest is no JSON", lambda files: files.update({"manifest.json": b"{"}), "manifest of the backup cannot"),
    ("manifest is a list", lambda files: files.update({"manifest.json": b"[]"}), "manifest of the backup cannot"),
    ("manifest nested", lambda files: files.update({"manifest.json": b"[" * 100_000}), "manifest of the backup cannot"),
    ("manifest with more", of_manifest(more=1), "manifest of the backup cannot be read"),
    ("another format", of_manifest(format="zip"), "its manifest says another format"),
    ("a later format", of_manifest(format_version=2), "has version 2 of the format; 1 is read"),
    ("another fingerprint", of_manifest(fingerprint="0"), "its fingerprint does not fit its tables"),
    ("no tables", of_manifest(tables=[], fingerprint=tables.fingerprint([])), "other tables or columns"),
    ("other migrations", other_migrations, "programmes: 9999_later there, "),
    ("a table damaged", damaged_table, "the checksum of auth_permission is not that of its manifest"),
    ("a table missing", lambda files: files.pop("tables/auth_user.jsonl"), "other files than its manifest names"),
    ("a path", one_more("../../etc/passwd"), "other files than its manifest names"),
    ("an absolute path", one_more("/etc/passwd"), "other files than its manifest names"),
    ("a line that is no JSON", of_table("auth_user", b"{\n"), "a row of auth_user that is none"),
    ("a line that is no list", of_table("auth_user", b"{}\n"), "a row of auth_user that is none"),
    ("a line with too few values", of_table("auth_user", b"[1]\n"), "a row of auth_user that is none"),
    ("values of other types", of_table("auth_user", users([{}, *USER[1:]])), "a row of auth_user that is none"),
    ("a number too great", of_table("auth_user", users([2**63, *USER[1:]])), "a row of auth_user that is none"),
    ("a key twice", of_table("auth_user", users(USER, USER)), "The database does not take the backup"),
    ("a link to nothing", of_table("auth_user_groups", users([1, 1, 1])), "The database does not take the backup"),
    (
        "not as we write it",
        of_table("auth_user", users([*USER[:-1], NOW.replace("+00:00", "Z")])),
        "is not the same as the backup",
    ),
    ("a bomb", of_table("auth_user", b" " * 30_000_000), "unpacks to far more"),
]


@pytest.mark.parametrize(("change", "message"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_bad_file_is_refused_and_changes_nothing(
    other: str, tmp_path: Path, change: Callable[[Files], None], message: str
) -> None:
    before = fingerprint(database=other)
    told("backup", tmp_path / "good.zip", database=other)
    with zipfile.ZipFile(tmp_path / "good.zip") as good:
        files = {name: good.read(name) for name in good.namelist()}
    change(files)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as bad:
        for name, content in files.items():
            bad.writestr(name, content)
    with pytest.raises(CommandError, match=r"^Nothing was changed\. ") as error:
        told("restore", tmp_path / "bad.zip", database=other, replace=True)
    assert message in str(error.value)
    assert fingerprint(database=other) == before


@pytest.mark.parametrize(
    "cut", [lambda content: content[:-30], lambda content: content[: len(content) // 2], lambda _: b"", lambda _: b"PK"]
)
def test_file_that_is_cut_off_is_refused(other: str, tmp_path: Path, cut: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "one.zip"
    told("backup", path, database=other)
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(CommandError, match="is not a whole backup"):
        told("restore", path, database=other)


def test_file_with_a_byte_changed_is_refused(other: str, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    told("backup", path, database=other)
    with zipfile.ZipFile(path) as good:
        info = good.getinfo("tables/auth_permission.jsonl")
    content = bytearray(path.read_bytes())
    content[info.header_offset + 200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(CommandError, match="The backup is damaged: "):
        told("restore", path, database=other)


def test_missing_file_is_told(other: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        told("restore", tmp_path / "none.zip", database=other)
