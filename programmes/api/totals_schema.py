"""The answer of totals, as JSON Schema for the OpenAPI document."""

from typing import Any

from programmes.analysis.dimensions import NAMES
from programmes.codelists import Exactness

_AMOUNT = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["50000000.00"]}
_SUM = {
    "type": "object",
    "required": ["currency", "amount", "exactness", "lines"],
    "properties": {
        "currency": {"type": "string"},
        "amount": _AMOUNT,
        "exactness": {"type": "string", "enum": list(Exactness.values)},
        "lines": {"type": "integer", "description": "Budget lines that went into it."},
    },
}
_KEY = {
    "type": "object",
    "description": "By dimension: no code where not stated, several where not divisible between them.",
    "additionalProperties": {
        "type": "object",
        "required": ["codes", "labels"],
        "properties": {
            "codes": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_LINE = {
    "url": {"type": "string"},
    "code": {"type": "string"},
    "title": {"type": "string"},
    "programme": {"type": "string"},
}
_MONEY = {
    "amount": {"type": ["string", "null"]},
    "currency": {"type": "string"},
    "exactness": {"type": "string", "enum": list(Exactness.values)},
}
_CONVERTED = {
    "type": "object",
    "description": "With `in`: the sum in that currency; null where a line of it could not be converted.",
    "properties": {
        "amount": {"type": ["string", "null"]},
        "exactness": {"type": "string", "enum": list(Exactness.values)},
        "complete": {"type": "boolean"},
        "lines_missing": {"type": "integer"},
    },
}
_CONVERSION = {
    "type": "object",
    "properties": {
        "amount": {"type": ["string", "null"]},
        "rates": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "currency": {"type": "string"},
                    "per_euro": {"type": "string"},
                    "day": {"type": ["string", "null"], "format": "date"},
                    "source": {"type": "string"},
                },
            },
        },
        "reason": {"type": "string", "description": "Why there is no amount."},
    },
}
_EXPLANATION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "counted": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **_LINE,
                    **_MONEY,
                    "converted": _CONVERSION,
                    "portions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "line": {"type": "string"},
                                "key": _KEY,
                                "amount": _AMOUNT,
                                "exactness": {"type": "string"},
                                "remainder": {"type": "boolean", "description": "What its parts leave over."},
                            },
                        },
                    },
                },
            },
        },
        "left_out": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **_LINE,
                    **_MONEY,
                    "reason": {"type": "string", "enum": ["part_of", "same_as", "replaced"]},
                    "counted_in": {"type": "string"},
                    "sentence": {"type": "string"},
                },
            },
        },
        "not_stated": {
            "type": "array",
            "items": {"type": "object", "properties": {**_LINE, "amount_null_reason": {"type": "string"}}},
        },
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["group_by", "split", "spread", "total", "not_stated", "groups", "explanation_url"],
    "properties": {
        "group_by": {"type": "array", "items": {"type": "string", "enum": list(NAMES)}},
        "split": {"type": "string"},
        "spread": {"type": "string"},
        "total": {"type": "array", "items": _SUM},
        "in": {"type": "string"},
        "rate_on": {"type": ["string", "null"], "format": "date"},
        "converted": _CONVERTED,
        "not_stated": {"type": "integer", "description": "Budget lines without an amount."},
        "groups": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "amounts", "not_stated", "explanation_url"],
                "properties": {
                    "key": _KEY,
                    "amounts": {"type": "array", "items": _SUM},
                    "converted": _CONVERTED,
                    "not_stated": {"type": "integer"},
                    "explanation_url": {"type": "string", "format": "uri"},
                },
            },
        },
        "explanation_url": {"type": "string", "format": "uri"},
        "explanation": _EXPLANATION,
    },
}
