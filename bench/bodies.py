"""Programmes with their parts, as they are sent to be stored."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

import psycopg

BEGINNING = "BENCH-"  # of the codes of all programmes that are made to measure
OF_A_LIST = 250  # programmes; a list of the API has at most 5,000 records with the parts within them
KINDS = ("theme", "instrument", "organisation")

Body = dict[str, Any]


class Bodies:
    """Programmes to be sent, each with a code of its own and 17 parts."""

    def __init__(self, url: str) -> None:
        self.numbers = count(1)
        with psycopg.connect(url) as connection:
            self.codes = {kind: _first(connection, kind) for kind in KINDS}

    def one(self, number: int) -> bytes:
        """One programme as JSON."""
        return json.dumps(programme(number, **self.codes)).encode()

    def several(self, number: int) -> bytes:
        """A list of programmes as JSON."""
        first = number * OF_A_LIST + 10**8
        return json.dumps([programme(first + each, **self.codes) for each in range(OF_A_LIST)]).encode()


def programme(number: int, theme: Sequence[str], instrument: Sequence[str], organisation: Sequence[str]) -> Body:
    """A made-up programme with parts of most kinds, 17 in all; the codes are of records that are there, two of each."""
    code = f"{BEGINNING}{number:09}"
    phases = [f"{code}-{label}" for label in ("I", "II")]
    return {
        "code": code,
        "name": f"Border management, stage {number}",
        "acronym": f"BM{number}",
        "kind": "project",
        "coverage": "regional",
        "status": "2",
        "planned_start": "2021-03",
        "actual_start": "2021-05-17",
        "planned_end": "2025",
        "description": "Integrated management of borders, with training, equipment and exchange between services.",
        "aliases": [{"name": f"Gestión de fronteras, etapa {number}", "language": "es"}],
        "objectives": [{"type": "general", "order": 1, "text": "To make borders safer and easier to cross."}],
        "programme_themes": [{"theme": theme[0], "percentage": "100"}],
        "phases": [
            {
                "code": each,
                "label": label,
                "name": f"Phase {label}",
                "order": order,
                "status": status,
                "planned_start": start,
                "planned_end": end,
            }
            for each, label, order, status, start, end in (
                (phases[0], "I", 1, "3", "2021-03", "2022"),
                (phases[1], "II", 2, "2", "2023", "2025"),
            )
        ],
        "participations": [
            {"country": country, "phase": phase, "status": "participating", "start": start}
            for country, phase, start in (
                ("PE", phases[0], "2021"),
                ("CO", phases[1], "2023-02"),
                ("EC", phases[1], "2023-02-01"),
            )
        ],
        "participating_organisations": [
            {"organisation": organisation[0], "role": "1"},
            {"organisation": organisation[1], "role": "4"},
        ],
        "budgets": [
            {
                "code": f"{code}-B{order}",
                "title": title,
                "amount": amount,
                "currency": "EUR",
                "type": "1",
                "status": "2",
                "period_start": start,
                "period_end": end,
                "phase": phase,
                "instrument": instrument[order - 1],
                "budget_countries": [{"country": country, "percentage": "100"}],
            }
            for order, title, amount, start, end, phase, country in (
                (1, "First commitment", "4500000.00", "2021-03", "2022", phases[0], "PE"),
                (2, "Second commitment", "6250000.50", "2023", "2025", phases[1], "CO"),
            )
        ],
        "results": [
            {
                "code": f"{code}-R1",
                "type": "1",
                "title": "Services that work together",
                "order": 1,
                "indicators": [
                    {
                        "code": f"{code}-I1",
                        "title": "Officers trained",
                        "unit": "persons",
                        "order": 1,
                        "observations": [{"kind": "actual", "value": "412.0000", "as_of": "2023-06"}],
                    }
                ],
            }
        ],
    }


def _first(connection: psycopg.Connection[Any], kind: str) -> list[str]:
    """The codes of the first two records of the kind."""
    rows = connection.execute(f"SELECT code FROM programmes_{kind} ORDER BY id LIMIT 2")
    return [code for (code,) in rows]
