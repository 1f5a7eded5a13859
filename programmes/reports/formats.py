"""A report as a file: CSV, XLSX or JSON, in one language, made as it is read."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.utils import translation

from programmes.reports.base import Report
from tracker.tabular.csv_writer import csv_chunks, line_chunks
from tracker.tabular.json_writer import json_chunks
from tracker.tabular.xlsx_writer import xlsx_chunks

Rows = Iterator[Any]
Watch = Callable[[Rows], Rows]


class Format(NamedTuple):
    """A kind of file: its media type, and how a report becomes one while its rows are watched."""

    media_type: str
    chunks: Callable[[Report, Watch], Iterator[bytes]]

    @property
    def content_type(self) -> str:
        """The media type, with the encoding where it could be another."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


def _csv(report: Report, watch: Watch) -> Iterator[bytes]:
    lines = report.lines()
    if lines is not None:
        return line_chunks(report.all_columns(), watch(lines))
    return csv_chunks(report.all_columns(), watch(report.rows()))


def _xlsx(report: Report, watch: Watch) -> Iterator[bytes]:
    return xlsx_chunks(report.all_columns(), watch(report.rows()), sheet=report.id, count=report.count())


def _json(report: Report, watch: Watch) -> Iterator[bytes]:
    head = {"report": report.id, "title": str(report.title), "language": translation.get_language()}
    return json_chunks(report.all_columns(), watch(report.rows()), head=head)


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv", _csv),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": Format("application/json", _json),
}


def chunks(
    report: Report,
    format: str,  # noqa: A002
    language: str,
    watch: Watch = iter,
) -> Iterator[bytes]:
    """The file in chunks, each made when it is asked for, with labels in `language`. `watch` sees the rows go by.

    The language holds only while a chunk is made: whoever sends the chunks may serve others in between.
    """
    made: Iterator[bytes] | None = None
    while True:
        with translation.override(language):
            made = made or FORMATS[format].chunks(report, watch)
            chunk = next(made, None)
        if chunk is None:
            return
        yield chunk
