"""A hook for the OpenAPI document: a parameter that several operations take is written once and referred to."""

import json
from collections import Counter
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


def share_parameters(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Move parameters that stand in more than one operation to the components, by name and number."""
    operations = [
        operation
        for path in result["paths"].values()
        for method, operation in path.items()
        if method in METHODS and operation.get("parameters")
    ]
    uses = Counter(_text(parameter) for operation in operations for parameter in operation["parameters"])
    shared: dict[str, str] = {}
    components: dict[str, Any] = result["components"].setdefault("parameters", {})
    for operation in operations:
        for place, parameter in enumerate(operation["parameters"]):
            text = _text(parameter)
            if uses[text] > 1:
                if text not in shared:
                    shared[text] = _name(parameter["name"], components)
                    components[shared[text]] = parameter
                operation["parameters"][place] = {"$ref": f"#/components/parameters/{shared[text]}"}
    return result


def _text(parameter: dict[str, Any]) -> str:
    return json.dumps(parameter, sort_keys=True, default=str)


def _name(name: str, taken: dict[str, Any]) -> str:
    """The parameter's name, numbered where parameters of one name differ."""
    number = 1
    while (found := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return found
