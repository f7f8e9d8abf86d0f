"""What people do with problem records, over one transaction of the caller; each incident's timeline tells of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from noc.model.errors import ConflictError
from noc.model.incident import Entry, Fact
from noc.state import incidents, problems
from noc.state.database import Transaction
from noc.state.problems import Problem, ProblemState

TITLE_AT_MOST: Final = 300
REPEATS_WITHIN_MS: Final = 30 * 86_400_000
REPEATS_AT_LEAST: Final = 3
"""So often within that time the same came again before a problem record is suggested."""


async def begin(
    connection: Transaction, now_ms: int, who: str, title: str, numbers: Collection[int], *, alike: bool = False
) -> Problem:
    """Open a problem record of some incidents, and return it.

    alike: all incidents of the same rules and entities in the last 30 days join it, too. Raises LookupError where there
    is no such incident, ConflictError where one belongs to another record.
    """
    made = await problems.put(connection, title[:TITLE_AT_MOST], who, now_ms)
    wanted = set(numbers)
    if alike:
        for number in numbers:
            one = await incidents.get(connection, number)
            if one is not None:
                same = await problems.same_as(connection, one, now_ms - REPEATS_WITHIN_MS)
                wanted |= {other.id for other in same}
    await join(connection, made.id, now_ms, who, wanted)
    return made


async def join(connection: Transaction, number: int, now_ms: int, who: str, numbers: Collection[int]) -> None:
    """Let incidents belong to a problem record. Raises as `begin`, and ConflictError where the record is closed."""
    found = await known(connection, number)
    if found.state == "closed":
        raise ConflictError(f"problem {number} is closed; open another one")
    fresh = []
    for one in sorted(numbers):
        incident = await incidents.get(connection, one)
        if incident is None:
            raise LookupError(f"there is no incident {one}")
        if incident.problem not in (None, number):
            raise ConflictError(f"incident {one} belongs to problem {incident.problem}; let it leave that first")
        if incident.problem is None:
            fresh.append(one)
    await problems.join(connection, number, fresh)
    await problems.change(connection, number, now_ms, {})
    said: Mapping[str, Fact] = {"problem": number, "title": found.title}
    await incidents.record(connection, [Entry(one, now_ms, "problem", who, said) for one in fresh])


async def leave(connection: Transaction, number: int, now_ms: int, who: str, one: int) -> None:
    """Let an incident belong to a problem record no more. Raises LookupError where it does not."""
    incident = await incidents.get(connection, one)
    if incident is None or incident.problem != number:
        raise LookupError(f"incident {one} does not belong to problem {number}")
    await problems.join(connection, None, [one])
    await problems.change(connection, number, now_ms, {})
    said: Mapping[str, Fact] = {"problem": None, "was": number}
    await incidents.record(connection, [Entry(one, now_ms, "problem", who, said)])


async def change(
    connection: Transaction,
    number: int,
    now_ms: int,
    *,
    title: str | None = None,
    state: ProblemState | None = None,
    cause: str | None = None,
    workaround: str | None = None,
) -> Problem:
    """Change what a problem record says, and return it. Raises LookupError where there is none."""
    await known(connection, number)
    values: dict[str, str | int | None] = {
        name: value
        for name, value in (("title", title), ("state", state), ("cause", cause), ("workaround", workaround))
        if value is not None
    }
    if state is not None:
        values["closed_ms"] = now_ms if state == "closed" else None
    await problems.change(connection, number, now_ms, values)
    return await known(connection, number)


async def known(connection: Transaction, number: int) -> Problem:
    """Return a problem record. Raises LookupError where there is none."""
    found = await problems.get(connection, number)
    if found is None:
        raise LookupError(f"there is no problem {number}")
    return found
