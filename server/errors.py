"""Every error the API gives: ``{"error": {"code", "message"}}`` with one sentence for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from crm.database import DatabaseUnavailable
from cti_adapters.email.ports import StoreUnavailable
from router.core.events import Rejected
from router.ports import JournalUnavailable, OutcomeUnknown, Overloaded

log = structlog.get_logger(__name__)

STATUS_TEXTS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request could not be read: send a well-formed JSON body."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not accept that method."),
    413: ("too_large", "The request body is too large."),
    415: ("unsupported_media_type", "Send the body as application/json."),
}

REJECTED_STATUS = {
    "unknown": 404,
    "invalid": 422,
    "conflict": 412,
}  # by a code's first word; others are 409


class ApiError(Exception):
    """An answer other than success. ``code`` is stable, ``message`` one sentence for people."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        return error_response(self.status, self.code, self.message, self.headers)


def error_response(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The one shape of an error."""
    body = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def rejected(outcome: Rejected) -> ApiError:
    """The core's refusal as an answer: 404 for something unknown, 422 for nonsense, 412 for an
    old version, else 409.
    """
    status = REJECTED_STATUS.get(outcome.code.split("_")[0], 409)
    return ApiError(status, outcome.code, outcome.reason)


def not_found(what: str, which: str) -> ApiError:
    return ApiError(404, "not_found", f"There is no {what} {which!r}.")


def install_error_handlers(app: FastAPI) -> None:
    """Give every failure of ``app`` the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Overloaded, _overloaded)
    app.add_exception_handler(OutcomeUnknown, _outcome_unknown)
    app.add_exception_handler(JournalUnavailable, _journal_unavailable)
    app.add_exception_handler(DatabaseUnavailable, _database_unavailable)
    app.add_exception_handler(StoreUnavailable, _mails_unavailable)


async def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class only
    return error.response()


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return error_response(422, "invalid_request", _first_problem(error.errors()))


def _first_problem(problems: Sequence[Any]) -> str:
    """The first validation problem in a sentence, without echoing the value that was sent."""
    for problem in problems:
        if problem.get("type") == "json_invalid":
            return "The body is not valid JSON."
        where = ".".join(str(part) for part in problem.get("loc", ())[1:]) or "body"
        return f"{where}: {problem.get('msg', 'is not valid')}."
    return "The request is not valid."


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code, message = STATUS_TEXTS.get(error.status_code, ("error", str(error.detail)))
    return error_response(error.status_code, code, message, error.headers)


async def _overloaded(_request: Request, _error: Exception) -> Response:
    message = "Patchbay has more work than it can take right now: try again in a moment."
    return error_response(503, "overloaded", message, {"Retry-After": "1"})


async def _outcome_unknown(_request: Request, error: Exception) -> Response:
    log.warning("outcome_unknown", reason=str(error))
    message = (
        "It is not known yet whether this was done, and it may still be: look before you repeat it,"
        " or repeat it with the same Idempotency-Key."
    )
    return error_response(504, "outcome_unknown", message, {"Retry-After": "2"})


async def _journal_unavailable(_request: Request, error: Exception) -> Response:
    log.error("journal_unavailable", reason=str(error))
    message = (
        "Patchbay cannot store anything now: try again in a moment, or tell your administrator."
    )
    return error_response(503, "journal_unavailable", message, {"Retry-After": "5"})


async def _database_unavailable(_request: Request, error: Exception) -> Response:
    log.error("database_unavailable", reason=str(error))
    message = "The customer database does not answer now: try again in a moment."
    return error_response(503, "database_unavailable", message, {"Retry-After": "5"})


async def _mails_unavailable(_request: Request, error: Exception) -> Response:
    log.error("mails_unavailable", reason=str(error))
    message = "The database of mails does not answer now: try again in a moment."
    return error_response(503, "database_unavailable", message, {"Retry-After": "5"})
