"""What the rooms of an autonomous poller take of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

LIST: Final = "incidents.bin"
"""The file of the centre's open incidents, as they came."""


@dataclass(frozen=True, slots=True)
class Line:
    """publish: sends a tale, as the budget allows; raises WireError. hold_frames: keeps frames back, go_on: lets them
    go. speak: has others told what this poller is. may_call: whether it holds its group. take_all: whether it asks all
    of the group. ahead_ms: how far its clock is ahead of the centre's. look: has a check run now, by its key, and
    returns whether there is one.
    """

    publish: Callable[[bytes], Awaitable[None]]
    hold_frames: Callable[[], Awaitable[None]]
    go_on: Callable[[], None]
    speak: Callable[[], None]
    may_call: Callable[[], bool]
    take_all: Callable[[bool], None]
    ahead_ms: Callable[[], int]
    look: Callable[[str], bool]
