"""What a request reads: what its user may see, as this system held it (`known_on=`), as it was true (`as_of=`)."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import ValidationError as InvalidValue
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from tracker.access.rules import sees_all
from tracker.api.values import Date, Instant
from tracker.partial_dates import PartialDate
from tracker.records import past, standbys

Answer = TypeVar("Answer")
AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


class KnownOn(Instant):
    """A day, which stands for its end, or a moment; not in the future, not before the first record."""

    def read(self, text: str) -> datetime.datetime:
        if len(text) == len("2016-12-31"):
            day = PartialDate(text)
            end = datetime.datetime.combine(day.latest, datetime.time.max, datetime.UTC)
            moment = min(end, timezone.now()) if day.earliest <= timezone.now().date() else end
        else:
            moment = super().read(text)
        if moment > timezone.now():
            raise InvalidValue(_("It lies in the future."), code="in_the_future")
        if not past.anything_known(moment):
            raise InvalidValue(_("Nothing was recorded yet."), code="before_the_first_record")
        return moment


KNOWN_ON: dict[str, Any] = {
    "name": "known_on",
    "in": "query",
    "description": "What this system held on that day (at its end, in UTC) or at that moment, from the history.",
    "schema": {"type": "string", "examples": ["2026-11-01", "2026-11-01T12:00:00Z"]},
}
AS_OF: dict[str, Any] = {
    "name": "as_of",
    "in": "query",
    "description": (
        "What was true in that year, month or day, by what is known now: participations, memberships, phases and"
        " statements that had begun and were not over, certainly or perhaps, and the latest observation by then."
    ),
    **Date().describe(),
}


class Asked(NamedTuple):
    """The two dates of a request, null where it names none; and the schema that it reads (see `past.reading`)."""

    known_on: datetime.datetime | None
    as_of: PartialDate | None
    schema: str = ""

    def named_in(self, response: AnyResponse) -> AnyResponse:
        """The response, which names both dates in its headers."""
        for name, value in self._given().items():
            response[name.replace("_", "-").title()] = value
        return response

    def named(self, data: Any) -> Any:
        """What is answered; a list names both dates in its members."""
        return self._given() | data if isinstance(data, dict) and "results" in data else data

    def _given(self) -> dict[str, str]:
        known_on = self.known_on.isoformat() if self.known_on else None
        given = {"as_of": self.as_of, "known_on": known_on}
        return {name: str(value) for name, value in given.items() if value is not None}


def dates(request: Request) -> Asked:
    """The dates that the request names, looked at once. Raises ValidationError by name."""
    known: Asked | None = getattr(request, "_asked_dates", None)
    if known is None:
        request._asked_dates = known = _dates(request)  # type: ignore[attr-defined]
    return known


def _dates(request: Request) -> Asked:
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, kind in (("known_on", KnownOn()), ("as_of", Date())):
        try:
            found[name] = kind.clean(request.query_params.get(name))
        except InvalidValue as error:
            errors[name] = [ErrorDetail(message, code=error.code) for message in error.messages]
    if errors:
        raise ValidationError(errors)
    return Asked(**found)


def read(
    request: Request, act: Callable[[Asked], Answer], scope: "Callable[[Request], AbstractContextManager[Asked]]"
) -> Answer:
    """What `act` makes of what it reads within the scope: from a standby where one is fit, else from the primary."""
    with standbys.reading(request) as standby:
        try:
            with scope(request) as asked:
                return act(asked)
        except standbys.FAILURES:
            if standby is None:
                raise
            standby.failed()
    with scope(request) as asked:
        return act(asked)


@contextmanager
def glancing(request: Request) -> Iterator[Asked]:
    """`reading` for what is read in one statement: of what is known now it needs no scope of its own."""
    asked, public = dates(request), not sees_all(request.user)
    if asked.known_on is not None:
        with reading(request) as asked:
            yield asked
        return
    with past.glancing(public=public) as schema:
        yield asked._replace(schema=schema)


@contextmanager
def reading(request: Request) -> Iterator[Asked]:
    """Inside, every query reads what the user may see, as known on the day that the request names, else as known now.

    Nothing is written inside.
    """
    asked, public = dates(request), not sees_all(request.user)
    with past.reading(asked.known_on, public=public) as schema:
        yield asked._replace(schema=schema)
