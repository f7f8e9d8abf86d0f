"""Frames on their way: how many may be, and which are to be sent again. Pure, given the time.

The centre acknowledges what it has stored. How long that takes is learnt as TCP does it (RFC 6298, from messages that
were sent once), and how much may be under way from that time: as long as it stays near the shortest, more; when it
grows, the line is full and less. So a thin line is kept busy, and what is seen now waits behind seconds, not minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from noc.bus.frames import Head, head_of
from noc.bus.topics import Word

FRAMES_AT_MOST: Final = 64
OCTETS_AT_FIRST: Final = 32 * 1024
OCTETS_AT_LEAST: Final = 8 * 1024
OCTETS_AT_MOST: Final = 1024 * 1024

PATIENCE_AT_LEAST_S: Final = 5.0
PATIENCE_AT_FIRST_S: Final = 10.0
PATIENCE_AT_MOST_S: Final = 120.0

LONGER_S: Final = 2.0
"""An acknowledgement that takes so much longer than the quickest one says that the line is full."""

SHRINKS: Final = 0.7
QUICKEST_OF: Final = 256
"""Acknowledgements after which the quickest one is looked for anew: a line may have become longer."""


@dataclass(slots=True)
class Frame:
    """A frame of the spool. seq: its number there. at_ms: when it was put there. word: its topic. dead: entries that
    were taken out of it as nobody can read them any more.
    """

    seq: int
    at_ms: int
    word: Word
    octets: bytes
    dead: int = 0

    @property
    def head(self) -> Head:
        """Return what stands in front of it."""
        return head_of(self.octets)


@dataclass(slots=True)
class _Sent:
    frame: Frame
    sent_s: float
    due_s: float
    times: int = 1


class Flight:
    """The frames under way. window: octets that may be."""

    def __init__(self) -> None:
        self._sent: dict[tuple[bytes, int], _Sent] = {}
        self._octets = 0
        self._mean_s: float | None = None
        self._varies_s = 0.0
        self._backoff = 1.0
        self._quickest_s = float("inf")
        self._next_quickest_s = float("inf")
        self._counted = 0
        self._shrunk_s = float("-inf")
        self.window = float(OCTETS_AT_FIRST)
        self.again = 0

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def frames(self) -> Iterator[Frame]:
        """Yield what is under way, the longest first."""
        yield from (one.frame for one in self._sent.values())

    @property
    def took_s(self) -> float | None:
        """Return how long an acknowledgement takes, seconds; None: not known."""
        return self._mean_s

    @property
    def patience_s(self) -> float:
        """Return after how long a frame is sent again."""
        if self._mean_s is None:
            return min(PATIENCE_AT_FIRST_S * self._backoff, PATIENCE_AT_MOST_S)
        usual_s = max(PATIENCE_AT_LEAST_S, self._mean_s + 4 * self._varies_s)
        return min(usual_s * self._backoff, PATIENCE_AT_MOST_S)

    def has_room(self, octets: int = 0) -> bool:
        """Return whether one more frame may go; one may always."""
        return not self._sent or (len(self._sent) < FRAMES_AT_MOST and self._octets + octets <= self.window)

    def sent(self, frame: Frame, now_s: float) -> None:
        """Note that a frame goes, for the first time or once more."""
        key = (frame.head.boot, frame.head.number)
        known = self._sent.get(key)
        if known is None:
            self._sent[key] = _Sent(frame, now_s, now_s + self.patience_s)
            self._octets += len(frame.octets)
            return
        self._octets += len(frame.octets) - len(known.frame.octets)
        known.frame, known.due_s, known.times = frame, now_s + self.patience_s, known.times + 1
        self.again += 1

    def due(self, now_s: float) -> list[Frame]:
        """Return what is to be sent again: the longest under way alone, while nothing comes back."""
        late = [one for one in self._sent.values() if one.due_s <= now_s]
        if not late:
            return []
        self._backoff = min(2 * self._backoff, PATIENCE_AT_MOST_S)
        self._shrink(now_s)
        for one in late[1:]:
            one.due_s = now_s + self.patience_s
        return [late[0].frame]

    def next_due_s(self) -> float | None:
        """Return when the next frame is to be sent again; None: nothing is under way."""
        return min((one.due_s for one in self._sent.values()), default=None)

    def acknowledged(self, boot: bytes, ranges: Sequence[tuple[int, int]], now_s: float) -> list[Frame]:
        """Return the frames that an acknowledgement speaks of; they are under way no longer."""
        keys = [key for key in self._sent if key[0] == boot and any(first <= key[1] <= last for first, last in ranges)]
        found = [self._sent.pop(key) for key in keys]
        for one in found:
            self._octets -= len(one.frame.octets)
            if one.times == 1:
                self._learn(now_s - one.sent_s, now_s, len(one.frame.octets))
        if found:
            self._backoff = 1.0
            for one in self._sent.values():
                one.due_s = min(one.due_s, now_s + self.patience_s)
        return [one.frame for one in found]

    def clear(self) -> list[Frame]:
        """Forget what is under way, and return it: the link is gone."""
        found = [one.frame for one in self._sent.values()]
        self._sent.clear()
        self._octets = 0
        self._backoff = 1.0
        return found

    def _learn(self, took_s: float, now_s: float, octets: int) -> None:
        if self._mean_s is None:
            self._mean_s, self._varies_s = took_s, took_s / 2
        else:
            self._varies_s += (abs(took_s - self._mean_s) - self._varies_s) / 4
            self._mean_s += (took_s - self._mean_s) / 8
        self._look_for_quickest(took_s)
        if took_s > self._quickest_s + LONGER_S:
            self._shrink(now_s)
        else:
            self.window = min(self.window + octets, float(OCTETS_AT_MOST))

    def _look_for_quickest(self, took_s: float) -> None:
        self._quickest_s = min(self._quickest_s, took_s)
        self._next_quickest_s = min(self._next_quickest_s, took_s)
        self._counted += 1
        if self._counted >= QUICKEST_OF:
            self._quickest_s, self._next_quickest_s, self._counted = self._next_quickest_s, float("inf"), 0

    def _shrink(self, now_s: float) -> None:
        """Let less be under way, once in the time that an acknowledgement takes: one full line has many late ones."""
        if now_s - self._shrunk_s >= (self._mean_s or PATIENCE_AT_LEAST_S):
            self._shrunk_s = now_s
            self.window = max(self.window * SHRINKS, float(OCTETS_AT_LEAST))
