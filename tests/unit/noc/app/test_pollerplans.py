"""Plans at a poller: sealed on disk, open in memory alone, and a broken one changes nothing."""

from __future__ import annotations

import asyncio
import base64
import re
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from noc.app import pollerplan, pollerplans
from noc.app.pollerplan import PollerPlan
from noc.app.pollerplans import PollerPlans
from noc.bus import plans
from noc.bus.identity import Identity
from noc.bus.plans import PlanText
from noc.bus.sealing import new_key
from noc.model.errors import NocError
from noc.wire.icmp import PingerError

KEY = new_key()
SETTINGS = b"""\
credentials:
  standard: {snmp: {version: 2c, community: !secret file:secrets/1}}
defaults: {credentials: standard, interval: 60s, poll_interval: 300s}
polling: {poller: nbo-1}
pollers: {groups: {africa: {scope: [region/here], budget: 5000000}}}
"""
INVENTORY = b"""\
regions: {here: {name: Here}}
sites: {nairobi: {region: here, class: field}}
devices:
  nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router, liveness: snmp}
"""
FILES = {"noc.yaml": SETTINGS, "inventory/all.yaml": INVENTORY, "secrets/1": b"correct horse\n"}


def identity(key: bytes = KEY) -> Identity:
    text = base64.b64encode(key).decode()
    return Identity(
        poller="nbo-1", group="africa", centre="c", host="192.0.2.9", port=1, user="", password="", key=text
    )


def sealed(files: dict[str, bytes], key: bytes = KEY) -> bytes:
    return plans.written(PlanText("nbo-1", 7, "1.0", files), key)


class Room:
    """A poller's plans, and which of them were put to use."""

    def __init__(self, folder: Path) -> None:
        self.used: list[PollerPlan] = []
        self.changed = asyncio.Event()
        self.folder = folder
        self.plans = PollerPlans(identity(), folder, self._use)
        self.refuses: NocError | None = None

    async def _use(self, plan: PollerPlan) -> bool:
        if self.refuses is not None:
            raise self.refuses
        self.used.append(plan)
        self.changed.set()
        return False

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)

    def open_files(self) -> list[Path]:
        """Return the files of plans that lie open below the state folder or its memory."""
        return [path for path in self.folder.rglob("*") if path.is_file() and "noc-plan-" in str(path)]


@pytest.fixture(autouse=True)
def in_reach(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have the memory of plans in this test's folder, and profiles compiled here."""
    memory = tmp_path / "state" / "memory"
    memory.mkdir(parents=True)
    monkeypatch.setattr(pollerplan, "_IN_MEMORY", memory)
    monkeypatch.setattr(pollerplans, "_compile_profiles", _nothing)


async def _nothing(_: Path) -> None:
    return None


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    room = Room(tmp_path / "state")
    await room.plans.start()
    yield room
    await room.plans.stop()
    assert room.open_files() == []


async def test_a_plan_is_put_to_use_and_is_there_after_a_restart(room: Room) -> None:
    assert room.plans.digest == ""
    room.plans.come(sealed(FILES))
    await room.until((room.folder / pollerplan.FILE).exists)
    [plan] = room.used
    assert list(plan.inventory.devices) == ["nbo-rtr-1"]
    assert (plan.budget, plan.made_ms, plan.settings.polling.poller) == (5_000_000, 7, "nbo-1")
    assert plan.members is None
    assert plan.settings.state_dir == room.folder.absolute()
    assert {check.kind for check in plan.plan.checks()} == {"uptime", "snmp"}
    await room.plans.stop()
    again = Room(room.folder)
    await again.plans.start()
    assert again.plans.digest == room.plans.digest == plans.digest(FILES)
    await again.plans.stop()
    await room.plans.start()


async def test_no_credential_lies_open_on_disk(room: Room) -> None:
    room.plans.come(sealed(FILES))
    kept = room.folder / pollerplan.FILE
    await room.until(lambda: kept.exists() and room.open_files() == [])
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert all(b"correct horse" not in path.read_bytes() for path in room.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"nonsense", "its version is"),
        (sealed(FILES, new_key()), "wasn't sealed for nbo-1 with this key"),
        (plans.written(PlanText("nbo-2", 7, "1.0", FILES), KEY), "wasn't sealed for nbo-1"),
        (sealed({**FILES, "inventory/all.yaml": b"devices: {x: {site: nowhere}}\n"}), "error, see the log|errors, see"),
        (sealed({**FILES, "noc.yaml": b"polling: {poler: x}\n"}), "error"),
        (sealed({"noc.yaml": SETTINGS, "inventory/all.yaml": INVENTORY}), "secrets/1"),
    ],
)
async def test_a_plan_that_cannot_be_used_leaves_the_last_good_one(room: Room, octets: bytes, why: str) -> None:
    room.plans.come(sealed(FILES))
    await room.until((room.folder / pollerplan.FILE).exists)
    room.plans.come(octets)
    await room.until(lambda: room.plans.failing is not None)
    assert room.plans.failing is not None
    assert re.search(why, room.plans.failing), room.plans.failing
    assert len(room.used) == 1
    assert (room.folder / pollerplan.FILE).read_bytes() != octets
    room.plans.come(sealed({**FILES, "inventory/all.yaml": INVENTORY.replace(b"rtr-1", b"rtr-2")}))
    await room.until(lambda: len(room.used) == 2)
    assert room.plans.failing is None


async def test_a_plan_that_this_machine_cannot_do_leaves_the_last_good_one(room: Room) -> None:
    room.plans.come(sealed(FILES))
    await room.until((room.folder / pollerplan.FILE).exists)
    before = room.plans.digest
    room.refuses = PingerError("it may not send ICMP")
    room.plans.come(sealed({**FILES, "inventory/all.yaml": INVENTORY.replace(b"rtr-1", b"rtr-2")}))
    await room.until(lambda: room.plans.failing is not None)
    assert (room.plans.failing, room.plans.digest) == ("it may not send ICMP", before)


async def test_what_a_killed_poller_left_open_is_removed(tmp_path: Path) -> None:
    room = Room(tmp_path / "state")
    await room.plans.start()
    room.plans._unpacked.put(PlanText("nbo-1", 7, "1.0", FILES))
    assert room.open_files()
    again = Room(tmp_path / "state")
    await again.plans.start()
    assert again.open_files() == []
    await again.plans.stop()


async def test_the_same_plan_again_changes_nothing(room: Room) -> None:
    for _ in range(2):
        room.plans.come(sealed(FILES))
        await room.until(lambda: bool(room.plans.digest))
    members = {"inventory/all.yaml": INVENTORY.replace(b"rtr-1", b"rtr-2"), "pollers.txt": b"nbo-1\nnbo-2"}
    room.plans.come(sealed({**FILES, **members}))
    await room.until(lambda: len(room.used) == 2)
    assert room.used[1].members == frozenset({"nbo-1", "nbo-2"})
    assert room.used[1].ground == room.used[0].ground
    assert [list(one.inventory.devices) for one in room.used] == [["nbo-rtr-1"], ["nbo-rtr-2"]]
