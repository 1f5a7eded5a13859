"""A body for each resource that takes one, shown in the OpenAPI document; a test sends them to the first portfolio."""

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "aliases": {"programme": "EL-PACCTO", "name": "Europe Latin America Programme against crime", "language": "en"},
    "budget-countries": {"budget": "COPOLAD-NEW-B1", "country": "PA", "percentage": "40"},
    "budgets": {
        "code": "COPOLAD-NEW-B1",
        "programme": "COPOLAD-NEW",
        "title": "EU contribution",
        "amount": "15000000.00",
        "currency": "EUR",
        "exactness": "about",
        "instrument": "DCI",
        "instrument_basis": "stated",
        "period_start": "2027",
        "period_end": "2030-06",
    },
    "citations": {
        "source": "FINANCING-DECISION-2027",
        "place": "page 4, table 1",
        "quote": "a contribution of about EUR 15 million",
        "budget": "COPOLAD-NEW-B1",
        "as_of": "2027-03-01",
    },
    "countries": {"code": "XK", "alpha3": "XKX", "numeric": "983", "name_en": "Kosovo", "name_es": "Kosovo"},
    "country-list-statements": {
        "programme": "COPOLAD-NEW",
        "countries_stated": 18,
        "exactness": "at_least",
        "unnamed": 3,
        "exclusive": False,
        "text": "at least 18 countries, among them Panama",
    },
    "exchange-rates": {
        "currency": "PEN",
        "day": "2027-03-01",
        "per_euro": "4.0512",
        "source": "Central Reserve Bank of Peru, daily series",
    },
    "groupings": {"code": "PACIFIC-ALLIANCE", "kind": "organisation", "name_en": "Pacific Alliance"},
    "indicators": {"result": "COPOLAD-NEW-R1", "title": "Persons trained", "unit": "persons", "additive": True},
    "instruments": {"code": "NDICI", "acronym": "NDICI", "name_en": "Global Europe instrument"},
    "memberships": {"grouping": "PACIFIC-ALLIANCE", "country": "PE", "start": "2011-04-28"},
    "objectives": {"programme": "COPOLAD-NEW", "order": 1, "text": "Stronger national drug observatories"},
    "observations": {
        "indicator": "COPOLAD-NEW-I1",
        "kind": "target",
        "value": "1200",
        "exactness": "at_least",
        "as_of": "2030",
    },
    "organisations": {"code": "FIIAPP-PANAMA", "acronym": "FIIAPP-P", "name": "Office in Panama", "country": "PA"},
    "participating-organisations": {"programme": "COPOLAD-NEW", "organisation": "FIIAPP-PANAMA", "role": "4"},
    "participations": {
        "programme": "COPOLAD-NEW",
        "country": "PA",
        "status": "participating",
        "start": "2027-02",
        "percentage": "40",
    },
    "phases": {"programme": "COPOLAD-NEW", "label": "I", "order": 1, "planned_start": "2027", "planned_end": "2028-12"},
    "programme-themes": {"programme": "COPOLAD-NEW", "theme": "DRUGS"},
    "programmes": {
        "code": "COPOLAD-NEW",
        "acronym": "COPOLAD",
        "name": "Cooperation programme on drugs policies, a new one",
        "kind": "programme",
        "coverage": "regional",
        "status": "1",
        "announced": "2026-11",
        "planned_start": "2027",
        "planned_end": "2030-06",
    },
    "purpose-codes": {"code": "99899", "category": "998", "name_en": "Not specified, a made-up code"},
    "results": {"programme": "COPOLAD-NEW", "type": "1", "title": "Observatories that publish each year"},
    "sources": {
        "code": "FINANCING-DECISION-2027",
        "title": "Financing decision 2027",
        "published": "2027-03-01",
        "language": "en",
    },
    "successions": {"predecessor": "COPOLAD", "successor": "COPOLAD-NEW"},
    "themes": {"code": "DRUG-OBSERVATORIES", "name_en": "Drug observatories", "parent": "DRUGS"},
    "tokens": {"name": "nightly copy", "scopes": "read"},
    "transactions": {
        "programme": "COPOLAD-NEW",
        "budget": "COPOLAD-NEW-B1",
        "type": "3",
        "date": "2027-05-12",
        "amount": "1250000.00",
        "currency": "EUR",
    },
}

PROBLEM = {
    "type": "urn:programme-tracker:problem:invalid",
    "title": "The request holds something that is not valid",
    "status": 400,
    "detail": "A budget is not negative.",
    "instance": "/api/v1/budgets/",
    "code": "invalid",
    "errors": [{"field": "amount", "code": "negative", "detail": "A budget is not negative."}],
}


def show_examples(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook for the OpenAPI document. Raises KeyError for a resource that has no example."""
    for address, operations in result["paths"].items():
        parts = address.strip("/").split("/")
        if len(parts) == 3 and "requestBody" in operations.get("post", {}):
            body = operations["post"]["requestBody"]["content"]["application/json"]
            body["example"] = EXAMPLES[parts[2]]
    result["components"]["schemas"]["Problem"]["examples"] = [PROBLEM]
    return result
