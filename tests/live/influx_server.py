"""Debian's influxd (1.6) on free loopback ports: data in a folder of the test, with or without a log-in."""

from __future__ import annotations

import contextlib
import http.client
import json
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.conftest import find_program, running, wait_for
from tests.live.ssh_server import free_tcp_port

SETTINGS = """\
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"

[meta]
dir = "{folder}/meta"

[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false

[monitor]
store-enabled = false

[http]
bind-address = "127.0.0.1:{port}"
auth-enabled = {auth}
log-enabled = false
max-body-size = {max_body_bytes}
max-row-limit = 1000
"""

ADMIN = ("admin", "admin secret")
DATABASE = "noc"


@dataclass(frozen=True)
class Influxd:
    """A server that runs."""

    port: int
    admin: tuple[str, str] | None = None
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tell(self, statement: str, database: str = DATABASE) -> list[dict[str, object]]:
        """Send a statement of an administrator and return its series."""
        form = {"q": statement, "db": database, "epoch": "ms"}
        if self.admin is not None:
            form |= {"u": self.admin[0], "p": self.admin[1]}
        status, body = self.ask("POST", f"/query?{urllib.parse.urlencode(form)}")
        assert status == 200, body
        (result,) = json.loads(body)["results"]
        assert "error" not in result, result
        return list(result.get("series", []))

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        """Send a request as others do; return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def is_there(self) -> bool:
        """Return whether it answers /ping."""
        with contextlib.suppress(OSError):
            return self.ask("GET", "/ping")[0] == 204
        return False


class Influxds:
    """Starts servers; all are stopped at the end of the test."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._folder = folder
        self._stack = stack

    def start(
        self, *, auth: bool = False, max_body_bytes: int = 25_000_000, port: int | None = None
    ) -> tuple[Influxd, Callable[[], None]]:
        """Start a server with the data of the one before it; return it, and what stops it before the end of the test.

        auth: with a log-in, and ADMIN for an administrator.
        """
        program = find_program("influxd", "influxdb")
        settings, log = self._folder / "influxdb.conf", self._folder / "log"
        port = port or free_tcp_port()
        settings.write_text(
            SETTINGS.format(
                folder=self._folder,
                port=port,
                rpc_port=free_tcp_port(),
                auth=str(auth).lower(),
                max_body_bytes=max_body_bytes,
            )
        )
        server = self._stack.enter_context(contextlib.ExitStack())
        process = server.enter_context(running([program, "-config", str(settings)], log))
        influxd = Influxd(port, pid=process.pid)
        wait_for(influxd.is_there, process, "influxd", log)
        if auth:
            influxd.tell(f"CREATE USER {ADMIN[0]} WITH PASSWORD '{ADMIN[1]}' WITH ALL PRIVILEGES")
            influxd = Influxd(port, ADMIN, process.pid)
        influxd.tell(f"CREATE DATABASE {DATABASE}")
        return influxd, server.close


@contextlib.contextmanager
def influxd_servers(folder: Path) -> Iterator[Influxds]:
    """Give what starts servers in a folder."""
    with contextlib.ExitStack() as stack:
        yield Influxds(folder, stack)


@pytest.fixture
def influxds(tmp_path: Path) -> Iterator[Influxds]:
    """What starts servers for one test."""
    folder = tmp_path / "influxd"
    folder.mkdir()
    with influxd_servers(folder) as servers:
        yield servers


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    """One server without a log-in for all tests that don't stop it; its database is `noc`."""
    with influxd_servers(tmp_path_factory.mktemp("influxd")) as servers:
        yield servers.start()[0]
