"""What other systems tell: their alerts become incidents here, and their silence does.

An alert counts when it is on disk with the transition that comes of it: whoever is answered 200 need not tell it again.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from alerts.foreign import Foreign, PostedAlert, foreign
from alerts.incidents import FURTHER
from alerts.policies import AlertSettings
from alerts.rules.made import MADE
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import ConflictError
from noc.model.incident import Facts, RuleTransition, Severity
from noc.model.instants import length_ms, to_ms
from noc.service import Rounds
from noc.settings.secrets import Secret
from noc.state import external, handling, incidents
from noc.state.database import Database, StateError, Transaction
from noc.state.external import ExternalAlert

log = logging.getLogger(__name__)

SILENT: Final = "heartbeat-absent"
_MADE: Final = MADE[SILENT]
LOOK_EVERY_S: Final = 5.0
FIRING_AT_MOST: Final = 20_000
ENDED_AT_ONCE: Final = 500
RESOLVE_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may speak. tokens: of the sources, by name."""

    settings: AlertSettings
    tokens: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(slots=True)
class InboundTally:
    """alerts: that were taken; shed: refused, because too many fire. beats: signs of life."""

    alerts: int = 0
    shed: int = 0
    beats: int = 0


class Inbound:
    """A service. inventory: as of the last good reload. woken: is called when transitions are to be handled.

    poller: name of this noc.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        allowed: Allowed,
        inventory: Callable[[], Inventory],
        poller: str,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._allowed = allowed
        self._inventory = inventory
        self._poller = poller
        self._woken = woken
        self._rounds = Rounds(clock, "inbound", self._round)
        self._started_ms = 0
        self._absent: dict[str, Severity] = {}
        self.tally = InboundTally()

    async def start(self) -> None:
        """Take up whose silence is an incident already, then look. Raises StateError."""
        self._started_ms = to_ms(self._clock.now())
        async with self._database.read() as connection:
            known = await incidents.all_open(connection)
        self._absent = {one.entity.partition("/")[2]: one.severity for one in known if one.rule == SILENT}
        self._rounds.start()

    async def stop(self) -> None:
        """End; what fires stays."""
        await self._rounds.stop()

    def replace(self, allowed: Allowed) -> None:
        """Go on with other sources and expectations."""
        self._allowed = allowed
        self._started_ms = to_ms(self._clock.now())
        self._rounds.wake()

    def source_of(self, token: str) -> str | None:
        """Return whose token this is; None where it is nobody's."""
        found = None
        for name, secret in self._allowed.tokens.items():  # to the end, so that the time tells nothing
            if hmac.compare_digest(secret.reveal().encode(), token.encode("utf-8", "surrogateescape")):
                found = name
        return found

    async def take(self, source: str, alerts: Sequence[PostedAlert]) -> tuple[Foreign, ...]:
        """Take alerts of a source; return what they mean here.

        Raises ConflictError where too many fire already, and StateError: then nothing was taken.
        """
        now_ms, settings = to_ms(self._clock.now()), self._allowed.settings.sources.get(source)
        after_ms = length_ms(RESOLVE_AFTER if settings is None else settings.resolve_after)
        inventory = self._inventory()
        # The last word of an alert counts, where it is told twice.
        told = {one.fingerprint: one for one in (foreign(a, source, inventory, now_ms, after_ms) for a in alerts)}
        async with self._database.write() as connection:
            known = await external.firing(connection, told)
            fresh = sum(1 for one in told.values() if one.ends_ms is not None and one.fingerprint not in known)
            if fresh and await external.number(connection) + fresh > FIRING_AT_MOST:
                self.tally.shed += len(told)
                raise ConflictError(f"{FIRING_AT_MOST} alerts of other systems fire already; nothing was taken")
            changes = []
            for one in told.values():
                changes += await self._one(connection, one, known.get(one.fingerprint), source, now_ms)
            await handling.put(connection, changes)
        self.tally.alerts += len(told)
        if changes:
            self._woken()
        return tuple(told.values())

    async def beat(self, name: str, source: str) -> None:
        """Take a sign of life. Raises LookupError where none of this name is expected, StateError."""
        if name not in self._allowed.settings.expect_heartbeats:
            raise LookupError(f"no heartbeat '{name}' is expected")
        now_ms = to_ms(self._clock.now())
        severity = self._absent.get(name)
        async with self._database.write() as connection:
            await external.beat(connection, name, source, now_ms)
            if severity is not None:
                facts: Facts = {"reason": "back", "source": source}
                await handling.put(connection, [self._silence("cleared", name, severity, now_ms, now_ms, facts)])
        self.tally.beats += 1
        if self._absent.pop(name, None) is not None:
            self._woken()

    async def work(self) -> None:
        """End what wasn't told again in time, and see who is silent. Raises StateError."""
        now_ms = to_ms(self._clock.now())
        async with self._database.read() as connection:
            over = await external.ended(connection, now_ms, ENDED_AT_ONCE)
            beats = await external.beats(connection)
        silent = list(self._silent(beats, now_ms))
        expected = self._allowed.settings.expect_heartbeats
        dropped = {name: severity for name, severity in self._absent.items() if name not in expected}
        if not over and not silent and not dropped:
            return
        async with self._database.write() as connection:
            changes = [self._silence("raised", *one) for one in silent]
            changes += [
                self._silence("cleared", name, severity, now_ms, now_ms, {"reason": "no longer expected"})
                for name, severity in dropped.items()
            ]
            for alert in over:
                await external.end(connection, alert.fingerprint)
                changes += await self._cleared(connection, alert, now_ms, {"reason": "not told again"})
            await handling.put(connection, changes)
        self._absent.update((one[0], one[1]) for one in silent)
        for name in dropped:
            del self._absent[name]
        self._woken()

    async def _round(self) -> float:
        try:
            await self.work()
        except StateError as error:
            log.error("alerts and signs of life of other systems can't be looked at: %s", error)
        except Exception:  # the guard: a fault must not end the looking
            log.exception("what other systems tell met a fault in noc; it goes on")
        return LOOK_EVERY_S

    async def _one(
        self, connection: Transaction, alert: Foreign, known: ExternalAlert | None, source: str, now_ms: int
    ) -> list[RuleTransition]:
        if alert.ends_ms is None:
            if known is None:
                return []
            await external.end(connection, alert.fingerprint)
            return await self._cleared(connection, known, now_ms, {"reason": "resolved", "source": source})
        if known is not None:
            await external.again(connection, alert.fingerprint, now_ms, alert.ends_ms)
            return []
        others = await external.others(connection, alert.rule, alert.entity)
        times = (alert.since_ms, now_ms, alert.ends_ms)
        body = dict(alert.facts)
        row = ExternalAlert(alert.fingerprint, source, alert.entity, alert.rule, alert.severity, *times, body)
        await external.begin(connection, row)
        facts = {**alert.facts, "series": others + 1, FURTHER: alert.name} if others else dict(alert.facts)
        return [
            RuleTransition(
                alert.rule, alert.entity, "raised", alert.severity, alert.since_ms, now_ms, self._poller, facts
            )
        ]

    async def _cleared(
        self, connection: Transaction, alert: ExternalAlert, now_ms: int, facts: Facts
    ) -> list[RuleTransition]:
        if await external.others(connection, alert.rule, alert.entity):
            return []
        times = (now_ms, now_ms)
        return [RuleTransition(alert.rule, alert.entity, "cleared", alert.severity, *times, self._poller, facts)]

    def _silent(self, beats: Mapping[str, int], now_ms: int) -> list[tuple[str, Severity, int, int, Facts]]:
        """Return whose sign of life stays away; who was never heard has until noc has run for so long."""
        found: list[tuple[str, Severity, int, int, Facts]] = []
        steps = self._clock.steps
        for name, expected in self._allowed.settings.expect_heartbeats.items():
            last_ms = min(steps.here(beats[name]), now_ms) if name in beats else 0
            since_ms = max(last_ms, steps.here(self._started_ms))
            if name not in self._absent and now_ms - since_ms > length_ms(expected.every):
                facts: Facts = {**_MADE.said, "heartbeat": name, "every_s": length_ms(expected.every) // 1000}
                found.append((name, expected.severity, last_ms or since_ms, now_ms, facts))
        return found

    def _silence(
        self,
        status: Literal["raised", "cleared"],
        name: str,
        severity: Severity,
        since_ms: int,
        decided_ms: int,
        facts: Facts,
    ) -> RuleTransition:
        return RuleTransition(SILENT, f"external/{name}", status, severity, since_ms, decided_ms, self._poller, facts)
