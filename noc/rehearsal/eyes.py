"""What alerting sees in a rehearsal: what is asked as it is, all else up and just seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from alerts.sight import Seen
from noc.clock import Clock
from noc.model.instants import to_ms
from noc.model.snapshot import Snapshot
from noc.model.transition import Status
from noc.pipeline.status import Statuses


class TakenAsUp(Statuses):
    """Statuses of which all that nobody asks about are up: a scenario touches little of a network."""

    def status_of(self, entity: str) -> Status:
        """Return the status now."""
        return super().status_of(entity) if entity in self.asked else "up"

    @property
    def asked(self) -> frozenset[str]:
        """Return the entities that results can be of."""
        return self._asked

    def ask(self, entities: Sequence[str]) -> None:
        """Say which entities are asked."""
        self._asked = frozenset(entities)

    _asked: frozenset[str] = frozenset()


class Eyes:
    """A Sight. of_service: the status of services, which have no evidence of their own. ask: asks for liveness
    soon. catch_up: makes sure that the last result of an entity is the one of its rhythm.
    """

    def __init__(
        self,
        statuses: TakenAsUp,
        clock: Clock,
        of_service: Callable[[str], tuple[Status, int | None]],
        ask: Callable[[Iterable[str]], None],
        catch_up: Callable[[str], None],
    ) -> None:
        self._catch_up = catch_up
        self._statuses = statuses
        self._clock = clock
        self._of_service = of_service
        self._ask = ask

    def status(self, entity: str) -> Status:
        """Return the status by its own evidence."""
        return self._of_service(entity)[0] if entity.startswith("service/") else self._statuses.status_of(entity)

    def since(self, entity: str) -> int | None:
        """Return since when the status is so."""
        return self._of_service(entity)[1] if entity.startswith("service/") else self._statuses.since_ms(entity)

    def seen(self, entity: str) -> Seen | None:
        """Return the last result; what nobody asks about was seen just now."""
        if entity not in self._statuses.asked:
            return Seen(to_ms(self._clock.now()), ok=True)
        self._catch_up(entity)
        memory = self._statuses.memory(entity)
        if memory is None or memory.last is None or not memory.run_length:
            return None
        return Seen(memory.last, memory.ok, None if memory.ok else memory.run_start)

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return None: what neighbours a device hears is not made up."""
        del entity
        return None

    def reprobe(self, entities: Collection[str]) -> None:
        """Ask for liveness soon."""
        self._ask(entities)
