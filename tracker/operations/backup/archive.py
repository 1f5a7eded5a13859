"""The file of a backup: a ZIP archive with a manifest and one file of JSON lines for each table."""

import contextlib
import datetime
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from django.db import connections
from django.utils import timezone

from tracker.operations.backup.tables import (
    BackupError,
    Table,
    fingerprint,
    lines,
    measured,
    migrations,
    snapshot,
    stored_models,
)
from tracker.records.storing import stored_fields

FORMAT, FORMAT_VERSION = "programme-tracker-backup", 1
MANIFEST = "manifest.json"
MAX_MANIFEST = 10_000_000  # bytes
MAX_LINE = 50_000_000  # bytes of one row
MAX_RATIO = 200  # ours are packed to a tenth or so; a bomb to a thousandth
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, UnicodeError)


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    database: str
    migrations: dict[str, list[str]]
    tables: list[Table]
    fingerprint: str
    format: str = FORMAT
    format_version: int = FORMAT_VERSION


def write(path: Path, using: str) -> Manifest:
    """Write the backup, readable by its owner alone, and there only when it is whole.

    Raises BackupError where the file is there already or cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path} is there already; a backup replaces nothing.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 0600
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest = _written(archive, using)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return manifest


def _written(archive: zipfile.ZipFile, using: str) -> Manifest:
    tables, made_at = [], timezone.now().astimezone(datetime.UTC).isoformat()
    with snapshot(using):
        done = migrations(using)
        for name, model in stored_models().items():
            with archive.open(member(name), "w", force_zip64=True) as stream:

                def kept(stream: Any = stream, model: Any = model) -> Iterator[bytes]:
                    for line in lines(model, using):
                        stream.write(line)
                        yield line

                tables.append(measured(model, kept(), using))
    manifest = Manifest(made_at, connections[using].vendor, done, tables, fingerprint(tables))
    archive.writestr(MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    return manifest


def member(table: str) -> str:
    """The name of a table's file."""
    return f"tables/{table}.jsonl"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive and its manifest, which fits to the files and to the tables of this version.

    Nothing is unpacked to disk: a name in the archive is only ever compared. Raises BackupError.
    """
    with contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            manifest = _manifest(archive)
        except FileNotFoundError as error:
            raise BackupError(f"There is no file {path}.") from error
        except UNREADABLE as error:
            raise BackupError(f"{path} is not a whole backup: {error}.") from error
        _check_members(archive, manifest)
        yield archive, manifest


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    found = [info for info in archive.infolist() if info.filename == MANIFEST]
    if len(found) != 1 or found[0].file_size > MAX_MANIFEST:
        raise BackupError("This is not a backup of the tracker: it has no manifest.")
    with archive.open(found[0]) as stream:
        text = stream.read(MAX_MANIFEST + 1)
    try:
        data = orjson.loads(text)
        if data.get("format") != FORMAT:
            raise BackupError("This is not a backup of the tracker: its manifest says another format.")
        if data["format_version"] != FORMAT_VERSION:
            raise BackupError(
                f"The backup has version {data['format_version']!r} of the format; {FORMAT_VERSION} is read."
            )
        manifest = Manifest(**data | {"tables": [Table(**table) for table in data["tables"]]})
        if fingerprint(manifest.tables) != manifest.fingerprint:
            raise BackupError("The manifest of the backup was changed: its fingerprint does not fit its tables.")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError("The manifest of the backup cannot be read.") from error
    return manifest


def _check_members(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    ours = {name: [field.column for field in stored_fields(model)] for name, model in stored_models().items()}
    if {table.name: table.columns for table in manifest.tables} != ours or len(manifest.tables) != len(ours):
        raise BackupError("The backup has other tables or columns than this version of the software.")
    infos = archive.infolist()
    if sorted(info.filename for info in infos) != sorted([MANIFEST, *map(member, ours)]):
        raise BackupError("The backup holds other files than its manifest names.")
    sizes = {info.filename: info.file_size for info in infos}
    if any(sizes[member(table.name)] != table.bytes for table in manifest.tables):
        raise BackupError("A file of the backup has another size than its manifest says.")
    if any(info.file_size > MAX_RATIO * (info.compress_size + 1000) for info in infos):
        raise BackupError("The backup unpacks to far more than a backup would.")


def checked_lines(archive: zipfile.ZipFile, table: Table) -> Generator[bytes, None, None]:
    """The lines of a table. Raises BackupError where the file is damaged; that its sum is wrong, at the end."""
    digest, rows = hashlib.sha256(), 0
    try:
        with archive.open(member(table.name)) as stream:
            while line := stream.readline(MAX_LINE):
                if len(line) == MAX_LINE:
                    raise BackupError(f"A row of {table.name} is longer than a row can be.")
                digest.update(line)
                rows += 1
                yield line
    except UNREADABLE as error:
        raise BackupError(f"The backup is damaged: {table.name} cannot be read: {error}.") from error
    if (digest.hexdigest(), rows) != (table.sha256, table.rows):
        raise BackupError(f"The backup is damaged: the checksum of {table.name} is not that of its manifest.")
