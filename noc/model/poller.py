"""Remote pollers as the centre knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PollerState = Literal["never", "here", "draining", "gone"]
"""never: enrolled, and not heard of yet. draining: it gives up its share, by order. gone: the broker lost it."""


@dataclass(frozen=True, slots=True)
class RemotePoller:
    """What is known of a poller. Times: milliseconds of the Unix epoch; offset and error: microseconds.

    since_ms: when its state began. seen_ms: when it was last heard. waiting: frames on its disk that the centre has not
    got, oldest_ms: of when the oldest is. offset_us: how far its clock is ahead; None: not known. plan: the digest of
    the plan that it goes by. quarantine: why nothing is taken from it; empty: it is. drain: it was asked to give up its
    share. readings, events: taken since the centre started; refused: of what it may not speak of. alone_ms: since when
    it calls people by itself, because it doesn't hear the centre; None: it doesn't.
    """

    name: str
    group: str
    state: PollerState = "never"
    boot: str = ""
    version: str = ""
    since_ms: int = 0
    seen_ms: int | None = None
    waiting: int = 0
    oldest_ms: int | None = None
    offset_us: int | None = None
    error_us: int | None = None
    plan: str = ""
    quarantine: str = ""
    drain: bool = False
    readings: int = 0
    events: int = 0
    refused: int = 0
    alone_ms: int | None = None

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"poller/{self.name}"


@dataclass(frozen=True, slots=True)
class PollerNow:
    """A poller at this moment. devices, endpoints: how many it asks. blind_ms: since when nobody asks those of its
    group.
    """

    known: RemotePoller
    devices: int = 0
    blind_ms: int | None = None
    endpoints: int = 0
