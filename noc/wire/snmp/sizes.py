"""How large an answer an agent is asked for: what fits the line, and what the agent gives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FRAME_OCTETS: Final = 1_400
"""Octets of varbinds that are asked for at once, as far as one can tell: 1,472 fit an Ethernet frame with what is
around them, many agents answer with no more, and a line that loses datagrams loses two fragments twice as often."""

OIDS: Final = 48
"""Objects that are asked for at once, at first."""

OIDS_AT_MOST: Final = 96
"""Objects that are asked for at once where the agent answered as many before, and as they fit."""

OCTETS_AT_MOST: Final = 3_900
"""Of varbinds, also where answers prove that larger ones than a frame come through: 4,080 octets can be read."""

AROUND_OCTETS: Final = 72
"""Of an answer beside its varbinds, at most, but for SNMPv3."""

ROW_OCTETS: Final = 14
"""Of a varbind of a short number, beside the name of its column."""

FIRST_ROWS: Final = 12
"""Rows that a walk asks for first where nobody knows how many there are."""

ROWS_AT_MOST: Final = 64
"""Rows that are asked for at once, however short they are."""


@dataclass(slots=True)
class Sizes:
    """What is known of an agent's answers. octets: of varbinds that are asked for at once. fell: larger ones
    got lost. full: more objects than it is asked for at once were too many.
    """

    octets: int = FRAME_OCTETS
    fell: bool = False
    full: bool = False

    def came(self, octets: int) -> None:
        """Note the octets of an answer that came through whole: as much may be asked for from now on."""
        proved = octets - AROUND_OCTETS
        if proved > self.octets and not self.fell:
            self.octets = min(proved, OCTETS_AT_MOST)

    def lost(self) -> None:
        """Note that large answers get lost where small ones come: none is larger than a frame from now on."""
        self.octets, self.fell = FRAME_OCTETS, True


@dataclass(slots=True)
class Objects:
    """How many objects an agent is asked for at once. proved: it has answered so many; grows: more may be tried."""

    most: int = OIDS
    proved: int = 0
    grows: bool = True

    def anew(self, *, grows: bool) -> Objects:
        """Return the same with one step more, which failed once: that may have been an accident."""
        return Objects(max(self.most, min(2 * self.most, OIDS)), grows=grows)

    def answered(self, asked: int) -> None:
        """Note that so many were answered; where that was all there may be, a quarter more are tried."""
        if asked > self.proved:
            self.proved = asked
        if asked >= self.most >= OIDS and self.grows:
            self.most = min(asked + asked // 4, OIDS_AT_MOST)

    def failed(self, asked: int, least: int) -> None:
        """Note that so many are too many, where fewer are answered: go back to what went well, else by halves."""
        self.grows = False
        fewer = self.proved if self.proved < asked else asked // 2
        self.most = min(self.most, max(least, fewer, 1))
        self.proved = min(self.proved, self.most)


def first_rows(most: int, rows: int | None) -> int:
    """Return how many rows a walk asks for first. rows: that are likely there, where one knows.

    One more than there are: the name behind the last one tells that it is the last.
    """
    expected = FIRST_ROWS if rows is None else min(rows + 1, ROWS_AT_MOST)
    return max(1, min(expected, most if rows is None else ROWS_AT_MOST))


def next_rows(asked: int, came: int, octets: int, room: int) -> int:
    """Return how many rows a walk asks for next.

    asked, came: rows of the question before and of its answer, of so many octets; room: octets that an answer may have.
    Twice as many where all came, as far as they fit; an agent that gives fewer than asked for cuts its answers itself.
    """
    if came < asked or came < 1:
        return asked
    fitting = room * came // max(octets - AROUND_OCTETS, 1)
    return max(1, min(2 * asked, fitting, ROWS_AT_MOST))
