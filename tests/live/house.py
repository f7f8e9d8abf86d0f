"""A small network and the daemon that watches it: Debian's snmpd, `noc run`, and what may be asked of both."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from noc.model.transition import Transition
from noc.state import ledger
from noc.state.database import Database
from tests.live.conftest import (
    SNMPD_CONF,
    START_TIMEOUT_S,
    Server,
    agent_answers,
    find_program,
    free_udp_port,
    running,
    wait_for,
)
from tests.live.forked import finished, program

V2C = "{snmp: {version: 2c, community: !secret file:community}}"
SETTINGS = """\
state_dir: state
credentials:
  standard: {credentials}
defaults: {{credentials: standard, interval: 500ms, poll_interval: 1s, timeout: 200ms, retries: 0}}
polling: {{poller: test-poller}}
http: {{port: 0}}
{more}
"""
INVENTORY = """\
regions: {{here: {{name: Here}}}}
sites:
  loopback: {{region: here, class: field, edge_devices: [agent]}}
devices:
  agent: {{site: loopback, address: 127.0.0.1, class: server, liveness: snmp, snmp_port: {port}}}
{more}
"""


class House:
    """A folder with settings, an agent that can be switched off, and a daemon that can be killed."""

    def __init__(self, folder: Path, more: str = "", credentials: str = V2C) -> None:
        self.folder = folder
        self.port = free_udp_port()
        self.log = folder / "noc.log"
        self.patience_s = START_TIMEOUT_S
        self._agent = ExitStack()
        self._daemon = ExitStack()
        self.daemon: Server | None = None
        (folder / "community").write_text("public\n")
        (folder / "noc.yaml").write_text(SETTINGS.format(more=more, credentials=credentials))
        (folder / "inventory").mkdir()
        self.inventory()

    def inventory(self, more: str = "") -> None:
        (self.folder / "inventory" / "all.yaml").write_text(INVENTORY.format(port=self.port, more=more))

    def agent_on(self) -> None:
        program, log = find_program("snmpd", "snmpd"), self.folder / "snmpd.log"
        settings = self.folder / "snmpd.conf"
        settings.write_text(SNMPD_CONF.format(port=self.port))
        env = {**os.environ, "SNMP_PERSISTENT_DIR": str(self.folder)}
        command = [program, "-f", "-Lo", "-C", "-c", str(settings)]
        process = self._agent.enter_context(running(command, log, env))
        wait_for(lambda: agent_answers(self.port, "public"), process, "snmpd", log)

    def agent_off(self) -> None:
        self._agent.close()

    def start(self, environment: dict[str, str] | None = None, *, wait: bool = True) -> None:
        """Start the daemon, and wait until it shows its pages."""
        self._spawn({**os.environ, **(environment or {})})
        if wait:
            self.until(lambda: self.said("logs in once"), "the daemon to listen")

    def _spawn(self, environment: dict[str, str]) -> None:
        command = ("run", "-c", str(self.folder / "noc.yaml"))
        self.daemon = self._daemon.enter_context(program(command, self.log, environment))

    def stop(self, number: signal.Signals) -> int:
        assert self.daemon is not None
        self.daemon.send_signal(number)
        code = self.daemon.wait(max(20.0, self.patience_s))
        self._daemon.close()
        return code

    def until(self, met: Callable[[], bool], what: str) -> None:
        assert self.daemon is not None
        wait_for(met, self.daemon, what, self.log, self.patience_s)

    def said(self, text: str) -> bool:
        return self.log.exists() and text in self.log.read_text()

    def ledger(self) -> list[Transition]:
        async def read() -> list[Transition]:
            database = Database(self.folder / "state" / "noc.db")
            await database.start()
            async with database.read() as connection:
                assert (await ledger.verify(connection)).broken is None
                kept = [record async for record in ledger.read(connection)]
                records = [ledger.transition_of(record) for record in kept if record.kind == ledger.TRANSITION]
            await database.stop()
            return records

        return asyncio.run(read()) if (self.folder / "state" / "noc.db").exists() else []

    def statuses(self, entity: str = "device/agent") -> list[str]:
        return [change.status for change in self.ledger() if change.entity == entity]

    def verdicts(self, entity: str = "device/agent") -> list[str]:
        """What was found of it, one after the other; a machine that is busy for three intervals saw nothing then."""
        return [status for status, _ in groupby(seen for seen in self.statuses(entity) if seen != "unknown")]

    def login(self) -> tuple[str, str]:
        """Return where the dashboard of the running daemon is, and its newest token."""
        found = re.findall(r"logs in once: (http://\S+?)/\?token=(\S+)", self.log.read_text())
        url, token = found[-1]
        return url, token

    def ask(self, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
        """Ask the API as a script does: GET, or POST with a body."""
        text = self._request("GET" if body is None else "POST", f"/api/v1{path}", body)
        return dict(json.loads(text)) if text else {}

    def metrics(self) -> str:
        """Return what Prometheus would be told."""
        return self._request("GET", "/metrics").decode()

    def page(self, path: str) -> str:
        """Return a page as HTML."""
        return self.content(path).decode()

    def content(self, path: str) -> bytes:
        """Return what stands at an address, as it comes."""
        return self._request("GET", path)

    def _request(self, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
        url, token = self.login()
        with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status in (200, 201, 204), (path, answer.status, text)
            return text

    def close(self) -> None:
        self._daemon.close()
        self._agent.close()


def noc(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    return finished((*arguments, "-c", str(house.folder / "noc.yaml")))
