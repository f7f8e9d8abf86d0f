"""A connection of a client: what is no HTTP is answered as every other error of programs is."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from noc.http.guard import careful
from noc.http.problems import ProblemError, problem_document


class Connection(web.RequestHandler):
    """aiohttp's handler of a connection, whose plain text for malformed requests becomes a problem document."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a request that reached no handler of ours, after which the connection ends."""
        super().handle_error(request, status, exc, message)  # logs it; raises ConnectionError where an answer had begun
        response = problem_document(ProblemError(status, _detail(status, message)))
        careful(response.headers)  # no application sees this answer, and nobody else would
        response.force_close()
        return response


def _detail(status: int, message: str | None) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "noc made a mistake; its log tells more"
    # aiohttp says why in the words before the colon; behind it stands what was sent, which is nobody's business.
    why = (message or "").partition("\n")[0].partition(":")[0].strip().rstrip(".")
    said = f" ({why[0].lower()}{why[1:100]})" if why else ""
    return f"the request can't be read as HTTP{said}; nothing was done"
