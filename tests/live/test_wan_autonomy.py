"""A region that works while it is cut off: a real centre, a real poller, a line that is cut, and mail on both sides."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.live.conftest import running
from tests.live.test_wan import all_equal, nothing_lost, now
from tests.live.wan import GROUP, Wan, wan

AWAY_S = float(os.environ.get("NOC_AWAY_S", "100"))
"""How long the centre is away. More than a minute: what comes back then is late."""

EVERY_S = min(600.0, max(AWAY_S / 3, 200.0))
"""How often a device fails while it is away for long: so seldom that it doesn't flap."""

KINDS = ("opened", "reopened", "resolved", "notified", "acknowledged")
"""Of lines of a timeline: those that are the same wherever they come to be."""

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(1200 + AWAY_S)]

AUTONOMOUS = GROUP.replace("[region/west]}", "[region/west], autonomy: true, autonomy_after: 30s}")
ALERTS = """\
alerts:
  people: {{desk: {{email: desk@example.org}}, boss: {{email: boss@example.org}}}}
  notifiers: {{email: {{host: 127.0.0.1, port: 2525, security: none, from: noc@example.org}}}}
  policies:
    standard: {{steps: [{{notify: [desk]}}, {{notify: [boss], after: {boss}}}]}}
"""


DESK, BOSS = "desk@example.org", "boss@example.org"


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

    def told(self, device: str, *names: str) -> list[tuple[str, str]]:
        """Return kind and recipient of all that was mailed about a device at these, the earliest first."""
        return [one for name in names for one in self.of_device(name, device)]

    def opened(self, name: str) -> dict[tuple[str, str], int]:
        """Return what incidents the centre or the twin ever had, and how many of each."""
        told = json.loads(self.network.noc(name, "incident", "list", "--state", "all", "--json", codes=(0, 1)))
        return Counter((one["entity"], one["rule"]) for one in told)

    def incident(self, entity: str, at: str = "centre") -> dict[str, Any]:
        """Return the centre's (the twin's) incident of an entity, with all that belongs to it; nothing: it has none."""
        told = json.loads(self.network.noc(at, "incident", "list", "--state", "all", "--json", codes=(0, 1)))
        mine = [one for one in told if one["entity"] == entity]
        if not mine:
            return {}
        assert len(mine) == 1, mine
        found: dict[str, Any] = json.loads(self.network.noc(at, "incident", "show", str(mine[0]["id"]), "--json"))
        return found


@contextmanager
def region(pollers: tuple[str, ...] = ("a",), *, twin: bool = False, boss: str = "1h") -> Iterator[Region]:
    """Run it until all devices are up; with a twin of the centre that nothing keeps from looking and calling.

    pollers: of which the first one runs. boss: after how long escalation reaches the boss.
    """
    with wan(pollers, 3) as network, ExitStack() as stack:
        config = network.folder / "centre" / "noc.yaml"
        text = config.read_text()
        assert GROUP in text
        config.write_text(text.replace(GROUP, AUTONOMOUS) + ALERTS.format(boss=boss))
        network.noc("centre", "check")
        for name in ("centre", *pollers, *(["twin"] if twin else [])):
            box: Path = network.folder / f"mail-{name}"
            server = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Mailbox", str(box)]
            listen = ["-l", "127.0.0.1:2525"]
            command = [*network.inside("field" if name == "twin" else name), *server, *listen]
            stack.enter_context(running(command, network.folder / f"mail-{name}.log"))
        network.broker.start()
        network.start("centre")
        network.start("a")
        if twin:
            config = network.folder / "twin" / "noc.yaml"
            config.write_text(config.read_text() + ALERTS.format(boss=boss))
            network.start("twin")
            network.until(lambda: network.up("twin") == 3, "devices that are up for the twin", 300.0)
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


def test_what_was_open_before_the_cut_is_escalated_by_the_region_alone() -> None:
    with region(boss="100s") as here:
        network = here.network
        network.device_off("d3")
        network.until(lambda: bool(here.of_device("centre", "d3")), "mail of the centre", 90.0)
        network.wait(10)  # its list goes to the poller
        network.cut("a")
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 1, "autonomy", 90.0)
        network.until(lambda: ("escalation", BOSS) in here.of_device("a", "d3"), "the region's second step", 150.0)
        network.until(lambda: "held" in _lines(here, "device/d3"), "that the centre leaves it to the region", 60.0)
        assert here.of_device("a", "d3") == [("escalation", BOSS)]
        assert here.of_device("centre", "d3") == [("page", DESK)]
        network.heal("a")
        network.until(lambda: "escalated" in _lines(here, "device/d3"), "what the region told", 120.0)
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 60.0)
        nothing_lost(network, "a")
        network.device_on("d3")
        network.until(lambda: len(here.of_device("centre", "d3")) == 3, "word of the end to both", 120.0)
        ends = {("resolved", DESK), ("resolved", BOSS)}
        assert {*here.of_device("centre", "d3")} == {("page", DESK), *ends}
        assert here.of_device("a", "d3") == [("escalation", BOSS)]


