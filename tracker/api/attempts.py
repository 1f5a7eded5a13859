"""Requests that write: tried without being done, done once under a key, begun anew after a deadlock."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db import transaction
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api import idempotency
from tracker.api.errors import as_api_exception
from tracker.api.values import Flag
from tracker.records.locks import retried

DRY_RUN: dict[str, Any] = {
    "name": "dry_run",
    "in": "query",
    "description": "1: answer what would be done, and everything that speaks against it, but change nothing.",
    **Flag().describe(),
}


class AttemptsMixin(APIView):
    """For view sets that write."""

    dry_run = False  # whether the request only asks what would be

    def kept(self, response: Response) -> Any:
        """What is kept of an answer for whoever sends the request again under its key."""
        return response.data

    def _written(self, act: Callable[[], Response], *, repeatable: bool = False) -> Response:
        """The answer of `act`, done in one transaction: again after a deadlock, once only under a key."""
        try:
            self.dry_run = Flag().clean(self.request.query_params.get("dry_run"))
        except InvalidValue as error:
            raise ValidationError(
                {"dry_run": [ErrorDetail(each, code=error.code) for each in error.messages]}
            ) from None
        key = idempotency.key_of(self.request) if repeatable else None
        if key is None or self.dry_run:
            return retried(lambda: self._once(act))
        return retried(lambda: self._once_for(key, act))

    def _once(self, act: Callable[[], Response]) -> Response:
        with transaction.atomic():
            response = act()
            if self.dry_run:
                transaction.set_rollback(True)
        return _as_tried(response) if self.dry_run else response

    def _once_for(self, key: str, act: Callable[[], Response]) -> Response:
        with transaction.atomic():
            row = idempotency.claim(self.request, key)
            if row.status is not None:
                return idempotency.replayed(row)
            try:
                with transaction.atomic():
                    response = act()
            except Exception as error:
                known = as_api_exception(error)
                if known is None or known.status_code not in idempotency.KEPT:
                    raise
                response = self.handle_exception(known)
            idempotency.keep(row, response, self.kept(response))
        return response


def _as_tried(response: Response) -> Response:
    """The same answer for what was not done."""
    return Response(response.data, headers={"Dry-Run": "true"})
