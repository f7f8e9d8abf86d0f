"""Re-probing: what begins to fail is asked again after seconds, and what it hangs on at once (docs/rootcause.md).

Results of these are evidence as all others. Their number in a second is bounded, and byte budgets hold for them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.clock import Clock, Timer
from noc.inventory.entities import Circuit, Device
from noc.model.part import part_name
from noc.pipeline.status import Result
from noc.scheduling.plan import LIVENESS_KINDS
from noc.topology import REGION, Topology

A_SECOND: Final = 200
"""So many checks are begun in a second at most; the others wait."""

WAITING_AT_MOST: Final = 20_000

REMEMBERED: Final = 10_000
"""So many are remembered that were asked of late, before those are forgotten that were asked long ago."""

SIBLINGS: Final = 10
"""Of those that share something with what begins to fail, so many are asked at most."""


class Turns:
    """Keys of checks that wait for their turn, each once: the urgent ones first, else as they came."""

    def __init__(self) -> None:
        self._urgent: deque[str] = deque()
        self._others: deque[str] = deque()
        self._is_urgent: dict[str, bool] = {}

    def __len__(self) -> int:
        return len(self._is_urgent)

    def put(self, key: str, *, urgent: bool) -> bool:
        """Let a key wait; one that waits already may become urgent. Return False where too many wait."""
        known = self._is_urgent.get(key)
        if known is None and len(self._is_urgent) >= WAITING_AT_MOST:
            return False
        if known is None or (urgent and not known):
            self._is_urgent[key] = urgent
            (self._urgent if urgent else self._others).append(key)
        return True

    def take(self) -> str:
        """Return whose turn it is. Raises IndexError where nobody waits."""
        while not self._urgent:
            key = self._others.popleft()
            if self._is_urgent.get(key) is False:  # else it became urgent since
                del self._is_urgent[key]
                return key
        key = self._urgent.popleft()
        del self._is_urgent[key]
        return key

    def clear(self) -> None:
        """Let nobody wait any more."""
        for each in (self._urgent, self._others, self._is_urgent):
            each.clear()


class Reprobing:
    """Has checks run beside their rhythm. run: begins a check by its key. after_s: 0 for never by itself.

    What others hang on has the first turn: in a storm thousands wait, and each of them for what it hangs on.
    """

    def __init__(
        self, clock: Clock, topology: Callable[[], Topology], run: Callable[[str], object], after_s: float
    ) -> None:
        self._clock = clock
        self._topology = topology
        self._run = run
        self._after_s = after_s
        self._later: dict[str, Timer] = {}
        self._waiting = Turns()
        self._asked_s: dict[str, float] = {}
        self._second = 0
        self._begun = 0
        self._timer: Timer | None = None
        self.asked = 0
        self.shed = 0

    def heard(self, result: Result, before: Memory, after: Memory, _: int) -> None:
        """Take a result that was evidence; what isn't certain yet by it is asked again."""
        if not self._after_s:
            return
        turns = (State.UP, State.UP, False), (State.DOWN, State.DOWN, True)
        if (before.state, after.state, result.ok) not in turns:
            return
        if part_name(result.entity) is None:  # of a part that fails polling takes care
            urgent = self._is_way_in(result.entity)
            for key in self._keys(result.entity):
                self._soon(key, urgent=urgent)
        if not result.ok and after.run_length == 1:
            self.ask(self._fresh(one for one in self._around(result.entity) if one != result.entity))

    def _fresh(self, entities: Iterable[str]) -> list[str]:
        """Return those that weren't asked within the same time: results in a row must not come from one moment."""
        now_s = self._clock.monotonic()
        found = [
            one for one in dict.fromkeys(entities) if now_s - self._asked_s.get(one, -self._after_s) >= self._after_s
        ]
        if len(self._asked_s) > REMEMBERED:
            self._asked_s = {one: at_s for one, at_s in self._asked_s.items() if now_s - at_s < self._after_s}
        self._asked_s.update(dict.fromkeys(found, now_s))
        return found

    def ask(self, entities: Iterable[str]) -> None:
        """Have entities asked at once, or as soon as there is room; returns at once.

        A device is polled for what it tells of lines and parts no more often than every few seconds.
        """
        for entity in entities:
            is_of_others = not entity.startswith(("device/", "endpoint/", "site/"))
            for key in self._keys(entity):
                if is_of_others and not self._fresh((key,)):
                    continue
                self._put(key, urgent=True)
        self._drain()

    def stop(self) -> None:
        """Begin no more."""
        for timer in (*self._later.values(), *(() if self._timer is None else (self._timer,))):
            timer.cancel()
        self._later.clear()
        self._waiting.clear()

    def _put(self, key: str, *, urgent: bool) -> None:
        if not self._waiting.put(key, urgent=urgent):
            self.shed += 1

    def _soon(self, key: str, *, urgent: bool) -> None:
        if key in self._later:
            return

        def run() -> None:
            self._later.pop(key, None)
            self._put(key, urgent=urgent)
            self._drain()

        self._later[key] = self._clock.call_later(self._after_s, run)

    def _drain(self) -> None:
        second = int(self._clock.monotonic())
        if second != self._second:
            self._second, self._begun = second, 0
        while self._waiting and self._begun < A_SECOND:
            self._begun += 1
            self.asked += 1
            self._run(self._waiting.take())
        if self._waiting and self._timer is None:
            self._timer = self._clock.call_later(1.0, self._again)

    def _again(self) -> None:
        self._timer = None
        self._drain()

    def _around(self, entity: str) -> Iterable[str]:
        """Return what an entity hangs on, and some of those that share something with it."""
        topology = self._topology()
        for above in topology.upstream(entity):
            yield above
            if above.startswith("circuit/"):  # told of by the device at its far end, which may be what fails
                yield from topology.upstream(above)
        site = topology.site_of(entity)
        is_edge = self._is_way_in(entity)
        if is_edge and site is not None:
            yield from (*topology.gates(site), *topology.edges(site))
        shares = (*topology.shares(entity), *(topology.shares(site) if is_edge and site is not None else ()))
        for shared in dict.fromkeys(shares):
            if shared[0] != REGION:
                for one in topology.members(shared)[:SIBLINGS]:
                    yield from topology.edges(one) if one.startswith("site/") else (one,)

    def _is_way_in(self, entity: str) -> bool:
        topology = self._topology()
        site = topology.site_of(entity)
        return site is not None and (entity in topology.edges(site) or entity in topology.gates(site))

    def _keys(self, entity: str) -> tuple[str, ...]:
        """Return the checks that tell of an entity; of a part, the poll of its device."""
        part = part_name(entity)
        if part is not None:
            return (f"{part.owner}:snmp",)
        if entity.startswith("site/"):
            return tuple(key for edge in self._topology().edges(entity) for key in self._keys(edge))
        found = self._topology().inventory.entity(entity)
        if isinstance(found, Device):
            return (f"{entity}:{LIVENESS_KINDS[found.watch.liveness.check]}",)
        if isinstance(found, Circuit):
            ends = (found.probe,) if found.probe is not None else (found.z, found.a)
            return tuple(f"device/{end.device}:snmp" for end in ends[:1] if end is not None)
        return (f"{entity}:{found.kind}",) if entity.startswith("endpoint/") and found is not None else ()  # type: ignore[union-attr]
