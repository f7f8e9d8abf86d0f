"""The daemon with its receivers: a trap makes it look, an inform survives a kill, systemd hands over sockets."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import find_program, free_udp_port, running, wait_for
from tests.live.house import House, noc

pytestmark = pytest.mark.live

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
INDEX = ("1.3.6.1.2.1.2.2.1.1.1", "i", "1")
RARELY = """\
receivers: {{trap: {{listen: ["127.0.0.1:{trap}"]}}, syslog: {{udp: ["127.0.0.1:{syslog}"]}}, storm: {{burst: 50}}}}
classes: {{devices: {{server: {{poll_interval: 1h, interval: 10m}}}}}}
"""


class Listening(House):
    """A house whose daemon receives, and by itself polls once an hour."""

    def __init__(self, folder: Path) -> None:
        self.trap, self.syslog = free_udp_port(), free_udp_port()
        super().__init__(folder, more=RARELY.format(trap=self.trap, syslog=self.syslog))
        text = (folder / "noc.yaml").read_text()
        (folder / "noc.yaml").write_text(text.replace(" interval: 500ms, poll_interval: 1s,", ""))

    def snmp(self, program: str, *arguments: str) -> int:
        where = f"127.0.0.1:{self.trap}"
        command = [find_program(program, "snmp"), "-v2c", "-c", "public", "-t", "6", "-r", "3", where, "", *arguments]
        return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode

    def events(self, wanted: str = "") -> list[dict[str, Any]]:
        found: Any = self.ask(f"/events{wanted}")["items"]
        return list(found)

    def figure(self, name: str) -> float:
        found = re.search(rf"^{re.escape(name)} ([0-9.e+]+)$", self.metrics(), re.MULTILINE)
        assert found is not None, name
        return float(found[1])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Listening]:
    house = Listening(tmp_path)
    yield house
    house.close()


def test_a_trap_makes_noc_look_at_once_and_stands_in_api_page_and_command_line(house: Listening) -> None:
    house.agent_on()
    house.start()
    assert house.statuses() == []  # it would look in minutes
    assert house.snmp("snmptrap", LINK_DOWN, *INDEX) == 0
    house.until(lambda: house.statuses() == ["up"], "the liveness check that the trap asked for")
    house.until(lambda: "net-snmp-linux" in str(house.ask("/devices/agent")["identity"]), "the poll likewise")
    (event,) = house.events()
    assert (event["name"], event["class"], event["device"]) == ("IF-MIB::linkDown", "link", "device/agent")
    # what a poll has read names the interface of the next trap
    assert house.snmp("snmptrap", "1.3.6.1.6.3.1.1.5.4", *INDEX) == 0
    house.until(lambda: len(house.events()) == 2, "the second event")
    up = house.events()[0]
    assert (up["facts"]["interface"], up["about"]) == ("lo", "interface/agent/lo")
    assert "IF-MIB::linkUp" in house.page("/devices/agent")
    assert house.figure('noc_events_total{class="link"}') == 2
    assert house.figure("noc_events_looks_total") >= 2
    assert house.stop(signal.SIGTERM) == 0
    listed = json.loads(noc(house, "event", "list", "--json").stdout)
    assert [row["name"] for row in listed] == ["IF-MIB::linkUp", "IF-MIB::linkDown"]


def test_an_inform_that_was_answered_survives_a_kill(house: Listening) -> None:
    house.agent_on()
    house.start()
    for number in range(1, 21):
        assert house.snmp("snmpinform", f"1.3.6.1.4.1.9.9.9.0.{number}") == 0
    assert house.stop(signal.SIGKILL) == -signal.SIGKILL
    house.start()
    assert {event["name"] for event in house.events("?limit=100")} >= {f"cisco:9.9.0.{n}" for n in range(1, 21)}
    assert house.stop(signal.SIGTERM) == 0


def test_syslog_is_an_event_and_strangers_are_listed(house: Listening) -> None:
    house.agent_on()
    house.start()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
        sender.sendto(b"<189>41: agent: *Mar  1 00:00:00.0: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
                      ("127.0.0.1", house.syslog))  # fmt: skip
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stranger.bind(("127.0.0.9", 0))
        stranger.sendto(b"<13>it is me \x1b[2J", ("127.0.0.1", house.syslog))
        stranger.close()
    house.until(lambda: len(house.events("?class=link&kind=syslog")) == 1, "the event")
    house.until(lambda: bool(house.ask("/unknown-senders")["items"]), "the stranger")
    strangers: Any = house.ask("/unknown-senders")["items"]
    assert [(one["address"], one["count"]) for one in strangers] == [("127.0.0.9", 1)]
    assert "127.0.0.9" in noc(house, "event", "senders").stdout
    assert house.stop(signal.SIGTERM) == 0


def test_a_reload_knows_new_senders(house: Listening) -> None:
    house.agent_on()
    house.start()
    assert house.daemon is not None
    house.inventory("  spare: {site: loopback, address: 127.0.0.4, class: server, liveness: tcp:1}\n")
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: house.said("reloaded: 1 device is new"), "the reload")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender:
        sender.bind(("127.0.0.4", 0))
        sender.sendto(b"<13>app: hello", ("127.0.0.1", house.syslog))
    house.until(lambda: [event["device"] for event in house.events()] == ["device/spare"], "its event")
    assert house.stop(signal.SIGTERM) == 0


def test_a_port_that_is_taken_is_told(house: Listening) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", house.trap))
        done = noc(house, "run")
    assert done.returncode == 1
    assert f"receivers: 127.0.0.1:{house.trap}: can't listen: address already in use" in done.stderr


def test_systemd_hands_over_the_sockets(tmp_path: Path) -> None:
    """systemd's own tool makes the sockets, by the name of the unit, and starts noc with the first datagram."""
    program = find_program("systemd-socket-activate", "systemd")
    house = House(tmp_path)
    house.inventory()
    port = free_udp_port()
    command = [program, "--datagram", f"--listen=127.0.0.1:{port}", "--fdname=trap"]
    command += [sys.executable, "-c", "from noc.cli import main; main()", "run", "-c", str(tmp_path / "noc.yaml")]
    trap = [find_program("snmptrap", "snmp"), "-v2c", "-c", "public", f"127.0.0.1:{port}", "", LINK_DOWN, *INDEX]
    with closing(house), running(command, house.log, {**os.environ}) as process:
        wait_for(lambda: "Listening on" in house.log.read_text(), process, "systemd-socket-activate", house.log)
        subprocess.run(trap, check=True, capture_output=True)
        wait_for(lambda: house.said("logs in once"), process, "noc", house.log)
        until = time.monotonic() + 20
        while not house.ask("/events")["items"] and time.monotonic() < until:
            process.poll()
        found: Any = house.ask("/events")["items"]
        assert [event["name"] for event in found] == ["IF-MIB::linkDown"]  # the one that came before noc ran
        assert house.said(f"UDP port {port}")
