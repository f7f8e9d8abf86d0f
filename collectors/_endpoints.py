"""What collectors of end points share: what they are asked, the contract, and how a failure becomes a Reading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from collectors._lateness import Lateness
from noc.clock import Clock
from noc.inventory.endpoints import Endpoint
from noc.model.check import Check
from noc.model.reading import Failure, FailureKind, Reading
from noc.model.replies import Reply
from noc.settings.secrets import Secret
from noc.wire.errors import WireError


class ProbeDoors(Protocol):
    """What a collector of end points may use; `collectors._ports.Doors` has it and more."""

    @property
    def clock(self) -> Clock:
        """Return the time."""
        ...

    @property
    def poller(self) -> str:
        """Return the name under which Readings are signed."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """One question for one end point. headers: with their values. folder: from which relative paths start."""

    check: Check
    endpoint: Endpoint
    folder: Path
    headers: Mapping[str, Secret] = field(default_factory=dict)


class Prober(Protocol):
    """A module of this package that asks end points has `build(doors) -> Prober`.

    `probe` answers with exactly one Reading, as `Collector.collect` does: its `reply`, or its failure.
    """

    async def probe(self, question: Question) -> Reading:
        """Ask once, and once more after each timeout, as often as `retries` say. Raises NoEvidenceError."""
        ...


async def reading_of(
    question: Question,
    doors: ProbeDoors,
    ask: Callable[[float], Awaitable[Reply]],
    in_time: Callable[[Reply], bool] = lambda _: True,
) -> Reading:
    """Return what comes of asking. ask: is given the seconds that one try may take, and raises WireError.

    in_time: whether a reply keeps what is asked of its times. Raises NoEvidenceError where nothing came in time, or
    what came doesn't keep it, and the event loop was late itself.
    """
    clock, watch = doors.clock, question.endpoint.watch
    started_at, started = clock.now(), clock.monotonic()
    reply: Reply | None = None
    failure: Failure | None = None
    with Lateness(clock) as lateness:
        for _ in range(watch.retries + 1):
            try:
                reply, failure = await ask(watch.timeout.total_seconds()), None
            except WireError as error:
                failure = error.failure
            if failure is None or failure.kind is not FailureKind.TIMEOUT:
                break
        else:
            lateness.own_up(question.endpoint.probe.address)
        if reply is not None and not in_time(reply):
            lateness.own_up(question.endpoint.probe.address)
    return Reading(
        check=question.endpoint.kind,
        address=question.endpoint.probe.address,
        poller=doors.poller,
        started_at=started_at,
        duration_s=clock.monotonic() - started,
        failure=failure,
        reply=reply,
    )
