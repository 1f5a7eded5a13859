"""The rows of a programme with its parts, written by hand: a statement for each table, in the order of their links."""

from collections.abc import Iterator
from typing import NamedTuple

from bench.bodies import BEGINNING, Body
from tracker.records.search import normalise

MADE = f"SELECT id FROM programmes_programme WHERE code LIKE '{BEGINNING}%'"


class Table(NamedTuple):
    """Where the rows of a part go.

    `path` leads to them from the programme, `given` are the columns that its body has, `others` those that it has not
    with what stands in them, `searched` what goes into the key for searching, and `made` tells the rows from the rest.
    """

    name: str
    path: tuple[str, ...]
    given: str
    others: dict[str, str]
    searched: str = ""
    made: str = f"programme_id IN ({MADE})"

    @property
    def insert(self) -> str:
        """The statement for one row, for psycopg."""
        columns = {name: f"%({name})s" for name in self.given.split()}
        columns |= {"search_key": "%(search_key)s"} if self.searched else {}
        columns |= self.others | {"created_at": "CURRENT_TIMESTAMP", "modified_at": "CURRENT_TIMESTAMP", "version": "1"}
        names = ", ".join(f'"{name}"' for name in columns)
        return f"INSERT INTO {self.name} ({names}) VALUES ({', '.join(columns.values())})"

    @property
    def history(self) -> str:
        """The table of its versions."""
        return self.name.replace("_", "_historical", 1)

    def rows(self, programme: Body) -> list[Body]:
        """The values of its rows, with the codes of their programme and of what they are a part of."""
        found = [programme | {"programme": programme["code"], "whole": None}]
        for step in self.path:
            found = [part | _places(whole) for whole in found for part in whole[step]]
        if self.searched:
            for each in found:
                texts = (normalise(each.get(name) or "") for name in self.searched.split())
                each["search_key"] = "\n".join(text for text in texts if text)
        return found


def _places(whole: Body) -> Body:
    return {"programme": whole["programme"], "whole": whole.get("code")}


def _blank(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "''")


def _key(table: str, name: str) -> str:
    return f"(SELECT id FROM programmes_{table} WHERE code = %({name})s)"


PROGRAMME = {"programme_id": _key("programme", "programme")}
PHASE = {"phase_id": _key("phase", "phase")}
COUNTRY = {"country_id": "%(country)s"}
TABLES = (
    Table(
        "programmes_programme",
        (),
        "code name acronym kind coverage status planned_start actual_start planned_end description",
        {"language": "'en'", "publication": "'draft'", **_blank("published_by", "withdrawn_by", "parent_basis")},
        "code acronym name",
        f"code LIKE '{BEGINNING}%'",
    ),
    Table(
        "programmes_alias",
        ("aliases",),
        "name language",
        PROGRAMME,
        "name",
    ),
    Table(
        "programmes_objective",
        ("objectives",),
        "type order text",
        PROGRAMME,
        "text",
    ),
    Table(
        "programmes_programmetheme",
        ("programme_themes",),
        "percentage",
        PROGRAMME | {"theme_id": _key("theme", "theme")},
    ),
    Table(
        "programmes_phase",
        ("phases",),
        "code label name order status planned_start planned_end",
        PROGRAMME | _blank("description"),
        "code label name",
    ),
    Table(
        "programmes_participation",
        ("participations",),
        "status start",
        PROGRAMME | PHASE | COUNTRY | {"role": "'recipient'"},
    ),
    Table(
        "programmes_participatingorganisation",
        ("participating_organisations",),
        "role",
        PROGRAMME | {"organisation_id": _key("organisation", "organisation"), **_blank("local_role")},
    ),
    Table(
        "programmes_budget",
        ("budgets",),
        "code title amount currency type status period_start period_end",
        PROGRAMME
        | PHASE
        | {"instrument_id": _key("instrument", "instrument"), "exactness": "'exact'"}
        | _blank("amount_null_reason", "instrument_basis", "part_of_basis", "same_as_basis", "note"),
        "code title",
    ),
    Table(
        "programmes_budgetcountry",
        ("budgets", "budget_countries"),
        "percentage",
        COUNTRY | {"budget_id": _key("budget", "whole")},
        made=f"budget_id IN (SELECT id FROM programmes_budget WHERE programme_id IN ({MADE}))",
    ),
    Table("programmes_result", ("results",), "code type title order", PROGRAMME, "code title"),
    Table(
        "programmes_indicator",
        ("results", "indicators"),
        "code title unit order",
        PROGRAMME
        | {"result_id": _key("result", "whole"), "measure": "'1'", "ascending": "true", "additive": "false"}
        | _blank("accumulation"),
        "code title unit",
    ),
    Table(
        "programmes_observation",
        ("results", "indicators", "observations"),
        "kind value as_of",
        {"indicator_id": _key("indicator", "whole"), "exactness": "'exact'", "disaggregation": "'{}'"}
        | _blank("value_null_reason", "comment"),
        made=f"indicator_id IN (SELECT id FROM programmes_indicator WHERE programme_id IN ({MADE}))",
    ),
)


def inserts(programme: Body) -> Iterator[tuple[str, list[Body]]]:
    """Each statement with the values of the rows for which it is to be carried out."""
    for table in TABLES:
        yield table.insert, table.rows(programme)