def test_a_window_that_was_made_during_the_cut_holds_as_soon_as_the_region_is_back() -> None:
    with region() as here:
        network = here.network
        network.cut("a")
        network.device_off("d2")
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 1, "autonomy", 90.0)
        network.until(lambda: ("page", DESK) in here.of_device("a", "d2"), "the region's call", 60.0)
        begun = network.noc("a", "incident", "show", "1", "--json")
        span = ("--from", f"{datetime.now(UTC):%Y-%m-%dT%H:00}", "--for", "10h", "--what", "a new mast")
        asked = network.noc("centre", "window", "request", "device/d2", *span, "--by", "achieng", "--json")
        number = json.loads(asked)["window"]["id"]
        approved = now()
        network.noc("centre", "window", "approve", str(number), "--by", "berta", "--why", "agreed")
        assert "window" not in json.loads(begun)["facts"]  # the region can't know
        network.heal("a")
        network.until(lambda: bool(_in_window(here.incident("device/d2"), number)), "the window to hold it", 180.0)
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 60.0)
        nothing_lost(network, "a")
        told = here.incident("device/d2")
        (line,) = _in_window(told, number)
        assert told["opened"] < approved <= line["at"]
        assert told["facts"]["window_since"] >= approved
        assert here.told("d2", "a", "centre") == [("page", DESK)]
        network.device_on("d2")
        network.until(lambda: ("resolved", DESK) in here.told("d2", "a", "centre"), "word of the end", 90.0)
        network.wait(5)
        assert here.told("d2", "a", "centre") == [("page", DESK), ("resolved", DESK)]
        assert here.opened("centre")["device/d2", "device-down"] == 1


def test_a_centre_that_is_away_costs_no_second_no_incident_and_no_call() -> None:
    with region(twin=True) as here:
        network = here.network
        begin, begun = now(), datetime.now(UTC)
        network.kill("centre")
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 1, "autonomy", 90.0)
        network.device_off("d2")
        network.until(lambda: ("page", DESK) in here.of_device("a", "d2"), "the region's call", 60.0)
        network.device_on("d2")
        network.until(lambda: ("resolved", DESK) in here.of_device("a", "d2"), "the region's word of the end", 60.0)
        network.device_off("d3")
        network.until(lambda: ("page", DESK) in here.of_device("a", "d3"), "the region's second call", 60.0)
        for name in ("a", "twin"):
            number = next(one["id"] for one in _listed(network, name) if one["entity"] == "device/d3")
            network.noc(name, "incident", "ack", str(number), "--by", "achieng")
        outages = 1
        while (left_s := AWAY_S - (datetime.now(UTC) - begun).total_seconds()) > EVERY_S * 1.5:
            network.wait(EVERY_S)
            _fails_and_is_back(here, "d2")
            outages += 1
        network.wait(max(0.0, left_s))
        waiting = network.waiting("a")
        network.start("centre")
        back = datetime.now(UTC)
        network.until(lambda: bool(here.incident("device/d3")), "what the region told", 120.0)
        joined_s = (datetime.now(UTC) - back).total_seconds()
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 60.0)
        nothing_lost(network, "a", max(120.0, AWAY_S / 4))
        drained_s = (datetime.now(UTC) - back).total_seconds()
        assert here.incident("device/d3")["acknowledged_by"] == "achieng"
        network.device_on("d3")
        network.until(
            lambda: ("resolved", DESK) in here.of_device("centre", "d3"), "the centre's word of the end", 90.0
        )
        network.until(lambda: ("resolved", DESK) in here.of_device("twin", "d3"), "the twin's", 90.0)
        network.wait(10)
        end = now()
        all_equal(network, begin, end, outages={"d2": outages})
        for device in ("d1", "d2", "d3"):
            assert here.told(device, "a", "centre") == here.told(device, "twin"), device
        assert (
            here.opened("centre")
            == here.opened("twin")
            == {(f"device/{one}", "device-down"): 1 for one in ("d2", "d3")}
        )
        for device in ("d2", "d3"):
            kinds, true = (_kinds(here.incident(f"device/{device}", at)) for at in ("centre", "twin"))
            assert kinds == true, device
            assert (kinds["opened"], kinds["notified"]) == (1, len(here.told(device, "twin")))
    away_s = (back - begun).total_seconds()
    sys.stdout.write(
        f"\nthe centre was away for {away_s:.0f} s: {waiting:.0f} frames waited, knew of the region's incidents after"
        f" {joined_s:.0f} s and had all after {drained_s:.0f} s\n"
    )


