"""Two real snmpd that were cloned: one SNMPv3 engine id, named in the log, on the pages and in the figures."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.live.conftest import agent_answers, find_program, free_udp_port, running, wait_for
from tests.live.house import House

pytestmark = pytest.mark.live

CREDENTIALS = (
    "{{snmp: {{version: 3, user: noc, auth: SHA-256, auth_key: !secret file:key, "
    "priv: AES-128, priv_key: !secret file:key}}}}"
)
AGENT = """\
agentaddress udp:{address}:{port}
rocommunity public
createUser noc SHA-256 "correct-horse-battery" AES "correct-horse-battery"
rouser noc priv
sysName {name}
"""
DEVICES = "  clone: {{site: loopback, address: 127.0.0.2, class: server, liveness: snmp, snmp_port: {port}}}\n"


@contextmanager
def agent(folder: Path, name: str, address: str, port: int) -> Iterator[None]:
    """Run an snmpd, which counts its starts in a folder of its own."""
    own = folder / name
    own.mkdir(exist_ok=True)
    settings = own / "agent.conf"
    settings.write_text(AGENT.format(address=address, port=port, name=name))
    command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-c", str(settings)]
    log = own / "log"
    # It reads what it keeps, its engine id and how often it started, only without -C and from this path.
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(own / "kept"), "SNMPCONFPATH": str(own / "kept")}
    with running(command, log, env) as process:
        wait_for(lambda: "NET-SNMP version" in log.read_text(), process, "snmpd", log)
        yield


def test_two_agents_with_one_engine_id_are_named(tmp_path: Path) -> None:
    house = House(tmp_path, credentials=CREDENTIALS.format())
    (tmp_path / "key").write_text("correct-horse-battery\n")
    other = free_udp_port()
    house.inventory(DEVICES.format(port=other))
    with ExitStack() as stack:
        stack.callback(house.close)
        with agent(tmp_path, "agent", "127.0.0.1", house.port):
            pass  # it has made its engine id
        shutil.copytree(tmp_path / "agent" / "kept", tmp_path / "clone" / "kept")  # the disk is cloned
        with agent(tmp_path, "clone", "127.0.0.2", other):
            pass  # the clone has started once more
        engine_id = kept_engine_id(tmp_path / "agent")
        assert kept_engine_id(tmp_path / "clone") == engine_id
        stack.enter_context(agent(tmp_path, "agent", "127.0.0.1", house.port))
        assert agent_answers(house.port, "public")
        stack.enter_context(agent(tmp_path, "clone", "127.0.0.2", other))
        house.start()
        sentence = f"device/agent, device/clone have one SNMPv3 engine id, {engine_id}: they were cloned"
        house.until(lambda: house.said(sentence), "the sentence in the log")
        house.until(lambda: "noc_snmp_duplicate_engine_ids 1.0" in house.metrics(), "the figure")
        for one, twin in (("agent", "clone"), ("clone", "agent")):
            page = house.page(f"/devices/{one}")
            assert "Its SNMPv3 engine id is also that of" in page
            assert f'<a href="/devices/{twin}">' in page
    assert house.log.read_text().count("have one SNMPv3 engine id") == 1


def kept_engine_id(folder: Path) -> str:
    """Return the engine id that an snmpd keeps from one start to the next."""
    found = re.search(r"^oldEngineID 0x([0-9a-f]+)$", (folder / "kept" / "snmpd.conf").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]
