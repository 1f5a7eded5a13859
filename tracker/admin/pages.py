"""Pages of lists that may be very long: no table is counted for them."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from tracker.records.statements import counted

MOST_COUNTED = 1000  # records beyond the page that is shown


class AtLeast(int):
    """How many there are at least: who counted stopped there."""

    def __str__(self) -> str:
        return f"{int(self):,}+".replace(",", "\N{THIN SPACE}")


def number(found: int, most: int) -> int:
    """The number, or that there are more than `most`."""
    return AtLeast(most) if found > most else found


class BoundedPaginator(Paginator):
    """Counts no further than some pages after the one that is asked for."""

    def __init__(self, *args: Any, page: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_for = page

    @cached_property
    def count(self) -> int:
        """How many records there are, or more than how many."""
        most = self.asked_for * self.per_page + MOST_COUNTED
        rows: Any = self.object_list
        (found,) = counted([(rows, most, 0)])
        return number(found.number, most)
