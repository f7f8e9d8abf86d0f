"""Walls made of real kernels: a router between two networks that forbids, drops, or lets through.

Needs root and iproute2. The router is a network namespace; policies of routing make its answers, port by port.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.app.check import check
from noc.app.segmentation import BROKEN, Segmentation, segmentation_of
from noc.cli import main
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.incident import RuleTransition
from noc.model.present import StatusNow
from noc.model.samples import Samples
from noc.state.database import Database
from noc.wire.icmp import Pinger, PingerError
from noc.wire.knock import knock
from tests.live.conftest import find_program
from tests.surroundings import leave_out

pytestmark = pytest.mark.live

HERE, ROUTER, THERE = "10.251.1.1", "10.251.1.254", "10.251.2.1"
HERE6, ROUTER6, THERE6 = "fd00:251:1::1", "fd00:251:1::fe", "fd00:251:2::1"
FORBIDDEN, DROPPED, CLOSED, NO_WAY = 22, 23, 25, 24
RULES = ((FORBIDDEN, "prohibit"), (DROPPED, "blackhole"), (NO_WAY, "unreachable"))

SETTINGS = f"""\
state_dir: state
credentials: {{standard: {{snmp: {{version: 2c, community: !secret env:COMMUNITY}}}}}}
defaults: {{credentials: standard}}
segmentation:
  segments: {{field: {{networks: [{HERE}/32]}}, management: {{networks: [10.251.2.0/24]}}}}
  statements:
    forbidden: {{from: field, must_not_reach: management, ports: [{FORBIDDEN}], targets: [{THERE}]}}
    dropped: {{from: field, must_not_reach: management, ports: [{DROPPED}]}}
    closed: {{from: field, must_not_reach: management, ports: [{CLOSED}], owner: achieng}}
    echo: {{from: field, must_not_reach: management, icmp: true}}
