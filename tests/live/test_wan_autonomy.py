"""A region that works while it is cut off: a real centre, a real poller, a line that is cut, and mail on both sides."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import running
from tests.live.wan import GROUP, Wan, wan

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(900)]

AUTONOMOUS = GROUP.replace("[region/west]}", "[region/west], autonomy: true, autonomy_after: 30s}")
ALERTS = """\
alerts:
  people: {desk: {email: desk@example.org}, boss: {email: boss@example.org}}
  notifiers: {email: {host: 127.0.0.1, port: 2525, security: none, from: noc@example.org}}
  policies:
    standard: {steps: [{notify: [desk]}, {notify: [boss], after: 1h}]}
"""


class Region:
    """A network whose centre and poller have a mail server each."""

    def __init__(self, network: Wan) -> None:
        self.network = network

    def mails(self, name: str) -> list[tuple[str, str, str]]:
        """Return kind, recipient and subject of what was mailed at the centre, or at a poller, in order."""
        folder = self.network.folder / f"mail-{name}" / "new"
        paths = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns) if folder.exists() else []
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
        return [(str(one["X-Noc-Kind"]), str(one["To"]), str(one["Subject"])) for one in found]

    def of_device(self, name: str, device: str) -> list[tuple[str, str]]:
        """Return kind and recipient of mails about a device."""
        return [(kind, to) for kind, to, subject in self.mails(name) if f"{device} " in f"{subject} "]

    def incident(self, entity: str) -> dict[str, Any]:
        """Return the centre's newest incident of an entity, with all that belongs to it; nothing where it has none."""
        told = json.loads(self.network.noc("centre", "incident", "list", "--state", "all", "--json", codes=(0, 1)))
        mine = [one for one in told if one["entity"] == entity]
        if not mine:
            return {}
        assert len(mine) == 1, mine
        found: dict[str, Any] = json.loads(self.network.noc("centre", "incident", "show", str(mine[0]["id"]), "--json"))
        return found


@contextmanager
def region() -> Iterator[Region]:
    with wan(("a",), 3) as network, ExitStack() as stack:
        config = network.folder / "centre" / "noc.yaml"
        text = config.read_text()
        assert GROUP in text
        config.write_text(text.replace(GROUP, AUTONOMOUS) + ALERTS)
        network.noc("centre", "check")
        for name in ("centre", "a"):
            box: Path = network.folder / f"mail-{name}"
            server = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Mailbox", str(box)]
            listen = ["-l", "127.0.0.1:2525"]
            command = [*network.inside(name), *server, *listen]
            stack.enter_context(running(command, network.folder / f"mail-{name}.log"))
        network.broker.start()
        network.start("centre")
        network.start("a")
        network.until(lambda: network.up("centre") == 3, "devices that are up", 300.0)
        network.until(lambda: network.metrics("a").get("noc_poller_autonomous") == 1, "rooms at the poller", 300.0)
        yield Region(network)


def test_a_region_calls_its_desk_once_and_the_centre_goes_on_from_there() -> None:
    with region() as here:
        network = here.network
        network.cut("a")
        network.wait(5)
        network.device_off("d2")
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 1, "autonomy", 90.0)
        network.until(lambda: bool(here.of_device("a", "d2")), "mail of the region", 60.0)
        assert here.of_device("a", "d2") == [("page", "desk@example.org")]
        assert here.of_device("centre", "d2") == []
        assert "device/d2" in network.noc("a", "incident", "list")
        network.noc("a", "incident", "ack", "1", "--by", "achieng")
        network.heal("a")
        network.until(lambda: bool(here.incident("device/d2")), "the incident at the centre", 120.0)
        told = here.incident("device/d2")
        assert told["acknowledged_by"] == "achieng"
        assert [(one["person"], one["kind"], one["state"]) for one in told["notices"]] == [("desk", "page", "sent")]
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 60.0)
        network.until(lambda: network.waiting("a") == 0, "that nothing waits", 90.0)
        network.device_on("d2")
        network.until(lambda: here.incident("device/d2")["state"] == "resolved", "the end at the centre", 90.0)
        network.until(lambda: bool(here.of_device("centre", "d2")), "mail of the end", 60.0)
        assert here.of_device("centre", "d2") == [("resolved", "desk@example.org")]
        assert here.of_device("a", "d2") == [("page", "desk@example.org")]
        assert here.incident("device/d2")["opened"] == told["opened"]


def test_what_the_centre_called_before_the_cut_is_not_called_again_and_ends_with_the_region() -> None:
    with region() as here:
        network = here.network
        network.device_off("d3")
        network.until(lambda: bool(here.of_device("centre", "d3")), "mail of the centre", 90.0)
        network.wait(10)  # its list goes to the poller
        network.cut("a")
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 1, "autonomy", 90.0)
        network.wait(5)
        assert here.of_device("a", "d3") == []
        network.device_on("d3")
        network.until(lambda: bool(here.of_device("a", "d3")), "mail of the region", 60.0)
        assert here.of_device("a", "d3") == [("resolved", "desk@example.org")]
        network.heal("a")
        network.until(lambda: here.incident("device/d3")["state"] == "resolved", "the end at the centre", 120.0)
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 60.0)
        network.wait(5)
        assert here.of_device("centre", "d3") == [("page", "desk@example.org")]  # of its end the region told
