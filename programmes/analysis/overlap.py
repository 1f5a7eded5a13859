"""Pairs of programmes that work in the same countries, on the same themes, at the same time: who should coordinate.

Programmes, countries, themes and organisations become bits of whole numbers, so that the programmes that share
anything with a given one are found by a few operations, whatever their number.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple, overload

from django.db.models import Q, QuerySet, TextChoices
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from countries.models import Country
from programmes.analysis.spans import Certainty, Course, Span, courses, part
from programmes.codelists import OrganisationRole
from programmes.models import (
    Organisation,
    ParticipatingOrganisation,
    Participation,
    Programme,
    ProgrammeTheme,
    Theme,
)
from tracker.partial_dates import PartialDate

MOST_PAIRS = 500_000


class Shared(TextChoices):
    """What two programmes may have in common, beside their time."""

    COUNTRIES = "countries", _("countries")
    THEMES = "themes", _("themes")
    ORGANISATIONS = "organisations", _("organisations")


class TooManyPairsError(Exception):
    """More pairs than can be compared and sorted while someone waits."""


class Item(NamedTuple):
    """A programme, country, theme or organisation, as an answer names it."""

    code: str
    label: str


class Pair(NamedTuple):
    """Two programmes and what they share.

    Their common time lies from the later of their starts to the earlier of their ends, as far as these are known:
    `since` and `until`, null where neither is.
    """

    first: Item
    second: Item
    countries: list[Item]
    themes: list[Item]
    organisations: list[Item]
    time: Certainty
    since: PartialDate | None
    until: PartialDate | None


class Overlaps(Sequence[Pair]):
    """The pairs, those that share most first; each is written out only when it is looked at."""

    def __init__(self, portfolio: "_Portfolio", found: list[tuple[Any, ...]]) -> None:
        self._portfolio, self._found = portfolio, found

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        if isinstance(index, slice):
            return [self._portfolio.pair(*each[-2:]) for each in self._found[index]]
        return self._portfolio.pair(*self._found[index][-2:])


def overlaps(
    programmes: QuerySet[Programme],
    *,
    with_programmes: Collection[int] = (),
    shares: Collection[Shared] = (Shared.COUNTRIES, Shared.THEMES),
    min_countries: int | None = None,
    time: Collection[Certainty] = (Certainty.YES, Certainty.UNDETERMINED),
) -> Overlaps:
    """Pairs of the programmes that have everything in `shares` in common, at times that `time` allows.

    With `with_programmes` (keys) only pairs of one of these with one of `programmes`. A programme is no pair with
    those above and below it. Countries are shared where both work there as in a recipient country and their dates
    there do not exclude each other: at least `min_countries` of them, one without it. Themes are shared where both
    have the same one, or one has a theme below the other's. Organisations are shared in any role but that of funding.

    Sorted by the number of countries, then of themes, then of organisations, certain times before the others.
    Raises TooManyPairsError where more than MOST_PAIRS programmes would have to be compared.
    """
    needed = min_countries if min_countries is not None else int(Shared.COUNTRIES in shares)
    chosen = Q(pk__in=programmes.order_by().values("pk"))
    if with_programmes and needed:
        theirs = Participation.objects.receiving().filter(programme__in=with_programmes).values("country")
        chosen &= Q(pk__in=Participation.objects.receiving().filter(country__in=theirs).values("programme"))
    portfolio = _Portfolio(Programme.objects.filter(chosen | Q(pk__in=with_programmes)))
    found = []
    for one, other in portfolio.candidates(set(with_programmes), shares):
        countries = portfolio.countries_of(one, other).bit_count()
        if countries < needed:
            continue
        answer = portfolio.courses[one].meets(portfolio.courses[other])
        if answer in time:
            themes = portfolio.themes_of(one, other).bit_count()
            organisations = portfolio.organisations_of(one, other).bit_count()
            found.append((-countries, -themes, -organisations, answer is not Certainty.YES, one, other))
    return Overlaps(portfolio, sorted(found))


def sentence(pair: Pair) -> str:
    """What the two share, and since when."""
    kinds = [
        (
            pair.countries,
            ngettext("%(number)d country (%(names)s)", "%(number)d countries (%(names)s)", len(pair.countries)),
        ),
        (pair.themes, ngettext("%(number)d theme (%(names)s)", "%(number)d themes (%(names)s)", len(pair.themes))),
        (
            pair.organisations,
            ngettext(
                "%(number)d organisation (%(names)s)", "%(number)d organisations (%(names)s)", len(pair.organisations)
            ),
        ),
    ]
    parts = [
        text % {"number": len(items), "names": ", ".join(each.label for each in items)}
        for items, text in kinds
        if items
    ]
    return _now("%(first)s and %(second)s share %(what)s; %(when)s.") % {
        "first": pair.first.label,
        "second": pair.second.label,
        "what": get_text_list(parts, _now("and")),
        "when": _when(pair),
    }


def _when(pair: Pair) -> str:
    if pair.time is Certainty.UNDETERMINED:
        return _now("whether they run at the same time, their dates do not tell")
    dates = {"since": pair.since, "until": pair.until}
    if pair.since and pair.until:
        return _now("both run at the same time, between %(since)s and %(until)s") % dates
    if pair.since:
        return _now("both run at the same time, from %(since)s on") % dates
    if pair.until:
        return _now("both run at the same time, until %(until)s") % dates
    return _now("both run at the same time; since when is not known")


class _Portfolio:
    """The programmes by their place in the order of codes, and what each has, as bits.

    What is not needed to count the pairs is read once it is asked for.
    """

    def __init__(self, programmes: QuerySet[Programme]) -> None:
        rows = list(programmes.order_by("code").values_list("pk", "code", "acronym", "name"))
        self._programmes = programmes
        self.keys = [key for key, *_names in rows]
        self.items = [Item(code, acronym or name) for _key, code, acronym, name in rows]
        self.places = {key: place for place, key in enumerate(self.keys)}
        self.relatives = self._relatives()
        self.country_bits, self.countries = self._countries()
        self.theme_bits, self.themes, self.reach = self._themes()

    @cached_property
    def courses(self) -> list[Course]:
        """When each is active."""
        found = courses(self._programmes)
        return [found[key] for key in self.keys]

    @cached_property
    def _organisations(self) -> tuple["_Bits", list[int]]:
        parts = self._of_these(ParticipatingOrganisation.objects.exclude(role=OrganisationRole.FUNDING))
        pairs = list(parts.values_list("programme_id", "organisation_id"))
        every = {each.pk: each for each in Organisation.objects.order_by("code").only("code", "acronym", "name")}
        bits = _Bits([Item(each.code, str(each)) for each in every.values()])
        organisations = [0] * len(self.keys)
        for key, organisation in pairs:
            organisations[self.places[key]] |= bits.of[every[organisation].code]
        return bits, organisations

    def _of_these(self, parts: QuerySet[Any]) -> QuerySet[Any]:
        return parts.filter(programme__in=self._programmes.order_by().values("pk")).order_by()

    def _relatives(self) -> dict[int, list[int]]:
        """By programme: those above and below it."""
        parents: dict[int, int | None] = dict(Programme.objects.order_by().values_list("pk", "parent_id"))
        relatives: dict[int, list[int]] = defaultdict(list)
        for place, key in enumerate(self.keys):
            above: int | None = parents[key]
            while above is not None:
                if (other := self.places.get(above)) is not None:
                    relatives[place].append(other)
                    relatives[other].append(place)
                above = parents[above]
        return relatives

    def _countries(self) -> tuple["_Bits", list[int]]:
        bits = _Bits([Item(each.code, each.name) for each in Country.objects.order_by("code")])
        countries = [0] * len(self.keys)
        # Where and when a programme works in a country for only a part of its time.
        self.spells: dict[tuple[int, int], list[Span]] = defaultdict(list)
        dated = [0] * len(self.keys)
        parts = self._of_these(Participation.objects.receiving()).values_list(
            "programme_id", "country_id", "start", "end"
        )
        for key, code, start, end in parts:
            place, bit = self.places[key], bits.of[code]
            countries[place] |= bit
            self.spells[place, bit].append(part(start, end))
            if start or end:
                dated[place] |= bit
        self.dated = dated
        return bits, countries

    def _themes(self) -> tuple["_Bits", list[int], list[int]]:
        every = {theme.pk: theme for theme in Theme.objects.order_by("code")}
        bits = _Bits([Item(each.code, each.name) for each in every.values()])
        themes, reach = [0] * len(self.keys), [0] * len(self.keys)
        for key, theme in self._of_these(ProgrammeTheme.objects.all()).values_list("programme_id", "theme_id"):
            place = self.places[key]
            themes[place] |= bits.of[every[theme].code]
            at: int | None = theme
            while at is not None:
                reach[place] |= bits.of[every[at].code]
                at = every[at].parent_id
        return bits, themes, reach

    def candidates(self, wanted: set[int], shares: Collection[Shared]) -> Iterator[tuple[int, int]]:
        """The places of programmes that have something of each kind in common; the smaller place first."""
        everyone = (1 << len(self.keys)) - 1
        indexes = [self._index(kind) for kind in shares]
        done = number = 0
        found: list[tuple[int, int]] = []
        for place in [self.places[key] for key in wanted] if wanted else range(len(self.keys)):
            done |= 1 << place
            partners = everyone & ~done
            for ways in indexes:
                partners &= _union(ways, place)
            for relative in self.relatives.get(place, ()):
                partners &= ~(1 << relative)
            if partners:
                found.append((place, partners))
                number += partners.bit_count()
            if number > MOST_PAIRS:
                raise TooManyPairsError(MOST_PAIRS)
        for place, partners in found:
            for other in _places(partners):
                yield (place, other) if place < other else (other, place)

    def _index(self, kind: Shared) -> list[tuple[list[int], dict[int, int]]]:
        """What each programme has of the kind, and who has what is to be matched with it."""
        match kind:
            case Shared.COUNTRIES:
                return [(self.countries, _holders(self.countries))]
            case Shared.THEMES:
                return [(self.themes, _holders(self.reach)), (self.reach, _holders(self.themes))]
            case _:
                _bits, organisations = self._organisations
                return [(organisations, _holders(organisations))]

    def countries_of(self, one: int, other: int) -> int:
        """The countries in which both work at times that may be the same."""
        shared = self.countries[one] & self.countries[other]
        for number in _places(shared & (self.dated[one] | self.dated[other])):
            bit = 1 << number
            spells = product(self.spells[one, bit], self.spells[other, bit])
            if all(mine.meets(yours) is Certainty.NO for mine, yours in spells):
                shared ^= bit
        return shared

    def themes_of(self, one: int, other: int) -> int:
        """The themes that one has and of which the other has the same or one below."""
        return self.themes[one] & self.reach[other] | self.themes[other] & self.reach[one]

    def organisations_of(self, one: int, other: int) -> int:
        """The organisations that have a part in both."""
        _bits, organisations = self._organisations
        return organisations[one] & organisations[other]

    def pair(self, one: int, other: int) -> Pair:
        """The two, with what they share written out."""
        time, mine, yours = self.courses[one].meeting(self.courses[other])
        starts, ends = (filter(None, dates) for dates in ((mine.start, yours.start), (mine.end, yours.end)))
        return Pair(
            self.items[one],
            self.items[other],
            self.country_bits.items(self.countries_of(one, other)),
            self.theme_bits.items(self.themes_of(one, other)),
            self._organisations[0].items(self.organisations_of(one, other)),
            time,
            max(starts, key=lambda date: date.earliest, default=None),
            min(ends, key=lambda date: date.latest, default=None),
        )


class _Bits:
    """A bit for each of some things, in their order."""

    def __init__(self, every: list[Item]) -> None:
        self._every = every
        self.of = {item.code: 1 << number for number, item in enumerate(every)}

    def items(self, bits: int) -> list[Item]:
        return [self._every[number] for number in _places(bits)]


def _holders(masks: list[int]) -> dict[int, int]:
    """By number of a bit, the places that have it, as bits of their own."""
    holders: dict[int, int] = defaultdict(int)
    for place, mask in enumerate(masks):
        for number in _places(mask):
            holders[number] |= 1 << place
    return holders


def _union(ways: list[tuple[list[int], dict[int, int]]], place: int) -> int:
    """All that have something of what the programme at `place` has, by one of the ways."""
    found = 0
    for masks, holders in ways:
        for number in _places(masks[place]):
            found |= holders.get(number, 0)
    return found


def _places(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, from the lowest."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)