"""
INVENTORY = (
    "regions: {africa: {}}\n"
    "sites: {nairobi: {region: africa, class: rtc}}\n"
    f"devices: {{server: {{site: nairobi, address: {THERE}, class: server}}}}\n"
)


def told(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def wall() -> Iterator[str]:
    """A router of our own, with a network behind it; returns the name of its namespace."""
    if os.geteuid() != 0:
        leave_out("network namespaces", "only root can make them")
    ip = find_program("ip", "iproute2")
    router, host = f"noc-wall-{os.getpid()}", f"noc-behind-{os.getpid()}"
    inside = (
        (router, "wall1", f"{ROUTER}/24", f"{ROUTER6}/64"),
        (router, "wall2", "10.251.2.254/24", "fd00:251:2::fe/64"),
    )
    try:
        told(ip, "netns", "add", router)
        told(ip, "netns", "add", host)
        told(ip, "link", "add", "nocwall0", "type", "veth", "peer", "name", "wall1", "netns", router)
        told(ip, "-n", router, "link", "add", "wall2", "type", "veth", "peer", "name", "eth0", "netns", host)
        for space, link, four, six in (*inside, (host, "eth0", f"{THERE}/24", f"{THERE6}/64")):
            told(ip, "-n", space, "addr", "add", four, "dev", link)
            told(ip, "-n", space, "addr", "add", six, "dev", link, "nodad")
            told(ip, "-n", space, "link", "set", link, "up")
        told(ip, "addr", "add", f"{HERE}/24", "dev", "nocwall0")
        told(ip, "addr", "add", f"{HERE6}/64", "dev", "nocwall0", "nodad")
        told(ip, "link", "set", "nocwall0", "up")
        for forward in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            told(ip, "netns", "exec", router, "sysctl", "-qw", f"{forward}=1")
        told(ip, "route", "add", "10.251.2.0/24", "via", ROUTER)
        told(ip, "-6", "route", "add", "fd00:251:2::/64", "via", ROUTER6)
        told(ip, "-n", host, "route", "add", "default", "via", "10.251.2.254")
        told(ip, "-n", host, "-6", "route", "add", "default", "via", "fd00:251:2::fe")
        for port, verb in RULES:
            for family, to in (("-4", "10.251.2.0/24"), ("-6", "fd00:251:2::/64")):
                rule = ("pref", str(port), "ipproto", "tcp", "dport", str(port), "to", to, verb)
                told(ip, "-n", router, family, "rule", "add", *rule)
        yield router
    finally:
        subprocess.run([ip, "link", "del", "nocwall0"], check=False, capture_output=True)
        for space in (router, host):
            subprocess.run([ip, "netns", "del", space], check=False, capture_output=True)


@pytest.mark.usefixtures("wall")
@pytest.mark.parametrize(("here", "router", "there"), [(HERE, ROUTER, THERE), (HERE6, ROUTER6, THERE6)])
async def test_the_kernels_answers_say_who_gave_them(here: str, router: str, there: str) -> None:
    assert await knock(there, FORBIDDEN, 5) == ("prohibited", here, router)
    assert await knock(there, CLOSED, 5) == ("reset", here, there)
    assert await knock(there, DROPPED, 1.5) == ("silent", here, "")
    no_way = await knock(there, NO_WAY, 5)
    assert (no_way.answer, no_way.by) == ("unreachable", router)


class World:
    """The service on real sockets. seen_up: whether noc sees that the device behind the wall is up."""

    def __init__(self, folder: Path, pinger: Pinger) -> None:
        checked = check(folder / "noc.yaml", {"COMMUNITY": "public"})
        assert checked.settings is not None, checked.findings
        assert checked.inventory is not None
        self.changes: list[RuleTransition] = []
        self.samples: list[Samples] = []
        self.seen_up = False
        self.inventory: Inventory = checked.inventory
        self.database = Database(folder / "state" / "noc.db")
        self.service: Segmentation = segmentation_of(
            *(checked.settings.segmentation, self.database, SystemClock(), lambda: self.inventory, "centre"),
            *(pinger.burst, lambda _: StatusNow("up" if self.seen_up else "unknown")),
            *(self.changes.extend, self.samples.extend),
        )


async def proved(folder: Path, *, seen_up: bool) -> list[tuple[str, str, object]]:
    """Prove once; return what was raised: rule, entity, answer."""
    pinger = Pinger()
    try:
        await pinger.start()
    except PingerError as error:
        leave_out("icmp", str(error))
    world = World(folder, pinger)
    world.seen_up = seen_up
    await world.database.start()
    try:
        await world.service.work()
    finally:
        await world.database.stop()
        await pinger.stop()
    return sorted((one.rule, one.entity, one.facts["answer"]) for one in world.changes)


@pytest.mark.usefixtures("wall")
def test_statements_are_proved_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noc.yaml").write_text(SETTINGS)
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "all.yaml").write_text(INVENTORY)
    monkeypatch.setenv("COMMUNITY", "public")
    assert asyncio.run(proved(tmp_path, seen_up=True)) == [
        (BROKEN, "segment/closed", "reset"),
        (BROKEN, "segment/echo", "echo"),
    ]
    monkeypatch.setattr(sys, "argv", ["noc", "segmentation", "--json", "-c", str(tmp_path / "noc.yaml")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    shown = {one["statement"]: one for one in json.loads(capsys.readouterr().out)}
    verdicts = {name: (one["verdict"], one["last"]["answer"], one["last"]["by"]) for name, one in shown.items()}
    assert verdicts == {
        "forbidden": ("held", "prohibited", ROUTER),
        "dropped": ("held", "dropped", ""),
        "closed": ("broken", "reset", THERE),
        "echo": ("broken", "echo", ""),
    }
    monkeypatch.setattr(sys, "argv", ["noc", "segmentation", "-c", str(tmp_path / "noc.yaml")])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main()
    page = capsys.readouterr()
    assert f"{HERE} to {THERE} port {FORBIDDEN}: prohibited by {ROUTER}" in page.out
    assert f"closed: {HERE} to {THERE} port {CLOSED}: reset, seen by poller/centre at " in page.err
