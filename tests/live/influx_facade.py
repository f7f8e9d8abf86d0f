"""InfluxDB 2.x and 3 Core as far as noc needs them, in front of Debian's influxd, which does the work.

Neither can be had here. Paths, log-ins, status codes and what 3 Core's InfluxQL lacks follow their documentation
(https://docs.influxdata.com/influxdb/v2/api-guide/influxdb-1x/,
https://docs.influxdata.com/influxdb3/core/write-data/http-api/compatibility-apis/).
What a test wants to go wrong is put into `planned`.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Literal

import aiohttp
from aiohttp import web

from noc.store.influx.settings import Dialect
from tests.live.influx_admin import ADMIN_TOKEN, Administration

TOKEN = "t0k-en=="
ORG = "un"
VERSION = "X-Influxdb-Version"


@dataclass(frozen=True)
class Planned:
    """An answer that is given instead of the server's."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


@dataclass
class Facade:
    """url: what noc is told. asked: method and path of each request. has_dbrp: whether reading leads to the bucket."""

    dialect: Dialect
    behind: str
    database: str
    planned: list[Planned] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    has_dbrp: bool = True
    url: str = ""
    version: str = ""
    admin: Administration = field(init=False)
    _runner: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None

    def __post_init__(self) -> None:
        self.admin = Administration(ORG, self._tell)
        self.version = {"v2": "v2.7.11", "v3": "3.2.1"}.get(self.dialect, "")

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application(client_max_size=30 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._session = aiohttp.ClientSession()
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.planned:
            planned = self.planned.pop(0)
            if planned.drop and request.transport is not None:
                request.transport.abort()
            return web.Response(status=planned.status, text=planned.body, headers=planned.headers)
        if request.headers.get("Authorization") not in self._log_ins():
            return self._error(401, "unauthorized", "unauthorized access")
        administered = await self._administered(request)
        if administered is not None:
            return administered
        match request.method, request.path:
            case "GET", "/ping":
                return web.Response(status=204 if self.dialect == "v2" else 200, headers={VERSION: self.version})
            case "POST", "/api/v2/write":
                return await self._write(request)
            case "GET", "/query":
                return await self._query(request)
        return web.Response(status=404, text="404 page not found")

    def _log_ins(self) -> tuple[str, ...]:
        kinds = ("Token",) if self.dialect == "v2" else ("Bearer", "Token")
        return tuple(f"{kind} {token}" for kind in kinds for token in (TOKEN, ADMIN_TOKEN, *self.admin.made_tokens))

    async def _administered(self, request: web.Request) -> web.Response | None:
        asked = f"/api/{self.dialect}/"
        if not request.path.startswith(asked) or request.path == "/api/v2/write":
            return None
        if request.headers["Authorization"].partition(" ")[2] != ADMIN_TOKEN:
            return self._error(403, "forbidden", "insufficient permissions")
        return await self.admin.answer(request)

    async def _tell(self, statement: str) -> None:
        assert self._session is not None
        async with self._session.post(f"{self.behind}/query", params={"q": statement}) as answer:
            assert answer.status == 200

    def _error(self, status: int, code: str, message: str) -> web.Response:
        body = {"code": code, "message": message} if self.dialect == "v2" else {"error": message}
        return web.json_response(body, status=status)

    async def _write(self, request: web.Request) -> web.Response:
        if request.query.get("precision") != "ms" or request.headers.get("Content-Encoding") != "gzip":
            return self._error(400, "invalid", "precision and gzip")
        if self.dialect == "v2" and request.query.get("org") != ORG:
            return self._error(404, "not found", f'organization name "{request.query.get("org")}" not found')
        bucket = request.query.get("bucket", "")
        if bucket not in {self.database, *self.admin.buckets, *self.admin.databases}:
            return self._error(404, "not found", f'bucket "{bucket}" not found')
        raw = await request.read()
        body = raw if request.headers.get("Content-Encoding") is None else _unpacked(raw)
        database, _, policy = bucket.partition("/")
        where = {"db": database, "rp": policy} if policy else {"db": database}
        status, text, _ = await self._forward("POST", "/write", {**where, "precision": "ms"}, body)
        if status == 204:
            return web.Response(status=204)
        return self._error(status, "invalid", text)

    async def _query(self, request: web.Request) -> web.Response:
        statement = request.query.get("q", "")
        mapped = self.has_dbrp and request.query.get("db") == self.database
        if self.dialect == "v2" and not (mapped or self._is_mapped(request)):
            return self._error(404, "not found", f"dbrp mapping not found for {request.query.get('db')}")
        if self.dialect == "v3" and "SHOW SERIES" in statement:
            return self._error(400, "", "not implemented: SHOW SERIES")
        status, text, kind = await self._forward("GET", "/query", dict(request.query), None)
        return web.Response(status=status, text=text, content_type=kind)

    def _is_mapped(self, request: web.Request) -> bool:
        asked = request.query.get("db"), request.query.get("rp", "autogen")
        return asked in [(one["database"], one["retention_policy"]) for one in self.admin.mappings]

    async def _forward(
        self, method: Literal["GET", "POST"], path: str, params: dict[str, str], body: bytes | None
    ) -> tuple[int, str, str]:
        assert self._session is not None
        async with self._session.request(method, f"{self.behind}{path}", params=params, data=body) as answer:
            return answer.status, await answer.text(), answer.content_type


def _unpacked(raw: bytes) -> bytes:
    """Return the body of a request: aiohttp's server has unpacked it already, unless it was built not to."""
    return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
