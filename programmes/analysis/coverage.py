"""Country by theme by year: what works there, what money is divisible there, what is empty and what soon will be."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from countries.models import Country
from programmes.analysis.containment import LeftOut, Line, is_narrow, with_all_linked
from programmes.analysis.dimensions import Key, Spread, Value
from programmes.analysis.division import Portion, divided, sums_of
from programmes.analysis.money import Sum
from programmes.analysis.spans import Certainty, Span, life, surest, whole_year
from programmes.analysis.summed import summed
from programmes.analysis.work import Worker, at_work
from programmes.models import (
    Budget,
    BudgetCountry,
    Participation,
    Programme,
    ProgrammeTheme,
    Theme,
)
from tracker.partial_dates.bounds import earliest_not_after, latest_not_before
from tracker.records.expressions import keys_given
from tracker.records.views import CHANGE_WITHOUT_VERSION

MOST_CELLS = 100_000

Place = tuple[str, str]  # the codes of a country and of a theme


class State(TextChoices):
    """How a country and a theme stand: on the day, and in twelve months."""

    COVERED = "covered", _("covered")
    PERHAPS = "perhaps", _("perhaps covered")
    ENDING = "ending", _("empty within 12 months")
    EMPTY = "empty", _("empty")


class TooManyCellsError(Exception):
    """More cells than one answer should hold."""


class Money(NamedTuple):
    """The lines of a cell in one year, each euro once.

    `portions` are divisible there; `undivided` touch the cell, or may, but no source says how much of them is for it;
    `not_stated` have no amount at all.
    """

    portions: list[Portion]
    undivided: list[Portion]
    not_stated: list[Line]

    @property
    def lines_undivided(self) -> int:
        """How many lines are undivided, in however many portions."""
        return len({portion.line.id for portion in self.undivided})

    def sums(self) -> list[Sum]:
        """What is divisible there, by currency."""
        return sums_of(self.portions)


class Year(NamedTuple):
    """A cell in one year: the programmes that certainly and that perhaps were active, and the money."""

    year: int
    certain: list[Worker]
    perhaps: list[Worker]
    money: Money


class Cell(NamedTuple):
    """A country and a theme. The theme holds those below it, so cells of nested themes hold the same things."""

    country: str
    country_name: str
    theme: str
    theme_name: str
    now: Certainty
    then: Certainty
    at_work: list[Worker]
    years: list[Year]

    @property
    def state(self) -> State:
        """Empty, soon empty, or covered with more or less certainty."""
        return _state(self.now, self.then)


class Unplaced(NamedTuple):
    """A programme that stands in no cell, because no country or no theme of it is stated."""

    code: str
    name: str
    without_country: bool
    without_theme: bool


class Coverage:
    """Every country with every theme, and what the programmes do there; cells are written out when they are asked for.

    The `places` of the cells are those of `countries` (alpha-2; else wherever the programmes work) with `themes` (keys,
    with those below; else all there are). A programme works in a country as in a recipient country, as long as its
    participation says, or where that is undated as long as it is active itself; and on a theme if it has that one or
    one below. What ends within twelve months counts as gone then, unless a phase or a programme is recorded that
    follows.

    Money: the lines of the programmes, each once, as `divided` divides them between countries and themes. In a year
    stands what lies wholly in it; a longer line is only counted there, unless `spread` divides it.

    Raises TooManyCellsError for more than MOST_CELLS cells and years.
    """

    def __init__(
        self,
        programmes: QuerySet[Programme],
        *,
        on: datetime.date,
        years: Collection[int],
        countries: Collection[str] | None = None,
        themes: Collection[int] | None = None,
        spread: Spread = "none",
    ) -> None:
        self.on, self.years, self.spread = on, sorted(years), spread
        # Looked up once: a statement that had their conditions in many places would be planned badly.
        keys = programmes.order_by().values_list("pk", flat=True)
        self._chosen = keys_given(keys) if is_narrow(programmes) else None
        self._tree = Themes()
        if countries is None:
            countries = self._participations().values_list("country", flat=True).distinct()
        shown = Country.objects.filter(pk__in=list(countries)).defer(*CHANGE_WITHOUT_VERSION)
        self._countries = {each.code: each.name for each in shown}
        self._themes = self._tree.names if themes is None else self._tree.below(themes)
        if len(self._countries) * len(self._themes) * (len(years) + 1) > MOST_CELLS:
            raise TooManyCellsError(MOST_CELLS)
        self.places = [(country, theme) for country in sorted(self._countries) for theme in sorted(self._themes)]

    def in_states(self, states: Collection[str]) -> list[Place]:
        """The places of the cells that are in one of the states."""
        workers = self._workers(self._countries)
        return [place for place in self.places if _state(*_activity(workers.get(place, ()))) in states]

    def cells(self, places: Collection[Place]) -> "Cells":
        """The cells at these places, in their order. Only what touches their countries is read."""
        countries = {country for country, _theme in places}
        workers, (money, left_out) = self._workers(countries), self._money(countries)
        return Cells([self._cell(place, workers.get(place, []), money) for place in places], left_out)

    def unplaced(self) -> list[Unplaced]:
        """The programmes that stand in no cell, by code."""
        rows = self._unplaced().order_by("code").values_list("code", "acronym", "name", "has_country", "has_theme")
        return [
            Unplaced(code, acronym or name, not has_country, not has_theme)
            for code, acronym, name, has_country, has_theme in rows
        ]

    def number_unplaced(self) -> int:
        """How many programmes stand in no cell."""
        return self._unplaced().count()

    def lines_left_out(self) -> int:
        """How many amounts are not counted, since others hold that money."""
        lines = self._of_chosen(Budget.objects.all())
        counted = sum(each.lines for each in summed(lines, []).total)
        return lines.filter(amount__isnull=False).count() - counted

    def _of_chosen(self, rows: QuerySet[Any], path: str = "programme") -> QuerySet[Any]:
        """Those of the programmes, to which the path leads."""
        return (rows if self._chosen is None else rows.filter(**{f"{path}__in": self._chosen})).order_by()

    def _unplaced(self) -> QuerySet[Any]:
        """The programmes of which no country or no theme is stated."""
        of_it = {"programme": OuterRef("pk")}
        has_country, has_theme = (
            Exists(Participation.objects.receiving().filter(**of_it)),
            Exists(ProgrammeTheme.objects.filter(**of_it)),
        )
        programmes: QuerySet[Any] = Programme.objects.filter(~has_country | ~has_theme)
        return self._of_chosen(programmes.annotate(has_country=has_country, has_theme=has_theme), "pk")

    def _participations(self) -> QuerySet[Any]:
        return self._of_chosen(Participation.objects.receiving())

    def _workers(self, countries: Collection[str]) -> dict[Place, list[Worker]]:
        """The programmes in the countries, by country and theme and by code."""
        workers = at_work(self._participations().filter(country__in=list(countries)), self.on, self.years)
        themes_of = self._tree.of_programmes({key for key, _country in workers})
        found: dict[Place, list[Worker]] = defaultdict(list)
        for (key, country), worker in sorted(workers.items(), key=lambda item: item[1].code):
            for theme in self._tree.reach(themes_of.get(key, ())):
                found[country, theme].append(worker)
        return found

    def _money(self, countries: Collection[str]) -> tuple[dict[tuple[str, str, int], Money], list[LeftOut]]:
        """What the counted lines put into, or leave undivided between, the cells of the countries; and the lines with
        an amount that are left out, of those that touch the countries in the years and those linked to them."""
        lines = self._of_chosen(Budget.objects.all())
        first, last = whole_year(self.years[0]), whole_year(self.years[-1])
        in_time = Q(period_start=None) | earliest_not_after("period_start", last.latest_end)
        in_time &= Q(period_end=None) | latest_not_before("period_end", first.earliest_start)
        perhaps = lines.filter(in_time | Q(part_of__isnull=False)).order_by()  # a part may have the period of its whole
        working = Participation.objects.receiving().filter(country__in=list(countries)).values("programme")
        named = BudgetCountry.objects.filter(country__in=list(countries)).order_by().values("budget")
        touching = perhaps.filter(programme__in=working).values("pk").union(perhaps.filter(pk__in=named).values("pk"))
        result = divided(with_all_linked(lines, touching), ["country", "theme", "year"], spread=self.spread)
        found: dict[tuple[str, str, int], Money] = defaultdict(lambda: Money([], [], []))
        for portion in result.portions:
            for place, whole in touched(portion.key, self._tree, self.years):
                (found[place].portions if whole else found[place].undivided).append(portion)
        for line in result.not_stated:
            for place, _whole in touched(result.own_key(line), self._tree, self.years):
                found[place].not_stated.append(line)
        return found, [each for each in result.left_out if each.line.amount is not None]

    def _cell(self, place: Place, workers: list[Worker], money: Mapping[tuple[str, str, int], Money]) -> Cell:
        country, theme = place
        return Cell(
            country,
            self._countries[country],
            theme,
            self._themes[theme],
            *_activity(workers),
            [each for each in workers if each.now is not Certainty.NO],
            [
                Year(
                    year,
                    [each for each in workers if each.years[number] is Certainty.YES],
                    [each for each in workers if each.years[number] is Certainty.UNDETERMINED],
                    money.get((country, theme, year)) or Money([], [], []),
                )
                for number, year in enumerate(self.years)
            ],
        )


class Cells(NamedTuple):
    """Some cells; and the lines whose amounts are left out, of those that touch their countries and those linked to
    them."""

    cells: list[Cell]
    left_out: list[LeftOut]


def sentence(cell: Cell, on: datetime.date) -> str:
    """How the cell stands on the day, and why."""
    words: dict[str, Any] = {"theme": cell.theme_name, "country": cell.country_name, "day": on.isoformat()}
    certain = [each for each in cell.at_work if each.now is Certainty.YES]
    names = ", ".join(each.name for each in cell.at_work)
    match cell.state:
        case State.EMPTY:
            text = _now("No programme on %(theme)s is active in %(country)s on %(day)s.") % words
            if cell.then is not Certainty.NO:
                text += " " + _now("Within 12 months one is, or may be.")
            return text
        case State.ENDING:
            ends = [each.end for each in cell.at_work if each.end]
            words |= {"names": names, "end": max(ends, key=lambda end: end.latest) if ends else "?"}
            return (
                _now(
                    "What is active on %(theme)s in %(country)s on %(day)s (%(names)s) ends by %(end)s, and nothing is"
                    " recorded that follows it."
                )
                % words
            )
        case State.PERHAPS:
            words |= {"number": len(cell.at_work), "names": names}
            return (
                ngettext(
                    "Whether the only programme on %(theme)s in %(country)s (%(names)s) is active on %(day)s, its"
                    " dates do not tell.",
                    "Whether any of %(number)d programmes on %(theme)s in %(country)s (%(names)s) is active on"
                    " %(day)s, their dates do not tell.",
                    len(cell.at_work),
                )
                % words
            )
        case _:
            words |= {"number": len(certain), "names": ", ".join(each.name for each in certain)}
            return (
                ngettext(
                    "%(number)d programme on %(theme)s (%(names)s) is active in %(country)s on %(day)s.",
                    "%(number)d programmes on %(theme)s (%(names)s) are active in %(country)s on %(day)s.",
                    len(certain),
                )
                % words
            )


def sentence_unplaced(programme: Unplaced) -> str:
    """Why the programme stands in no cell."""
    if programme.without_country and programme.without_theme:
        return _now("In no cell: neither a recipient country nor a theme is stated.")
    if programme.without_country:
        return _now("In no cell: no recipient country that takes part is stated.")
    return _now("In no cell: no theme is stated.")


def sentence_undivided(portion: Portion) -> str:
    """Why no amount of the line stands in the cells that it touches."""
    country, theme, year = portion.key
    between = []
    if len(country.codes) > 1:
        between.append(_now("the countries %(codes)s") % {"codes": ", ".join(country.codes)})
    if len(theme.codes) > 1:
        between.append(_now("the themes %(codes)s") % {"codes": ", ".join(theme.codes)})
    period = "/".join(year.codes)
    if "/" in period:
        between.append(_now("the years of its period %(period)s") % {"period": period})
    return _now("Not divided between %(what)s.") % {"what": get_text_list(between, _now("and"))}


def _activity(workers: Collection[Worker]) -> tuple[Certainty, Certainty]:
    """Whether one of them is active on the day, and whether in twelve months."""
    return surest(each.now for each in workers), surest(each.then for each in workers)


def _state(now: Certainty, then: Certainty) -> State:
    if now is Certainty.NO:
        return State.EMPTY
    if then is Certainty.NO:
        return State.ENDING
    return State.COVERED if now is Certainty.YES else State.PERHAPS


class Themes:
    """The tree of themes by code."""

    def __init__(self) -> None:
        every = {theme.pk: theme for theme in Theme.objects.order_by("code").defer(*CHANGE_WITHOUT_VERSION)}
        self.names = {theme.code: theme.name for theme in every.values()}
        self._codes = {key: theme.code for key, theme in every.items()}
        self._above: dict[str, frozenset[str]] = {}
        for theme in every.values():
            at, above = theme, {theme.code}
            while at.parent_id is not None:
                at = every[at.parent_id]
                above.add(at.code)
            self._above[theme.code] = frozenset(above)

    def of_programmes(self, keys: Collection[int]) -> dict[int, set[str]]:
        """By key of a programme the themes that are stated of it."""
        found: dict[int, set[str]] = defaultdict(set)
        rows = ProgrammeTheme.objects.filter(programme__in=keys_given(keys)).order_by()
        for key, theme in rows.values_list("programme_id", "theme_id"):
            found[key].add(self._codes[theme])
        return found

    def reach(self, codes: Iterable[str]) -> frozenset[str]:
        """The themes and all above them."""
        return frozenset().union(*(self._above[code] for code in codes))

    def common(self, codes: Iterable[str]) -> frozenset[str]:
        """The themes that hold every one of these."""
        above = [self._above[code] for code in codes]
        return above[0].intersection(*above[1:]) if above else frozenset()

    def below(self, keys: Collection[int]) -> dict[str, str]:
        """The names of the themes with these keys, and of those below them."""
        wanted = {self._codes[key] for key in keys}
        return {code: name for code, name in self.names.items() if self._above[code] & wanted}


def touched(key: Key, tree: Themes, years: list[int]) -> Iterator[tuple[tuple[str, str, int], bool]]:
    """The cells that money under this key is or may be for, and whether all of it is."""
    country, theme, period = key
    span = _period(period)
    if span is None:
        return
    common, reach = tree.common(theme.codes), tree.reach(theme.codes)
    for number in years:
        whole = whole_year(number)
        if span.meets(whole) is Certainty.NO:
            continue
        inside = span.earliest_start >= whole.earliest_start and span.latest_end <= whole.latest_end
        for country_code in country.codes:
            for code in reach:
                yield (country_code, code, number), country.definite and code in common and inside


def _period(period: Value) -> Span | None:
    """The span of a value of the dimension `year`; null where nothing of it is known."""
    if not period.codes:
        return None
    start, slash, end = period.codes[0].partition("/")
    return life(start or None, (end if slash else period.codes[-1]) or None)
