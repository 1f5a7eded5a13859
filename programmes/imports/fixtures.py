"""The fixtures: reference data and the first portfolio, from YAML files to the database, whole or not at all."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from countries.models import Country, Grouping
from programmes.imports.documents import Document, DocumentError, DocumentWriter
from programmes.models import Instrument, Organisation, Programme, PurposeCode, Source, Theme
from tracker.records.models import Record
from tracker.records.publication import Publication

# The lists that a file may hold.
LISTS: dict[str, type[Record]] = {
    "countries": Country,
    "groupings": Grouping,
    "purpose_codes": PurposeCode,
    "instruments": Instrument,
    "organisations": Organisation,
    "themes": Theme,
    "sources": Source,
    "programmes": Programme,
}


class Loaded(NamedTuple):
    """How many records a load created, changed and found as they were."""

    created: int
    changed: int
    unchanged: int


def files_in(folder: Path) -> list[Path]:
    """The YAML files of reference data, then those of the portfolio, each in the order of their names."""
    return [path for part in ("reference", "portfolio") for path in sorted((folder / part).glob("*.yaml"))]


@transaction.atomic
def load(paths: Iterable[Path], progress: Callable[[str, int], None] | None = None) -> Loaded:
    """Load the files in order; `progress`, where given, hears each file's name and the number of records read so far.

    Loading twice changes nothing. Raises DocumentError that names file, place and reason; nothing is stored then.
    """
    records = 0

    def on_record() -> None:
        nonlocal records
        records += 1
        if progress and records % 100 == 0:
            progress(path.name, records)

    begun = {"publication": Publication.PUBLISHED, "published_at": timezone.now().isoformat()}
    known = set(Programme.objects.values_list("code", flat=True))
    with DocumentWriter(on_record) as writer:
        for path in paths:
            for name, documents in _read(path).items():
                if name not in LISTS:
                    raise DocumentError(f"{path.name}: {name}", _("there is no such list"))
                for number, document in enumerate(documents):
                    label = document.get("code", number) if isinstance(document, dict) else number
                    whole = _with_members(document) if name == "groupings" else document
                    if name == "programmes" and isinstance(document, dict) and label not in known:
                        whole = begun | whole  # what a fixture holds was published elsewhere
                    writer.write(LISTS[name], whole, f"{path.name}: {name}[{label}]")
            if progress:
                progress(path.name, records)
    return Loaded(writer.created, writer.changed, writer.unchanged)


def _read(path: Path) -> dict[str, list[Any]]:
    try:
        content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise DocumentError(path.name, str(error)) from error
    if not isinstance(content, dict) or not all(isinstance(each, list) for each in content.values()):
        raise DocumentError(path.name, _("lists by name are expected"))
    return content


def _with_members(grouping: Document) -> Document:
    """A grouping whose undated members are written as one list of codes: `members` and `members_evidence`."""
    document = dict(grouping)
    members, evidence = document.pop("members", []), document.pop("members_evidence", None)
    if members:
        shared = {"evidence": evidence} if evidence else {}
        document["memberships"] = [
            *document.get("memberships", []),
            *({"country": code, **shared} for code in members),
        ]
    return document
