"""Answers to what is read: made once, kept while nothing is written, and named by what they say."""

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.etags import etag
from tracker.api.past import Asked
from tracker.records.fresh import fresh


class Answer(NamedTuple):
    """What is answered, and with what its ETag begins; a record's says which version it is."""

    data: Any
    tag: str = ""


def answered(request: Request, asked: Asked, make: Callable[[], Answer]) -> Response:
    """The response with the answer that `make` gives, or gave when everything was as it is now.

    Call it within `reading`. Beside what is read, an answer depends on its address and the language alone.
    """

    def told() -> tuple[bytes, str]:
        data, tag = make()
        json = orjson.dumps(asked.named(data), default=str)
        return json, etag(tag, json)

    json, name = fresh((request.build_absolute_uri(), get_language()), told)
    response = Response(orjson.Fragment(json))
    if request.accepted_renderer.format == "json":
        response["ETag"] = name
    return asked.named_in(response)
