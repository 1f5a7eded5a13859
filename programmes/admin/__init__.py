"""The officers' workplace: the pages of the domain, one file per stem."""

from programmes.admin import (
    finance,
    organisations,
    participation,
    phases,
    programmes,
    results,
    sources,
    themes,
    users,
)

__all__ = [
    "finance",
    "organisations",
    "participation",
    "phases",
    "programmes",
    "results",
    "sources",
    "themes",
    "users",
]
