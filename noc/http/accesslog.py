"""The access log: one line a request, without its query (which may hold a token) and without headers."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, StreamResponse


class AccessLog(AbstractAccessLogger):
    """Logs at level DEBUG what went well, at INFO what didn't: a dashboard asks all day long."""

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Write the line. time: seconds that it took."""
        write = self.logger.debug if response.status < HTTPStatus.BAD_REQUEST else self.logger.info
        # raw_path is percent-encoded, so that nobody writes lines of his own into the log.
        write(
            "%s %s %s %d %d bytes %.0f ms",
            request.remote,
            request.method,
            request.rel_url.raw_path,
            response.status,
            response.body_length,
            time * 1000,
        )
