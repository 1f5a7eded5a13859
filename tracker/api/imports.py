"""`import/` of each list: records from a table, by what tells them apart; added where they are new, changed else."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, ClassVar

import tablib
from django.conf import settings
from django.utils.translation import gettext as _
from import_export.results import RowResult
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, PermissionDenied, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access.models import IMPORT, WRITE
from tracker.access.rules import NOT_ASSIGNED
from tracker.api.addresses import key_field
from tracker.api.errors import TooLarge, causes, from_model
from tracker.api.etags import Stale
from tracker.api.history import FIELDS, WHAT
from tracker.api.parsers import MAX_RECORDS
from tracker.api.permissions import ModelPermissionsOrReadOnly
from tracker.records.locks import lock_kinds
from tracker.records.models import Record
from tracker.tabular.columns import Column
from tracker.tabular.reader import Row, TableError, read_csv, read_xlsx
from tracker.transfer.resources import VERSION, ColumnError, resource_for

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS: dict[str, Callable[..., Iterator[Row]]] = {CSV: read_csv, XLSX: read_xlsx}
TYPES = {RowResult.IMPORT_TYPE_NEW: "created", RowResult.IMPORT_TYPE_UPDATE: "changed"}

BODIES: dict[str, Any] = {CSV: {"type": "string"}, XLSX: {"type": "string", "format": "binary"}}
_NUMBER = {"type": "integer", "minimum": 0}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["created", "changed", "unchanged", "rows"],
    "properties": {
        "created": _NUMBER,
        "changed": _NUMBER,
        "unchanged": _NUMBER,
        "rows": {
            "type": "array",
            "description": "What is created or changed, in the order of the file; its fields, where it was there.",
            "items": {
                "type": "object",
                "required": ["line", "key", "type", "fields"],
                "properties": {
                    "line": {"type": "integer", "description": "Of the file; the names of the columns are the first."},
                    "key": WHAT["key"],
                    "type": {"type": "string", "enum": list(TYPES.values())},
                    "fields": FIELDS,
                },
            },
        },
    },
}


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, and its media type."""

    kind: str
    content: bytes

    def __str__(self) -> str:
        """What tells it from others."""
        return f"{self.kind} {hashlib.sha256(self.content).hexdigest()}"


class CSVParser(BaseParser):
    """A file as the whole body, up to UPLOAD_MAX_BYTES."""

    media_type = CSV

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        if media_type and "charset=" in media_type.lower() and "utf-8" not in media_type.lower():
            raise UnsupportedMediaType(media_type)
        content = stream.read(settings.UPLOAD_MAX_BYTES + 1)
        if len(content) > settings.UPLOAD_MAX_BYTES:
            raise TooLarge(_("A body has at most %d bytes.") % settings.UPLOAD_MAX_BYTES)
        return Upload(self.media_type, content)


class XLSXParser(CSVParser):
    """The same for a workbook."""

    media_type = XLSX


class ImportPermission(ModelPermissionsOrReadOnly):
    """Who imports both adds and changes."""

    perms_map = ModelPermissionsOrReadOnly.perms_map | {
        "POST": ["%(app_label)s.add_%(model_name)s", "%(app_label)s.change_%(model_name)s"]
    }


class ImportMixin:
    """`import/` of each list of a view set."""

    queryset: Any
    reason: str | None
    _written: Any
    _locked_records: Any
    _lock: Any
    # The right that a token needs, beside reading.
    token_right: ClassVar[str] = WRITE

    @action(
        detail=False,
        methods=["post"],
        url_path="import",
        token_right=IMPORT,
        permission_classes=[ImportPermission],
        parser_classes=[CSVParser, XLSXParser],
    )
    def import_table(self, request: Request, **kwargs: Any) -> Response:
        """Read it in whole, or nothing of it."""
        # Before anyone is kept waiting. Without a body nothing is parsed.
        upload = request.data if isinstance(request.data, Upload) else Upload(CSV, b"")
        done: Response = self._written(lambda: self._imported(upload, request.user), repeatable=True)
        return done

    def _imported(self, upload: Upload, user: Any) -> Response:
        resource = resource_for(self.queryset.model)()
        lines, table = _read(upload, resource)
        self._take_locks(table.dict)
        result = resource.import_data(table, user=user, reason=self.reason)
        _raise_faults(result, lines)
        return Response(_told(resource, result, lines))

    def _take_locks(self, rows: list[dict[str, Any]]) -> None:
        """Those that the rows need, in the order in which all who write take them."""
        lock_kinds([self.queryset.model])
        if not self._locked_records(rows):
            self._lock(rows)


def _read(upload: Upload, resource: Any) -> tuple[list[int], tablib.Dataset]:
    """The lines on which the rows of the file stand, and the rows. Raises ValidationError."""
    columns = [*(Column(field.column_name) for field in resource.fields.values()), Column(VERSION)]
    table, lines = tablib.Dataset(), list[int]()
    try:
        for row in READERS[upload.kind](io.BytesIO(upload.content), columns, MAX_RECORDS):
            if not lines:
                table.headers = list(row.values)
                resource.check_columns(table.headers)
            table.append(list(row.values.values()))
            lines.append(row.line)
    except TableError as error:
        fault = [ErrorDetail(" ".join(error.messages), code=error.code)]
        faults: Any = fault if error.line is None else {error.line: fault}
        raise ValidationError(faults) from None
    except ColumnError as error:
        raise ValidationError({error.column: [ErrorDetail(str(error), code="required")]}) from None
    if not lines:
        raise ValidationError([ErrorDetail(_("There are no rows in it."), code="empty")])
    return lines, table


def _raise_faults(result: Any, lines: list[int]) -> None:
    """Raise everything that is wrong with the rows, by line and column; what is no fault of theirs first."""
    for failure in (*result.base_errors, *(each for row in result.rows for each in row.errors)):
        raise failure.error
    faults = {lines[each.number - 1]: from_model(each.error) for each in result.invalid_rows}
    if faults:
        codes = {each["code"] for each in causes(faults)}
        stale = Stale if codes == {Stale.default_code} else ValidationError
        raise (PermissionDenied if NOT_ASSIGNED in codes else stale)(faults)


def _told(resource: Any, result: Any, lines: list[int]) -> dict[str, Any]:
    """What was done, row by row where something was; read before the transaction ends."""
    model, totals = resource._meta.model, result.totals
    written = [(line, row) for line, row in zip(lines, result.rows, strict=True) if row.import_type in TYPES]
    stored = resource.filter_export(model._default_manager).in_bulk([row.object_id for _line, row in written])
    return {
        "created": totals[RowResult.IMPORT_TYPE_NEW],
        "changed": totals[RowResult.IMPORT_TYPE_UPDATE],
        "unchanged": totals[RowResult.IMPORT_TYPE_SKIP],
        "rows": [
            {
                "line": line,
                "key": getattr(stored[row.object_id], key_field(model)),
                "type": TYPES[row.import_type],
                "fields": list(_differences(resource, row.original, stored[row.object_id])) if row.original else [],
            }
            for line, row in written
        ],
    }


def _differences(resource: Any, old: Record, new: Record) -> Iterator[dict[str, Any]]:
    """The fields that differ, as the file has them."""
    for name, field in resource.fields.items():
        before, after = field.export(old), field.export(new)
        if before != after:
            yield {"field": name, "old": before or None, "new": after or None}
