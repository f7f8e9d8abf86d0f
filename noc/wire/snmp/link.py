"""What a session needs of a link to an agent: v1 and v2c stand on gufo-snmp, v3 on our own codec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from noc.model.reading import Engine, Raw

Item = tuple[str, Raw] | None
"""An object and its value; None where a walk has left its column."""


class Following(NamedTuple):
    """What follows some objects, in their order.

    names: of the next object each, None where the view ends; empty where the agent answers with an error, or not as
    asked. ended: the position, from 0, of an object that nothing follows by v1's noSuchName; -1 where none is told.
    """

    names: tuple[str | None, ...] = ()
    ended: int = -1


class Steps(Protocol):
    """A walk of one column, from its beginning."""

    async def next(self, what: str, rows: int, octets: int = 0) -> Sequence[Item]:
        """Return the objects that follow, so many at most, None where they leave the column. octets: of the answer, as
        far as one can tell.

        Raises StopAsyncIteration when there are none: endOfMibView, noSuchName of v1, or an error. After an answer that
        can't be understood the walk can't go on.
        """
        ...


class Link(Protocol):
    """Sends one request at a time to one agent and waits for the answer, with retries."""

    @property
    def batched(self) -> bool:
        """Return whether many objects fit one request: not with v1, where one missing object voids an answer."""
        ...

    @property
    def requests(self) -> int:
        """Return how many datagrams were sent."""
        ...

    @property
    def octets(self) -> int:
        """Return how many octets went over the wire, both ways."""
        ...

    @property
    def answer_octets(self) -> int:
        """Return the octets of the last answer, without headers."""
        ...

    @property
    def answered(self) -> bool:
        """Return whether an answer came at all."""
        ...

    @property
    def unreadable(self) -> int:
        """Return how many answers in a row, up to the last one, could not be understood."""
        ...

    @property
    def engine(self) -> Engine | None:
        """Return the SNMPv3 engine at the other end, as far as it proved to be that."""
        ...

    async def open(self) -> None:
        """Open the socket, and find the engine where that is not known. Raises WireError."""
        ...

    def close(self) -> None:
        """Give the socket back."""
        ...

    async def get(self, oids: list[str], what: str) -> dict[str, Raw]:
        """Return the values that the agent gives: not for objects that it lacks, and none at all after an error."""
        ...

    @property
    def tries_in_doubt(self) -> int | None:
        """Return the tries for what the agent may lack: one where it is silent on such things, None for all."""
        ...

    async def following(self, oids: list[str], what: str, tries: int | None = None) -> Following:
        """Return which objects follow these: one GETNEXT for all. tries: None for as many as the agent is given."""
        ...

    def steps(self, column: str, rows: int, tries: int | None = None) -> Steps:
        """Begin a walk, by so many rows at first."""
        ...
