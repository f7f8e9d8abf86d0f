"""A small Table API as ServiceNow's, in memory, behind a real web server: enough to keep tickets."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from tests.live.webserver import Heard

PATH = "/api/now/table/incident"


class TableApi:
    """Tickets by sys_id, the oldest first. lose: the next so many answers to changes are lost behind the change."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}
        self.lose = 0

    def answer(self, heard: Heard) -> web.Response:
        if heard.headers.get("authorization") != "Bearer s3cret token/+":
            return web.json_response({"error": {"message": "User Not Authenticated"}}, status=401)
        if heard.method == "GET":
            return web.json_response({"result": self._query(heard.query)})
        sys_id = heard.path.removeprefix(PATH).strip("/")
        if heard.method == "POST":
            sys_id = f"id{len(self.rows) + 1}"
            self.rows[sys_id] = {"sys_id": sys_id, "number": f"INC00{len(self.rows) + 1:05}", "state": "1"}
        self.rows[sys_id] |= json.loads(heard.body)
        if self.lose:
            self.lose -= 1
            return web.Response(status=502, text="the proxy lost the answer")
        return web.json_response({"result": self.rows[sys_id]}, status=201 if heard.method == "POST" else 200)

    def _query(self, query: Mapping[str, str]) -> list[dict[str, str]]:
        wanted, _, order = query["sysparm_query"].partition("^")
        assert order == "ORDERBYDESCsys_created_on"
        keys = set(wanted.partition("IN" if "IN" in wanted else "=")[2].split(","))
        names = query["sysparm_fields"].split(",")
        found = [row for row in reversed(self.rows.values()) if row["correlation_id"] in keys]
        return [{name: row.get(name, "") for name in names} for row in found[: int(query["sysparm_limit"])]]
