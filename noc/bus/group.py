"""Who else polls what a poller polls, as presences tell. Pure, given the time.

Who isn't heard any more is gone after a while, also where the broker couldn't say so. While a poller itself is cut off
it knows nothing of the others, and goes by what it knew: that two ask one device does no harm, that nobody does would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from noc.bus.messages import Presence
from noc.bus.rhythm import LOST_AFTER_S
from noc.bus.shares import Member

CLONE: Final = "another process says that it is this poller"


@dataclass(slots=True)
class _Known:
    member: Member
    heard_s: float
    calls: bool = False


class Group:
    """The others of a poller's group. poller, boot: of itself, boot in hexadecimal; started_us: when it was started, by
    its clock, microseconds of the Unix epoch.

    lost_after_s: who says nothing for so long is gone. clones: boots of processes that have this poller's identity,
    beside it. A broker has one connection of a name, so they are never there at one moment: each finds on its return
    that somebody else was there.
    """

    def __init__(self, poller: str, group: str, boot: str, started_us: int = 0) -> None:
        self._poller = poller
        self._group = group
        self._boot = boot
        self._started_us = started_us
        self._links = 0
        self._before: set[str] = set()
        self._known: dict[str, _Known] = {}
        self._cut_s: float | None = None
        self.clones: set[str] = set()
        self.lost_after_s = LOST_AFTER_S

    def hear(self, said: Presence, now_s: float, *, retained: bool) -> bool:
        """Take a presence; return whether who is there, or for how long, has changed by it."""
        if said.poller == self._poller:
            self._hear_of_us(said, retained=retained)
            return False
        if said.group != self._group and said.poller not in self._known:
            return False
        before = self._known.get(said.poller)
        member = _member(said) if said.group == self._group else None
        if member is None:
            return self._known.pop(said.poller, None) is not None
        self._known[said.poller] = _Known(member, now_s, said.alone_ms is not None)
        return before is None or before.member != member

    def _hear_of_us(self, said: Presence, *, retained: bool) -> None:
        """Take a presence in this poller's name. What stands there at its first link is of the process before it."""
        if said.boot in ("", self._boot):
            return
        if retained and self._links <= 1 and (said.state == "gone" or said.sent_us <= self._started_us):
            self._before.add(said.boot)
        elif said.boot not in self._before or (said.state != "gone" and said.sent_us > self._started_us):
            self.clones.add(said.boot)

    def cut(self, now_s: float) -> None:
        """Say that the link is gone: what is known stays as it is."""
        if self._cut_s is None:
            self._cut_s = now_s

    def linked(self, now_s: float) -> None:
        """Say that the link is there: the others have their time anew to say that they are."""
        self._links += 1
        if self._cut_s is not None:
            self._cut_s = None
            for one in self._known.values():
                one.heard_s = now_s

    def others(self, now_s: float) -> tuple[Member, ...]:
        """Return who else is there, by name; who wasn't heard for too long is forgotten."""
        if self._cut_s is None:
            for name in [name for name, one in self._known.items() if now_s - one.heard_s >= self.lost_after_s]:
                del self._known[name]
        return tuple(self._known[name].member for name in sorted(self._known))

    def calling(self) -> frozenset[str]:
        """Return who of the others says that it calls people by itself."""
        return frozenset(name for name, one in self._known.items() if one.calls)

    def next_loss_s(self) -> float | None:
        """Return when the next one counts as gone, if it says nothing; None: nobody does."""
        if self._cut_s is not None:
            return None
        return min((one.heard_s + self.lost_after_s for one in self._known.values()), default=None)


def _member(said: Presence) -> Member | None:
    """Return the share that somebody takes; None: it takes none."""
    if said.state == "here" and said.from_ms is not None:
        return Member(said.poller, said.from_ms)
    if said.state == "draining" and said.from_ms is not None and said.until_ms is not None:
        return Member(said.poller, said.from_ms, said.until_ms)
    return None
