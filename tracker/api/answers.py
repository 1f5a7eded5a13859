"""Answers to what is read: made once, kept while nothing is written, and named by what they say."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.etags import etag
from tracker.api.past import Asked
from tracker.records.journal import Of
from tracker.records.lasting import Made, lasting


class Answer(NamedTuple):
    """What is answered, with what its ETag begins (a record's says which version it is), and what it is made of."""

    data: Any
    tag: str = ""
    of: Of | None = None


def answered(
    request: Request,
    asked: Asked,
    make: Callable[[Asked], Answer],
    *,
    whole: Any = None,
    scope: Callable[[Request], AbstractContextManager[Asked]] | None = None,
) -> Response:
    """The response with the answer that `make` gives, or gave when all that it is made of was as it is now.

    Call it within `glancing` and name the scope that `make` needs, or within that one. Beside what is read, an answer
    depends on its address and the language alone. The `whole` is the kind of record that the answer is `of`.
    """

    def told(read: Asked) -> Made[tuple[bytes, str]]:
        data, tag, of = make(read)
        json = orjson.dumps(read.named(data), default=str)
        return Made((json, etag(tag, json)), of)

    def within() -> AbstractContextManager[Asked]:
        return nullcontext(asked) if scope is None or connection.in_atomic_block else scope(request)

    json, name = lasting((request.build_absolute_uri(), get_language()), whole, within, told)
    response = Response(orjson.Fragment(json))
    if request.accepted_renderer.format == "json":
        response["ETag"] = name
    return asked.named_in(response)
