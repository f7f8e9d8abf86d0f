"""`/healthz`, `/readyz`, `/metrics`: for those who watch noc itself.

Without log-in, /readyz says which part isn't well but not why, and /metrics answers only where noc listens on loopback
with no proxy in front.
"""

from __future__ import annotations

from aiohttp import web

from noc.http.guard import is_private_to_machine
from noc.http.problems import ProblemError
from noc.http.rights import Route
from noc.http.scope import caller_or_none
from noc.http.settings import HttpSettings
from noc.http.sources import Sources
from noc.telemetry import Telemetry


class HealthPages:
    """The handlers of all three."""

    def __init__(self, settings: HttpSettings, sources: Sources, telemetry: Telemetry) -> None:
        self._settings = settings
        self._sources = sources
        self._telemetry = telemetry

    def routes(self) -> list[Route]:
        """Return the routes of all three."""
        return [
            Route("GET", "/healthz", self.healthz, None),
            Route("GET", "/readyz", self.readyz, None),
            Route("GET", "/metrics", self.metrics, None),
        ]

    async def healthz(self, request: web.Request) -> web.Response:
        """Say that the process lives: it has answered."""
        return web.json_response({"alive": True})

    async def readyz(self, request: web.Request) -> web.Response:
        """Say whether all parts are well that noc needs: 200, or 503. Those that aren't are told in both."""
        parts = self._sources.health()
        ready = all(part.ok for part in parts if part.needed)
        told = self._may_know(request)
        listed = [{"part": part.part, "ok": part.ok, **({"said": part.said} if told else {})} for part in parts]
        return web.json_response({"ready": ready, "parts": listed}, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Give noc's own figures in the text format of Prometheus."""
        if not self._may_know(request):
            raise ProblemError(401, "give a token: Authorization: Bearer TOKEN", headers={"WWW-Authenticate": "Bearer"})
        text, content_type = self._telemetry.exposition()
        return web.Response(body=text, headers={"Content-Type": content_type})

    def _may_know(self, request: web.Request) -> bool:
        return caller_or_none(request) is not None or is_private_to_machine(request, self._settings)