def test_a_broker_that_is_killed_twice_costs_no_incident_and_no_call() -> None:
    with region() as here:
        network = here.network
        links = network.metrics("a")["noc_poller_links_total"]
        network.broker.kill()
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 1, "autonomy", 120.0)
        network.device_off("d2")
        network.until(lambda: ("page", DESK) in here.of_device("a", "d2"), "the region's call", 60.0)
        network.broker.start()
        network.until(lambda: network.metrics("a").get("noc_poller_links_total", 0) > links, "the link", 120.0)
        network.broker.kill()  # while it tells, or before
        network.wait(3)
        network.broker.start()
        network.until(lambda: bool(here.incident("device/d2")), "what the region told", 120.0)
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 60.0)
        nothing_lost(network, "a")
        network.device_on("d2")
        network.until(
            lambda: ("resolved", DESK) in here.of_device("centre", "d2"), "the centre's word of the end", 90.0
        )
        assert here.told("d2", "a", "centre") == [("page", DESK), ("resolved", DESK)]
        assert here.opened("centre")["device/d2", "device-down"] == 1


@pytest.mark.parametrize("what", ["lines", "broker"])
def test_two_with_one_identity_that_were_cut_off_are_silenced_and_one_tale_is_taken(what: str) -> None:
    with region(("a", "b")) as here:
        network = here.network
        _part(network, what)
        network.stop("a")
        for file in ("identity.json", "poller.yaml"):
            shutil.copy2(network.folder / "a" / file, network.folder / "b" / file)
        shutil.copytree(network.folder / "a" / "state", network.folder / "b" / "state")
        for name in ("a", "b"):
            network.start(name)
        for name in ("a", "b"):
            network.until(lambda name=name: network.metrics(name).get("noc_poller_alone") == 1, "autonomy", 180.0)  # type: ignore[misc]
        network.device_off("d2")
        for name in ("a", "b"):  # neither can know of the other
            network.until(lambda name=name: bool(here.of_device(name, "d2")), f"the call of {name}", 60.0)  # type: ignore[misc]
        _join(network, what)
        network.until(lambda: network.pollers_now()["a"]["state"] == "quarantined", "quarantine", 180.0)
        network.until(lambda: ("poller/a", "poller-cloned") in here.opened("centre"), "word of it", 120.0)
        network.kill("b")
        network.noc("centre", "pollers", "release", "a")
        network.until(lambda: network.metrics("a").get("noc_poller_alone") == 0, "the end of autonomy", 120.0)
        nothing_lost(network, "a")
        assert here.opened("centre")["device/d2", "device-down"] == 1
        network.device_on("d2")
        network.until(
            lambda: ("resolved", DESK) in here.of_device("centre", "d2"), "the centre's word of the end", 90.0
        )
        assert here.told("d2", "a", "b", "centre") == [("page", DESK), ("page", DESK), ("resolved", DESK)]


def _part(network: Wan, what: str) -> None:
    """Let nothing come from any poller to the centre: by their lines, or by the broker."""
    if what == "broker":
        network.broker.kill()
        return
    for name in network.pollers:
        network.cut(name)


def _join(network: Wan, what: str) -> None:
    if what == "broker":
        network.broker.start()
        return
    for name in network.pollers:
        network.heal(name)


def _listed(network: Wan, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(network.noc(name, "incident", "list", "--json", codes=(0, 1)))
    return found


def _fails_and_is_back(here: Region, device: str) -> None:
    """Take a device away until the region and the twin called somebody, and give it back until both told of its end."""
    for act, told in ((here.network.device_off, ("page", DESK)), (here.network.device_on, ("resolved", DESK))):
        known = {name: len(here.of_device(name, device)) for name in ("a", "twin")}
        act(device)
        for name, before in known.items():
            _until_told(here, name, device, before, told)


def _until_told(here: Region, name: str, device: str, before: int, told: tuple[str, str]) -> None:
    here.network.until(lambda: told in here.of_device(name, device)[before:], f"{told} of {device} at {name}", 120.0)


def _lines(here: Region, entity: str) -> list[str]:
    return [line["kind"] for line in here.incident(entity)["timeline"]]


def _in_window(incident: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Return the lines that say that a window holds an incident back."""
    facts = {"why": "window", "window": number}
    return [one for one in incident.get("timeline", ()) if facts.items() <= one["facts"].items()]


def _kinds(incident: dict[str, Any]) -> Counter[str]:
    return Counter(line["kind"] for line in incident["timeline"] if line["kind"] in KINDS)
