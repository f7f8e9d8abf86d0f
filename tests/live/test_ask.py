"""`noc ask`: one end point, now."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from tests.live.forked import finished
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live

SITES = "regions: {europe: {}}\nsites:\n  brindisi: {region: europe, class: hub}\n"


def ask(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return finished(("ask", "-c", str(folder / "noc.yaml"), *arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "noc.yaml").write_text("state_dir: state\ninventory: inventory\n")
    (tmp_path / "inventory" / "sites.yaml").write_text(SITES)
    return tmp_path


def write(folder: Path, probe: str) -> None:
    text = f"endpoints:\n  erp:\n    site: brindisi\n    retries: 0\n    timeout: 1s\n    {probe}\n"
    (folder / "inventory" / "endpoints.yaml").write_text(text)


def test_what_is_right_is_told_and_exits_well(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        write(folder, f"tcp: {{host: 127.0.0.1, port: {port}}}")
        told = ask(folder, "erp", "--json")
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert (document["kind"], document["address"], document["ok"]) == ("tcp", f"127.0.0.1:{port}", True)
    assert document["reply"]["connect_s"] > 0


def test_what_can_not_be_reached_exits_with_3_and_says_why(folder: Path) -> None:
    port = free_tcp_port()
    write(folder, f"tcp: {{host: 127.0.0.1, port: {port}}}")
    told = ask(folder, "endpoint/erp")
    assert told.returncode == 3
    assert "ok: False" in told.stdout
    assert f"127.0.0.1: TCP port {port}: connection refused" in told.stderr


def test_a_wrong_name_and_wrong_settings_exit_with_2(folder: Path) -> None:
    write(folder, "tcp: {host: 127.0.0.1, port: 1}")
    told = ask(folder, "epr")
    assert told.returncode == 2
    assert "did you mean 'erp'?" in told.stderr
    (folder / "ca.pem").write_text("none")
    write(folder, "http: {url: 'https://127.0.0.1/', regex: '(', ca_file: ca.pem, headers: {X: !secret env:NOT_SET}}")
    told = ask(folder, "erp")
    assert told.returncode == 2
    for said in ("no regular expression", "ca.pem: holds no certificate in PEM", "NOT_SET is not set"):
        assert said in told.stderr
