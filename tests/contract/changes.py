"""What of one OpenAPI document a client of an earlier one would miss: `python -m tests.contract.changes OLD NEW`.

Breaking is what docs/api.md calls so: an address, an operation, a parameter, an answer or a field of an answer is gone
or of another kind; something new is required; a value is no longer accepted.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch")
Document = dict[str, Any]


def breaking(old: Document, new: Document) -> list[str]:
    """One sentence for each change that can break a client."""
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str]] = set()

    def changes(self) -> Iterator[str]:
        for address, operations in self.old["paths"].items():
            if address not in self.new["paths"]:
                yield f"{address} is gone"
                continue
            for method in METHODS:
                if method in operations:
                    yield from self._operation(f"{method.upper()} {address}", operations, address, method)

    def _operation(self, where: str, operations: Document, address: str, method: str) -> Iterator[str]:
        before, after = operations[method], self.new["paths"][address].get(method)
        if after is None:
            yield f"{where} is gone"
            return
        yield from self._parameters(where, before, after)
        yield from self._body(where, before, after)
        for status, answer in before.get("responses", {}).items():
            if status not in after.get("responses", {}):
                if status.startswith("2"):
                    yield f"{where}: the answer {status} is gone"
                continue
            for kind, content in self._content(self.old, answer).items():
                found = self._content(self.new, after["responses"][status]).get(kind)
                if found is None:
                    yield f"{where}: {status} is no longer given as {kind}"
                else:
                    yield from self._answer(f"{where} {status}", content.get("schema", {}), found.get("schema", {}))

    def _parameters(self, where: str, before: Document, after: Document) -> Iterator[str]:
        old, new = (
            {
                (each["in"], each["name"]): each
                for each in (self._of(document, one) for one in side.get("parameters", []))
            }
            for document, side in ((self.old, before), (self.new, after))
        )
        for key, parameter in old.items():
            if key not in new:
                yield f"{where}: the parameter {key[1]} is gone"
            else:
                yield from self._accepted(f"{where}: {key[1]}", parameter.get("schema", {}), new[key].get("schema", {}))
        for key, parameter in new.items():
            if parameter.get("required") and not old.get(key, {}).get("required"):
                yield f"{where}: the parameter {key[1]} is required now"

    def _body(self, where: str, before: Document, after: Document) -> Iterator[str]:
        if "requestBody" not in before:
            if after.get("requestBody", {}).get("required"):
                yield f"{where}: a body is required now"
            return
        for kind, content in before["requestBody"].get("content", {}).items():
            found = after.get("requestBody", {}).get("content", {}).get(kind)
            if found is None:
                yield f"{where}: a body as {kind} is no longer taken"
            else:
                yield from self._accepted(f"{where}, body", content.get("schema", {}), found.get("schema", {}))

    def _answer(self, where: str, before: Any, after: Any) -> Iterator[str]:
        """An answer may say more than before, not less nor something else."""
        before, after, known = self._pair(before, after, "answer")
        if known:
            return
        if _kinds(before) and (more := _kinds(after) - _kinds(before)):
            yield f"{where}: it may be {', '.join(sorted(more))} now"
        for name, schema in before.get("properties", {}).items():
            if name not in after.get("properties", {}):
                yield f"{where}: the field {name} is gone"
            else:
                yield from self._answer(f"{where}: {name}", schema, after["properties"][name])
        for name in set(before.get("required", ())) - set(after.get("required", ())):
            if name in after.get("properties", {}):
                yield f"{where}: the field {name} is not always there now"
        if "items" in before and "items" in after:
            yield from self._answer(f"{where}, each", before["items"], after["items"])

    def _accepted(self, where: str, before: Any, after: Any) -> Iterator[str]:
        """What was accepted still is."""
        before, after, known = self._pair(before, after, "accepted")
        if known:
            return
        if _kinds(after) and (lost := _kinds(before) - _kinds(after)):
            yield f"{where}: it may not be {', '.join(sorted(lost))} now"
        if "enum" in after and (lost_values := [each for each in before.get("enum", ()) if each not in after["enum"]]):
            yield f"{where}: {', '.join(map(str, lost_values))} is no longer accepted"
        for name, schema in before.get("properties", {}).items():
            if name not in after.get("properties", {}):
                yield f"{where}: the field {name} is gone"
            else:
                yield from self._accepted(f"{where}: {name}", schema, after["properties"][name])
        for name in sorted(set(after.get("required", ())) - set(before.get("required", ()))):
            yield f"{where}: the field {name} is required now"
        if "items" in before and "items" in after:
            yield from self._accepted(f"{where}, each", before["items"], after["items"])

    def _pair(self, before: Any, after: Any, side: str) -> tuple[Any, Any, bool]:
        """The two schemas, and whether they have been compared already."""
        names = f"{before.get('$ref')} {after.get('$ref')} {side}" if "$ref" in before else ""
        known = bool(names) and (names, side) in self.seen
        self.seen.add((names, side))
        return self._of(self.old, before), self._of(self.new, after), known

    def _content(self, document: Document, answer: Any) -> Document:
        found: Document = self._of(document, answer).get("content", {})
        return found

    def _of(self, document: Document, schema: Any) -> Any:
        """What a reference refers to."""
        while "$ref" in schema:
            found: Any = document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema


def _kinds(schema: Any) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def main() -> int:
    """Print what would break."""
    old, new = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    found = breaking(old, new)
    print("\n".join(found) or "Nothing that breaks a client.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
