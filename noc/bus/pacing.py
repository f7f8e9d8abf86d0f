"""How much may cross a poller's link, and when: a token bucket that counts everything. Pure, given the time.

Each message is reckoned when it goes or comes, so that no more is sent than may be. Where the kernel counts what the
connection really took (noc.wire.tcpinfo), its count takes the place of the reckoning, at each presence and when nothing
is under way: with retransmissions, acknowledgements of TCP, and the handshakes.

What can't wait (presence, what the centre sends) is counted and may put the bucket into debt; frames wait until it is
paid. Backlog leaves a share of the bucket untouched, so that what is seen now finds room at once.
"""

from __future__ import annotations

from typing import Final

HOUR_S: Final = 3_600.0
BURST_S: Final = 60.0
BURST_AT_LEAST: Final = 16 * 1024
"""Octets: of a frame and what goes beside it."""

FOR_THE_NEWEST: Final = 0.3
"""Of the bucket: backlog doesn't take it."""

SEGMENT: Final = 1_400
SEGMENT_COSTS: Final = 78
"""Headers of IPv4 and TCP with time stamps, 52 octets, and half of an acknowledgement, as one is sent for two."""

CONNECTION_COSTS: Final = 4_000
"""To connect: handshakes of TCP and TLS with one certificate or two, and those of MQTT."""

MESSAGE_COSTS: Final = 256
"""Of each message: MQTT's header and topic (50), the TLS record (22), TCP/IP (52), PUBACK in a record of its own (80)
and the acknowledgement of that (52)."""


def on_the_wire(octets: int) -> int:
    """Return about how many octets of the line a message takes, both ways."""
    return octets + MESSAGE_COSTS + octets // SEGMENT * SEGMENT_COSTS


class Pace:
    """The bucket of one link. budget: octets an hour; None: no bound. spent: octets since the start."""

    def __init__(self, budget: int | None, now_s: float) -> None:
        self._rate = 0.0
        self._size = 0.0
        self._tokens = 0.0
        self._filled_s = now_s
        self._reckoned = 0
        self.budget: int | None = None
        self.spent = 0
        self.use(budget, now_s)

    def use(self, budget: int | None, now_s: float) -> None:
        """Go by another budget. What is owed is still owed."""
        if budget == self.budget:
            return
        self._fill(now_s)
        was_bound, self.budget = self.budget is not None, budget
        self._rate = 0.0 if budget is None else budget / HOUR_S
        self._size = max(self._rate * BURST_S, BURST_AT_LEAST)
        self._tokens = min(self._tokens, self._size) if was_bound else self._size

    def spend(self, octets: int, now_s: float) -> None:
        """Count a message that goes or came, as it is reckoned."""
        self._reckoned += on_the_wire(octets)
        self._count(on_the_wire(octets), now_s)

    def connect(self, now_s: float) -> None:
        """Count that the link is made, or was tried to."""
        self._reckoned += CONNECTION_COSTS
        self._count(CONNECTION_COSTS, now_s)

    def weigh(self, octets: int, now_s: float) -> None:
        """Go by what the kernel counted since this was said last, in place of what was reckoned since then."""
        more, self._reckoned = octets - self._reckoned, 0
        self._count(more, now_s)

    def cut(self) -> None:
        """Say that the link is gone: nobody counts any more what was reckoned since it was weighed."""
        self._reckoned = 0

    def _count(self, costs: int, now_s: float) -> None:
        self._fill(now_s)
        self.spent += costs
        if self.budget is not None:
            self._tokens = min(self._size, self._tokens - costs)

    def wait_s(self, octets: int, now_s: float, *, backlog: bool) -> float:
        """Return in how many seconds a message may go; 0: now. One that is larger than the bucket goes when it is
        full.
        """
        if self.budget is None:
            return 0.0
        self._fill(now_s)
        kept = self._size * FOR_THE_NEWEST if backlog else 0.0
        wanted = kept + min(on_the_wire(octets), self._size - kept)
        return max(0.0, (wanted - self._tokens) / self._rate)

    def _fill(self, now_s: float) -> None:
        passed_s, self._filled_s = max(0.0, now_s - self._filled_s), now_s
        if self.budget is not None:
            self._tokens = min(self._size, self._tokens + passed_s * self._rate)
