"""What a report is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.functional import Promise

from programmes.models import Citation
from programmes.reports.columns import ReportColumn

CHUNK = 500  # records that are read, with what belongs to them, at a time


class Report:
    """A table made from a selection of records: those that a list of the API gives for the same filters.

    A subclass says its `id` (in addresses), its words, the `model` of its records, its columns, and how the records
    are read; `defaults` are filters that hold where a reader gives none of that name (`everything` obeys them).
    """

    id: ClassVar[str]
    title: ClassVar[str | Promise]
    description: ClassVar[str | Promise]
    model: ClassVar[type[models.Model]]
    columns: ClassVar[Sequence[ReportColumn]]
    defaults: ClassVar[Mapping[str, str]] = {}

    def __init__(self, selection: models.QuerySet[Any] | None = None) -> None:
        self.selection: models.QuerySet[Any] = self.everything() if selection is None else selection

    @classmethod
    def everything(cls) -> models.QuerySet[Any]:
        """The selection where nothing is asked for."""
        return cls.model._default_manager.all()

    @classmethod
    def permission(cls) -> str:
        """What a user needs to see the report where reading is not open to anyone."""
        return f"{cls.model._meta.app_label}.view_{cls.model._meta.model_name}"

    @classmethod
    def allowed(cls, user: Any) -> bool:
        """Whether `user`, perhaps anonymous, may see the report."""
        return not settings.API_REQUIRE_SIGN_IN or user.has_perm(cls.permission())

    def all_columns(self) -> Sequence[ReportColumn]:
        """The columns, with those that only the selection tells."""
        return self.columns

    def records(self) -> Iterable[Any]:
        """What the columns take their values from, in order, read as it is needed."""
        return self.queryset(self.selection).iterator(chunk_size=CHUNK)

    def queryset(self, selection: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The selection in order, with what the columns need of other records."""
        return selection

    def lines(self) -> Iterator[bytes] | None:
        """The rows as lines of CSV without their ends, where the database writes them; else null."""
        return None

    def count(self) -> int | None:
        """How many rows there will be; null where that is not known before."""
        return None

    def rows(self) -> Iterator[Sequence[Any]]:
        """The values of each row, in the order of the columns."""
        columns = self.all_columns()
        for record in self.records():
            yield [column.get(record) for column in columns]


def citations() -> models.Prefetch:
    """The citations of each record with their sources."""
    return models.Prefetch("citations", Citation.objects.select_related("source"))
