"""Errors as answers: pages where people look, problem documents (RFC 9457) everywhere else."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from noc.http.pages import Pages, is_page
from noc.model.errors import ConflictError, NocError, StoreError
from noc.state.database import StateError

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request. pointer: `/query/limit`, `/path/id`, `/body/note`, `/header/…`."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """A request that can't be answered. status: of HTTP. detail: a sentence for whoever asked."""

    def __init__(
        self, status: int, detail: str, faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


def bad_request(pointer: str, detail: str) -> ProblemError:
    """Return the error for one wrong value."""
    return ProblemError(400, f"{pointer}: {detail}", [Fault(pointer, detail)])


def not_found(what: str) -> ProblemError:
    """Return the error for a thing that isn't there, or that the caller may not see."""
    return ProblemError(404, f"there is no {what}")


def problem_document(error: ProblemError) -> web.Response:
    """Return the answer for an error where programs ask."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": _title(error.status),
        "status": error.status,
        "detail": error.detail,
    }
    if error.faults:
        document["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults]
    return web.Response(
        text=json.dumps(document, ensure_ascii=False),
        status=error.status,
        headers=error.headers,
        content_type="application/problem+json",
    )


def problems(pages: Pages) -> Middleware:
    """Return the outermost middleware: whatever goes wrong inside becomes an answer."""

    @web.middleware
    async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ProblemError as error:
            problem = error
        except web.HTTPException as error:
            if error.status < HTTPStatus.BAD_REQUEST:
                raise
            problem = _of_http(error)
        except ConflictError as error:
            problem = ProblemError(409, str(error))
        except (StateError, StoreError) as error:
            problem = _unavailable(request, error)
        except ConnectionError:
            raise  # the caller is gone: there is nobody to answer
        except Exception:
            # The one place that catches all: a fault of ours must neither close the connection nor show its insides.
            number = secrets.token_hex(4)
            log.exception("error %s: %s %s", number, request.method, request.rel_url.raw_path)
            problem = ProblemError(500, f"noc made a mistake; its log tells more under {number}")
        if not is_page(request.path):
            return problem_document(problem)
        response = pages.error(request, problem.status, _title(problem.status), problem.detail)
        response.headers.update(problem.headers)
        return response

    return answer_errors


def _of_http(error: web.HTTPException) -> ProblemError:
    details = {
        404: "there is nothing at this address",
        405: "this address doesn't take this method",
        413: "the request is larger than noc takes",
    }
    headers = {name: value for name, value in error.headers.items() if name in ("Allow", "Retry-After")}
    text = error.text or ""
    # aiohttp's own text is `404: Not Found`; what our handlers give is a sentence.
    said = "" if text.startswith(f"{error.status}: ") or isinstance(error, web.HTTPRequestEntityTooLarge) else text
    return ProblemError(error.status, said or details.get(error.status, error.reason), headers=headers)


def _unavailable(request: web.Request, error: NocError) -> ProblemError:
    log.warning("%s %s can't be answered now: %s", request.method, request.rel_url.raw_path, error)
    asked = error.retry_after_s if isinstance(error, StoreError) else None
    wait = str(max(1, round(asked or RETRY_AFTER_S)))
    what = "the store of time series" if isinstance(error, StoreError) else "the state database"
    return ProblemError(503, f"{what} can't be asked now; try again later", headers={"Retry-After": wait})


def _title(status: int) -> str:
    return HTTPStatus(status).phrase
