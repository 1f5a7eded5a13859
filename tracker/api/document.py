"""A hook for the OpenAPI document: every tag is described, and nothing is described that is not used."""

import json
import re
from typing import Any

TAGS = {
    "countries": "Countries, groupings of countries, and who was a member when.",
    "coverage": "Country by theme by year: what works there, and what is empty.",
    "disagreements": "Figures for which sources give different values.",
    "figures": "Every figure with its sources.",
    "finance": "Budget lines, transactions, and the countries of a line.",
    "gaps": "What is missing or doubtful.",
    "lineage": "What follows what, and the time between.",
    "organisations": "Organisations, their roles, and financing instruments.",
    "overlap": "Programmes that share countries, themes and time.",
    "participation": "Which countries take part, and what is said of the list.",
    "phases": "The phases of programmes.",
    "programmes": "Programmes, their names, objectives and successions.",
    "progress": "From baseline to target.",
    "progress_roll_ups": "Progress of umbrella programmes, where indicators may be added.",
    "rates": "Exchange rates.",
    "reports": "Reports as CSV, XLSX and JSON.",
    "results": "Results, indicators and observations.",
    "sources": "Documents, and what they say of which record.",
    "themes": "Themes and the themes of programmes.",
    "tokens": "The tokens by which programs sign in.",
    "totals": "Totals in which each euro counts once.",
}


def complete(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Describe the tags that operations have, and leave out schemas that nothing refers to.

    Raises KeyError for a tag without a description.
    """
    operations = [each for path in result["paths"].values() for each in path.values() if isinstance(each, dict)]
    used = sorted({tag for each in operations for tag in each.get("tags", ())})
    result["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in used]
    schemas = result["components"].get("schemas", {})
    while unused := schemas.keys() - set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(result, default=str))):
        for name in unused:
            del schemas[name]
    return result
