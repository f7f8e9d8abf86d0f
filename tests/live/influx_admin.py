"""What InfluxDB 2.x and 3 Core answer an administrator: organisations, buckets, mappings, tokens, as far as noc asks.

Paths, bodies and status codes of 2.x are those of its OpenAPI contract (https://github.com/influxdata/openapi), from
which influxdb-client is made; those of 3 Core of `influxdb3 create database`
(https://docs.influxdata.com/influxdb3/core/api/). What is made is made in the server behind, too.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

ORG_ID = "0a0a0a0a0a0a0a0a"
ADMIN_TOKEN = "admin-t0ken=="


@dataclass
class Administration:
    """tell: sends a statement of InfluxQL to the server behind. made_tokens: what may be done by them."""

    org: str
    tell: Callable[[str], Awaitable[None]]
    buckets: dict[str, dict[str, object]] = field(default_factory=dict)
    mappings: list[dict[str, object]] = field(default_factory=list)
    made_tokens: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response | None:
        """Return the answer; None for what an administrator doesn't ask."""
        body = json.loads(await request.text() or "{}") if request.method == "POST" else {}
        match request.method, request.path:
            case "GET", "/api/v2/orgs":
                if request.query.get("org") != self.org:
                    return _error(404, "not found", f'organization name "{request.query.get("org")}" not found')
                return web.json_response({"orgs": [{"id": ORG_ID, "name": self.org}]})
            case "GET", "/api/v2/buckets":
                found = self.buckets.get(request.query.get("name", ""))
                return web.json_response({"buckets": [found] if found else []})
            case "POST", "/api/v2/buckets":
                return await self._make_bucket(body)
            case "GET", "/api/v2/dbrps":
                wanted = [one for one in self.mappings if one["database"] == request.query.get("db")]
                return web.json_response({"content": wanted})
            case "POST", "/api/v2/dbrps":
                self.mappings.append({**body, "id": f"{len(self.mappings):016x}", "virtual": False})
                return web.json_response(self.mappings[-1], status=201)
            case "POST", "/api/v2/authorizations":
                token = f"made-{len(self.made_tokens)}=="
                self.made_tokens[token] = body["permissions"]
                return web.json_response({**body, "id": "0b", "token": token, "status": "active"}, status=201)
            case "POST", "/api/v3/configure/database":
                return await self._make_database(body["db"], body["retention_period"])
        return None

    async def _make_bucket(self, body: dict[str, object]) -> web.Response:
        name = str(body["name"])
        if name in self.buckets:
            return _error(422, "conflict", f"bucket with name {name} already exists")
        self.buckets[name] = {**body, "id": f"{len(self.buckets):016x}", "type": "user"}
        database, _, policy = name.partition("/")
        await self.tell(f'CREATE DATABASE "{database}"')
        if policy:
            await self.tell(f'CREATE RETENTION POLICY "{policy}" ON "{database}" DURATION INF REPLICATION 1')
        return web.json_response(self.buckets[name], status=201)

    async def _make_database(self, name: str, keeps: str) -> web.Response:
        if name in self.databases:
            return web.json_response({"error": "attempted to create a resource that already exists"}, status=409)
        self.databases[name] = keeps
        await self.tell(f'CREATE DATABASE "{name}"')
        return web.Response(status=200)


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message}, status=status)
