"""Where sources disagree on a value."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from programmes.analysis.disagreements import Disagreement, Stated, disagreements, disputed
from programmes.codelists import Exactness
from programmes.models import CITABLE, Citation, Programme
from programmes.reports.base import Report
from programmes.reports.columns import coded, column

KINDS = [(name, capfirst(model._meta.verbose_name or "")) for name, model in CITABLE.items()]


class Row(NamedTuple):
    """A value of a disputed field and one citation that gives it; null where none does."""

    about: Disagreement
    stated: Stated
    citation: Citation | None


class Disagreements(Report):
    """One row per value and citation, that of the record first."""

    id = "disagreements"
    title = _("Disagreements")
    description = _("Every value on which sources disagree: what the record follows, and what others say.")
    model = Programme
    columns = (
        column("programme", "about.programme.code", title=_("programme"), required=True),
        column("programme_name", lambda row: str(row.about.programme), title=_("programme"), required=True),
        *coded("kind", KINDS, "about.disputed.kind", title=_("kind of record"), required=True),
        column("record", "about.disputed.name", title=_("record"), required=True),
        column("field", "about.disputed.field", title=_("field"), required=True),
        column("field_label", "about.label", title=_("field"), required=True),
        column("preferred", "stated.preferred", "boolean", title=_("preferred"), required=True),
        column("value", "stated.value", title=_("value"), description=_("Empty: the record has none.")),
        *coded("exactness", Exactness.choices, "stated.exactness", title=_("exactness")),
        column("source", "citation.source.code", title=_("source")),
        column("source_title", "citation.source.title", title=_("source")),
        column("place", "citation.place", title=_("place")),
        column("quote", "citation.quote", title=_("quote")),
        column("as_of", "citation.as_of", "partial_date", title=_("as of")),
    )

    def records(self) -> Iterator[Row]:
        for each in disagreements(disputed(self.selection)):
            for stated in each.values:
                for citation in stated.citations:
                    yield Row(each, stated, citation)
                if not stated.citations:
                    yield Row(each, stated, None)
