"""Reading a JSON body exactly: no float, no NaN, no key twice, nothing that no database can hold."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser

from tracker.api.errors import TooLarge
from tracker.api.suggestions import shown

MAX_DEPTH = 32
MAX_RECORDS = 5000  # with the parts within them: each is some milliseconds, while others who write wait
MAX_NUMBER_LENGTH = 400  # and the greatest power of ten; no stored number comes near


class JSONParser(BaseParser):
    """UTF-8 JSON up to API_MAX_BODY_BYTES. Numbers with a point come as Decimal, exactly as they were written."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        if media_type and "charset=" in media_type.lower() and "utf-8" not in media_type.lower():
            raise UnsupportedMediaType(media_type)
        body = stream.read(settings.API_MAX_BODY_BYTES + 1)
        if len(body) > settings.API_MAX_BODY_BYTES:
            raise TooLarge(_("A body has at most %d bytes.") % settings.API_MAX_BODY_BYTES)
        try:
            data = json.loads(
                body.decode(),
                parse_float=_exact,
                parse_int=_exact,
                parse_constant=float,
                object_pairs_hook=_without_repetition,
            )
        except UnicodeDecodeError:
            raise ParseError(_("The body is not UTF-8.")) from None
        except RecursionError:
            raise ParseError(_("The body is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %s.") % error) from None
        _check(data)
        return data


def _exact(text: str) -> int | Decimal | float:
    """The number as it is written; a float, which nothing else here is, where it is none that we could hold."""
    if len(text) > MAX_NUMBER_LENGTH:
        return math.inf
    if text.lstrip("-").isdecimal():
        return int(text)
    try:
        number = Decimal(text)
    except ArithmeticError:
        return math.inf
    return number if abs(number.adjusted()) < MAX_NUMBER_LENGTH else math.inf


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        ((twice, _times),) = Counter(name for name, _value in pairs).most_common(1)
        raise ParseError(_("The key “%s” stands there twice.") % shown(twice))
    return data


Place = tuple[Any, str | int, "Place | None"]  # a value, under which name or number it stands, and within what


def _check(data: Any) -> None:
    """Raise for a text with NUL or half of a surrogate pair, a number that is none, too many levels or records."""
    level: list[Place] = [(data, "", None)]
    records = 0
    for _depth in range(MAX_DEPTH):
        records += sum(isinstance(value, dict) for value, _name, _within in level)
        if records > MAX_RECORDS:
            raise TooLarge(_("A body has at most %d records, with the parts within them.") % MAX_RECORDS)
        below: list[Place] = []
        for place in level:
            match place[0]:
                case dict() as value:
                    for key, each in value.items():
                        if NO_TEXT.search(key):
                            raise _no_text(_path(place) or shown(key))
                        below.append((each, key, place))
                case list() as value:
                    below += [(each, position, place) for position, each in enumerate(value)]
                case str() as value if NO_TEXT.search(value):
                    raise _no_text(_path(place))
                case float():
                    fault = ErrorDetail(_("This is not a number."), code="invalid_number")
                    raise ValidationError({_path(place): fault})
        level = below
        if not level:
            return
    raise ParseError(_("The body is nested too deeply."))


def _path(place: Place) -> str:
    """Where it stands: "phases[0].label"."""
    _value, name, within = place
    if within is None:
        return ""
    return f"{_path(within)}[{name}]" if isinstance(name, int) else f"{_path(within)}.{name}".lstrip(".")


NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _no_text(path: str) -> ValidationError:
    return ValidationError(
        {path: ErrorDetail(_("There is a character in it that is not text."), code="invalid_character")}
    )
