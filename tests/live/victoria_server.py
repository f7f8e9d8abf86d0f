"""Debian's VictoriaMetrics on a free loopback port; it keeps one number where it is sent the same twice."""

from __future__ import annotations

import contextlib
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import find_program, running, wait_for
from tests.live.influx_server import Influxd
from tests.live.ssh_server import free_tcp_port


class Victoria(Influxd):
    """A server that runs."""

    def flush(self) -> None:
        """Make what was written be found: it takes a second by itself."""
        assert self.ask("GET", "/internal/force_flush")[0] == 200

    def export(self, selector: str) -> list[dict[str, object]]:
        """Return the series that a selector finds, as the server keeps them."""
        status, body = self.ask("GET", f"/api/v1/export?match[]={urllib.parse.quote(selector)}")
        assert status == 200, body
        return [json.loads(line) for line in body.splitlines()]


@contextlib.contextmanager
def victoria_server(folder: Path) -> Iterator[Victoria]:
    """Give a server with data in a folder, and stop it in the end."""
    program = find_program("victoria-metrics", "victoria-metrics")
    server, log = Victoria(free_tcp_port()), folder / "log"
    command = [program, f"-httpListenAddr=127.0.0.1:{server.port}", f"-storageDataPath={folder / 'data'}"]
    command += ["-retentionPeriod=2y", "-dedup.minScrapeInterval=1ms"]
    with running(command, log) as process:
        wait_for(server.is_there, process, "victoria-metrics", log)
        yield server


@pytest.fixture(scope="session")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """One server for all tests."""
    with victoria_server(tmp_path_factory.mktemp("victoria")) as server:
        yield server
