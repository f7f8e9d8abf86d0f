"""Recordings of agents: polls one as the daemon would, makes one of a real agent."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.snmp import SnmpTarget, collect
from noc.clock import Clock
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import GENERIC
from noc.model.errors import ReachError, UsageError
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot
from noc.simulator.masking import LEFT_OUT, Masking
from noc.simulator.objects import Object
from noc.simulator.recorded import COMMUNITY, serving
from noc.simulator.recording import Recording, parse
from noc.wire.ber_values import Oid
from noc.wire.snmp import Agent, Community
from noc.wire.walk import walk

DEADLINE_S: Final = 60.0
WHOLE: Final[Oid] = (1, 3, 6, 1)
LLDP: Final[Oid] = (1, 0, 8802)
IEEE_802: Final[Oid] = (1, 2, 840, 10006)
"""Link aggregation."""
TOLD_EVERY: Final = 1000


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording an agent.

    objects: masked. left_out: how many tables; masked: how many objects; cut: why it is not whole.
    """

    objects: tuple[Object, ...]
    left_out: int
    masked: int
    cut: str | None


def read_recording(path: Path) -> Recording:
    """Return a recording. Raises UsageError where it can't be read, InputError where it is none."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return parse(text, path.stem, str(path))


def own_recordings() -> Path:
    """Return the folder of the recordings that come with noc: `noc/shipped/recordings` of a wheel, else the tests'."""
    package = Path(__file__).resolve().parent.parent
    in_wheel = package / "shipped" / "recordings"
    return in_wheel if in_wheel.is_dir() else package.parent / "tests" / "walks"


def find_recordings(folder: Path) -> list[Path]:
    """Return the recordings of a folder, or of its subfolder `snmprec`. Raises UsageError where there is none."""
    found = sorted(folder.glob("*.snmprec")) or sorted((folder / "snmprec").glob("*.snmprec"))
    if not found:
        raise UsageError(f"{folder}: no recordings (*.snmprec) there; make one with `noc profile record ADDRESS`")
    return found


async def poll(recording: Recording, profiles: Mapping[str, Profile], clock: Clock) -> Snapshot:
    """Return what noc reads of a recording, over UDP on loopback, by the collector that polls.

    Raises ReachError where it reads nothing.
    """
    async with serving(recording) as port:
        agent = Agent("127.0.0.1", Community(COMMUNITY), port)
        reading = await collect(SnmpTarget(agent, DEADLINE_S), profiles, clock, "recording")
    if reading.failure is not None:
        raise ReachError(f"{recording.name}: {reading.failure.reason}")
    return snapshot(reading, profiles[reading.snmp.profile if reading.snmp else GENERIC])


async def record(
    agent: Agent,
    roots: tuple[Oid, ...],
    max_objects: int,
    deadline_s: float,
    told: Callable[[int], None],
    serials: Sequence[Oid] = (),
) -> Recorded:
    """Walk an agent and mask what it should not tell; what is left out is not asked for.

    told: is given the number of objects now and then. serials: objects of vendors whose text keeps but its shape.

    Raises WireError where the agent gives nothing at all; what was read before it fell silent is kept.
    """
    rows: dict[Oid, Object] = {}
    cut: str | None = None
    try:
        async with asyncio.timeout(deadline_s):
            for root in roots:
                async for oid, tag, value in walk(agent, root, LEFT_OUT):
                    rows[oid] = Object(oid, tag, value)
                    if len(rows) % TOLD_EVERY == 0:
                        told(len(rows))
                    if len(rows) >= max_objects:
                        cut = f"{max_objects} objects are enough (--max-objects)"
                        break
                if cut:
                    break
    except TimeoutError:
        cut = f"the deadline of {deadline_s:g} s has passed (--deadline)"
    except ReachError as error:
        if not rows:
            raise
        cut = str(error)
    hidden = [agent.credentials.community] if isinstance(agent.credentials, Community) else [agent.credentials.name]
    masking = Masking(secrets.token_bytes(16), tuple(text.encode() for text in (*hidden, agent.address)), serials)
    objects = tuple(masking.masks(list(rows.values())))
    return Recorded(objects, masking.left_out, masking.masked, cut)
