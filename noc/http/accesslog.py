"""What is logged of requests: never a query, which may hold a token, and never headers."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import BaseRequest, StreamResponse

log = logging.getLogger(__name__)


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


class _WithoutRequests(logging.Filter):
    """Drops what aiohttp says of requests that are no HTTP: it quotes them, and anybody could fill the log so."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to keep a record."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            log.debug("a request that is no HTTP was refused: %s", type(error).__name__)
            return False
        return True


_FILTER: Final = _WithoutRequests()


def protocol_log() -> logging.Logger:
    """Return the logger for aiohttp's own words."""
    logger = logging.getLogger("noc.http.protocol")
    logger.addFilter(_FILTER)
    return logger
