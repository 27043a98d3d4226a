"""What is answered when something is refused: a problem document (RFC 9457) that holds one clear sentence."""

import logging
import math
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from agreement.errors import AgreementRefusal
from api.errors import ApiRefused, TokenRefused
from disclosure.errors import QuestionRefused
from hub.clock import now
from hub.errors import DatabaseError, HubError
from hub.traces import forget_values
from publish.errors import ReadingRefused

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    type: str = Field(default="about:blank", description="always about:blank: the status says the kind")
    title: str
    status: int
    detail: str = Field(description="where, why, and what to do; it repeats no value")


_SAID = {
    401: "The token is refused",
    403: "The agreement or the token does not permit it",
    404: "There is no such thing for this reader",
    406: "The form is not offered",
    410: "The release was withdrawn",
    413: "The request is too long",
    422: "The request cannot be understood",
    429: "Too many requests",
}


def responses(*statuses: int) -> dict[int | str, dict[str, object]]:
    """What a route's description says of its refusals."""
    schema = {"schema": Problem.model_json_schema()}
    return {status: {"description": _SAID[status], "content": {MEDIA_TYPE: schema}} for status in statuses}


def problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document as an answer."""
    body = Problem(title=title, status=status, detail=detail).model_dump()
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Have an application answer every error so."""
    app.add_exception_handler(HubError, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _not_understood)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _failed)


def _refused(request: Request, error: HubError) -> JSONResponse:
    detail = f"In {error.where}: {error.why}. {error.fix}."
    if isinstance(error, ApiRefused):
        return problem(error.status, error.what, detail, _headers(error))
    if isinstance(error, AgreementRefusal):
        return problem(403, error.what, f"{error.clause}: {error.why}. {error.fix}.")
    if isinstance(error, QuestionRefused):
        return problem(422, error.what, detail)
    if isinstance(error, ReadingRefused):
        return problem(404, error.what, detail)
    if isinstance(error, DatabaseError):
        return problem(503, "The hub is busy", "Its database does not answer. Try again.", {"Retry-After": "10"})
    _log.error("%s", error)  # one sentence, as for the command
    return problem(500, "The hub cannot answer", "Something is set up wrongly. Tell whoever runs it.")


def _headers(error: ApiRefused) -> dict[str, str]:
    if isinstance(error, TokenRefused):
        return {"WWW-Authenticate": 'Bearer realm="hub", error="invalid_token"'}
    if error.again_at is not None:
        return {"Retry-After": str(max(1, math.ceil(error.again_at.timestamp() - now().timestamp())))}
    return {}


def _not_understood(request: Request, error: RequestValidationError) -> JSONResponse:
    """Pydantic quotes what it was given; here is only where it was, and what was expected."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][:3] if isinstance(part, int) or part in _PARTS)
    return problem(422, "The request cannot be understood", f"In {where or 'it'}: {_said(str(first['type']))}.")


_PARTS = frozenset(
    {"body", "query", "path", "header", "purpose", "columns", "where", "limit", "after", "by", "release"}
)


def _said(kind: str) -> str:
    return {"missing": "something is missing", "extra_forbidden": "there is something that is not known"}.get(
        kind, f"what stands there is not of the form that the description names ({kind})"
    )


def _http(request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == 400:  # a body that is no text: refused before its form is looked at
        return problem(422, "The request cannot be understood", "In body: it is no JSON in UTF-8.")
    title = {404: "There is nothing at this address", 405: "This address is not asked like that"}
    said = title.get(error.status_code, "The request is refused")
    return problem(error.status_code, said, "See /openapi.json for what there is.", error.headers)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    forget_values(error)
    _log.error("An answer failed: %s", type(error).__name__)
    return problem(500, "The hub cannot answer", "Something went wrong in it. Tell whoever runs it.")
