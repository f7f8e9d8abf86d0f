"""The daemon judges what devices send: failed log-ins over real syslog become an incident, over a kill too."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import free_udp_port
from tests.live.house import House, noc

pytestmark = pytest.mark.live

RECEIVING = """\
receivers: {{trap: {{listen: ["127.0.0.1:{trap}"]}}, syslog: {{udp: ["127.0.0.1:{syslog}"]}}}}
rules: rules
"""
RULE = """\
# Three log-ins that fail.
kind: event
summary: Log-ins fail here
severity: minor
owner: security desk
match: {classes: [authentication], pattern: 'Failed password'}
count: 3
within: 10m
"""


class Listening(House):
    """A house whose daemon receives syslog, and has a rule of its own for it."""

    def __init__(self, folder: Path) -> None:
        self.trap, self.syslog = free_udp_port(), free_udp_port()
        super().__init__(folder, more=RECEIVING.format(trap=self.trap, syslog=self.syslog))
        (folder / "rules").mkdir()
        (folder / "rules" / "three-failures.yaml").write_text(RULE)

    def fails(self, user: str) -> None:
        line = f"<38>1 2026-11-21T10:00:00Z agent sshd 7 - - Failed password for {user} from 10.0.0.9 port 4 ssh2"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(line.encode(), ("127.0.0.1", self.syslog))

    def opened(self) -> list[dict[str, Any]]:
        found: Any = self.ask("/incidents")["items"]
        return [one for one in found if one["rule"] == "three-failures"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Listening]:
    house = Listening(tmp_path)
    yield house
    house.close()


def test_failed_log_ins_become_an_incident_also_over_a_restart(house: Listening) -> None:
    house.agent_on()
    house.start()
    for number, user in enumerate(("root", "admin"), 1):
        house.fails(user)
        house.until(lambda number=number: len(house.ask("/events")["items"]) == number, "the event")  # type: ignore[misc]
    assert house.opened() == []
    house.stop(signal.SIGKILL)
    house.start()
    house.fails("oracle")
    house.until(lambda: len(house.opened()) == 1, "the incident of the third")
    (one,) = house.opened()
    wanted = {
        "events": 3,
        "user": "oracle",
        "from": "10.0.0.9",
        "owner": "security desk",
        "summary": "Log-ins fail here",
    }
    assert {name: one["facts"][name] for name in wanted} == wanted
    assert one["entity"] == "device/agent"


def test_rules_are_listed_and_tried_at_the_command_line(house: Listening) -> None:
    listed = noc(house, "rules", "list", "--json")
    assert listed.returncode == 0
    assert '"name": "three-failures"' in listed.stdout
    bare = noc(house, "rules", "test", "three-failures")
    assert bare.returncode == 1
    assert "1 rule without: three-failures" in bare.stdout
