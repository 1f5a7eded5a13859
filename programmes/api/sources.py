"""Documents, and the places in them on which figures and dates rest."""

from django.db.models import Q

from programmes.models import CITABLE, Citation, Source
from tracker.api import values
from tracker.api.fields import URLField
from tracker.api.filters import Filter, FilterSet, without_text
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet


class CitationSerializer(RecordSerializer):
    """A place in a source on which one record rests, or one field of it. One of the links to records is not null."""

    class Meta(RecordSerializer.Meta):
        model = Citation
        fields = (
            "url",
            "id",
            "source",
            "place",
            "quote",
            "as_of",
            "field",
            "value",
            "exactness",
            "preferred",
            "note",
            *CITABLE,
            "created_at",
            "modified_at",
            "version",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, *CITABLE)


class SourceSerializer(RecordSerializer):
    """A document from which facts are taken."""

    link = URLField(source="url", required=False, allow_blank=True, max_length=500, help_text="Where it can be read.")

    class Meta(RecordSerializer.Meta):
        model = Source
        fields = (
            "url",
            "code",
            "title",
            "type",
            "publisher",
            "author",
            "published",
            "accessed",
            "language",
            "link",
            "note",
            "created_at",
            "modified_at",
            "version",
        )


class SourceFilter(FilterSet):
    """Sources by their own fields."""

    link = Filter(values.Value(), "url", help_text="link: exactly this text.")
    link__isnull = Filter(values.Boolean(), "url", without_text, help_text="link: is it unknown?")

    class Meta:
        model = Source
        exclude = ("url",)


def _competing(_name: str, competing: bool) -> Q:
    condition = Q(preferred=False) & ~Q(value="")
    return condition if competing else ~condition


class CitationFilter(FilterSet):
    """Citations by their own fields; each kind of record that can be cited is one of them."""

    competing = Filter(values.Boolean(), "pk", _competing, help_text="Gives another value than the record has.")

    class Meta:
        model = Citation


class SourceViewSet(RecordViewSet):
    """Documents from which facts are taken."""

    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    filterset_class = SourceFilter


class CitationViewSet(RecordViewSet):
    """Citations: which record, or which field of it, rests on which place of which source."""

    queryset = Citation.objects.all()
    serializer_class = CitationSerializer
    filterset_class = CitationFilter
