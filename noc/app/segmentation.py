"""Proves on a rhythm what must not be reached: asks, hears what firewalls refuse, and opens incidents.

Where a wall is broken the incident says who reached what, and when; where nothing proves it for three rhythms, that.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Literal

from alerts.rules.made import MADE
from noc.app.segmentationsettings import SegmentationSettings, statements_of
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.model.incident import Fact, RuleTransition, Severity
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.samples import Samples
from noc.model.segmentation import Proof, ProofAnswer
from noc.pipeline.segmentation import (
    RHYTHMS,
    Pair,
    Standing,
    Wall,
    due_pairs,
    is_denial,
    refused,
    segmentation_samples,
    standing_of,
    within,
)
from noc.service import Rounds
from noc.state import incidents, proofs
from noc.state.database import Database, StateError
from noc.wire.icmp import Burst, PingerError
from noc.wire.knock import Knock, knock, own_address

log = logging.getLogger(__name__)

BROKEN: Final = "segmentation-broken"
UNPROVEN: Final = "segmentation-unproven"
SEVERITIES: Final[dict[str, Severity]] = {BROKEN: "critical", UNPROVEN: "warning"}
_MADE: Final = {rule: MADE[rule] for rule in SEVERITIES}

FIRST_AFTER_S: Final = 30.0
"""After a start devices are polled first, so that it is known who is up."""

LOOK_EVERY_S: Final = 60.0
TIMEOUT_S: Final = 4.0
"""The kernel asks three times in it."""

DENIALS_EVERY_MS: Final = 300_000
"""A denial of the same statement within this time is not written again."""

KEPT_AT_MOST: Final = 2 * proofs.KEPT


@dataclass(frozen=True, slots=True)
class Asking:
    """How it asks. source: our own address towards another. is_up: whether an address is seen to be up."""

    knock: Callable[[str, int, float], Awaitable[Knock]]
    burst: Callable[[Burst], Awaitable[tuple[float | None, ...]]]
    is_up: Callable[[str], bool]
    source: Callable[[str], str] = own_address


class Segmentation:
    """A service. put_rules: takes transitions of rules. give: takes samples. statements: as of the last good reload."""

    def __init__(
        self,
        statements: Sequence[Wall],
        database: Database,
        clock: Clock,
        inventory: Callable[[], Inventory],
        poller: str,
        asking: Asking,
        put_rules: Callable[[Iterable[RuleTransition]], None],
        give: Callable[[Sequence[Samples]], None],
    ) -> None:
        self.statements = tuple(statements)
        self._database = database
        self._clock = clock
        self._inventory = inventory
        self._poller = poller
        self._asking = asking
        self._put_rules = put_rules
        self._give = give
        self._kept: dict[str, list[Proof]] = {}
        self._fresh: list[Proof] = []
        self._raised: dict[tuple[str, str], Severity] = {}
        self._since_ms: dict[str, int] = {}
        self._rounds = Rounds(clock, "segmentation", self._round)
        self._begun = False

    async def start(self) -> None:
        """Take up proofs and incidents of before a restart. Raises StateError."""
        async with self._database.read() as connection:
            self._kept = await proofs.all_kept(connection)
            opened = await incidents.all_open(connection)
        self._raised = {(one.rule, one.entity): one.severity for one in opened if one.rule in SEVERITIES}
        self._rounds.start()

    async def stop(self) -> None:
        """End after what is under way; what is open stays open."""
        await self._rounds.stop()

    def replace(self, statements: Sequence[Wall]) -> None:
        """Go on with other statements."""
        self.statements = tuple(statements)
        self._rounds.wake()

    def heard(self, group: Sequence[Event]) -> None:
        """Take events that are on disk: what firewalls refuse."""
        now_ms = self._now_ms()
        open_to = [one for one in self._own() if self._wants_denial(one, now_ms)]
        for event in group if open_to else ():
            if event.kind != "syslog" or not self._is_firewall(event.device) or not is_denial(event.text):
                continue
            for statement in list(open_to):
                found = refused(statement, event.text)
                if found is None:
                    continue
                to = (found.source, found.to, found.port)
                who, said = str(event.device), event.text[:500]
                proof = Proof(statement.name, event.last_ms, "denial", who, *to, "denied", event.source, said)
                self._fresh.append(proof)
                self._kept.setdefault(statement.name, []).append(proof)
                open_to.remove(statement)

    def _wants_denial(self, statement: Wall, now_ms: int) -> bool:
        told = [one.at_ms for one in self._kept.get(statement.name, ()) if one.kind == "denial"]
        return not told or now_ms - max(told) >= DENIALS_EVERY_MS

    def _is_firewall(self, entity: str | None) -> bool:
        device = self._inventory().devices.get((entity or "").removeprefix("device/"))
        return device is not None and device.device_class == "firewall"

    def _own(self) -> list[Wall]:
        """Return what this poller looks after."""
        return [one for one in self.statements if not one.pollers or self._poller in one.pollers]

    async def _round(self) -> float:
        if not self._begun:
            self._begun = True
            return FIRST_AFTER_S
        await self.work()
        return LOOK_EVERY_S

    async def work(self) -> None:
        """Prove what is due, and say how all stands."""
        try:
            for statement in self._own():
                if self._now_ms() >= self._due_ms(statement):
                    await self._prove(statement)
            self._judge()
            await self._keep()
        except StateError as error:
            log.error("proofs of segmentation are not written yet: %s", error)
        except Exception:  # the guard: a fault must not end the proving
            log.exception("proving segmentation met a fault in noc, and goes on")

    def _due_ms(self, statement: Wall) -> int:
        asked = [one.at_ms for one in self._kept.get(statement.name, ()) if one.kind != "denial"]
        return max(asked) + statement.every_ms if asked else 0

    async def _prove(self, statement: Wall) -> None:
        known = self._kept.setdefault(statement.name, [])
        pairs = due_pairs(statement, known)
        found = [await self._ask(statement, pair) for pair in pairs] or [self._unasked(statement, "", "no address")]
        known += found
        self._fresh += found

    async def _ask(self, statement: Wall, pair: Pair) -> Proof:
        address, port = pair
        source = self._asking.source(address)
        if not source:
            return self._unasked(statement, source, f"there is no way to {address} from here", pair)
        if not statement.pollers and not within(ip_address(source), statement.origin):
            why = (
                f"{source}, this poller's own address, is not in '{statement.origin_name}'; name who asks in `pollers`"
            )
            return self._unasked(statement, source, why, pair)
        try:
            if port is None:
                answer, by = await self._echo(address), ""
            else:
                met = await self._asking.knock(address, port, TIMEOUT_S)
                answer, by = met.answer, met.by
        except (OSError, PingerError) as error:
            return self._unasked(statement, source, str(error), pair)
        if answer == "silent" and self._asking.is_up(address):
            answer = "dropped"
        who, at_ms = f"poller/{self._poller}", self._now_ms()
        return Proof(statement.name, at_ms, "probe", who, source, address, port, answer, by)

    async def _echo(self, address: str) -> ProofAnswer:
        replies = await self._asking.burst(Burst(address, timeout_s=TIMEOUT_S / 2))
        return "echo" if any(one is not None for one in replies) else "silent"

    def _unasked(self, statement: Wall, source: str, why: str, pair: Pair = ("", None)) -> Proof:
        who = f"poller/{self._poller}"
        return Proof(statement.name, self._now_ms(), "unasked", who, source, *pair, "none", "", why)

    async def _keep(self) -> None:
        if not self._fresh and self._kept.keys() <= {one.name for one in self.statements}:
            return
        async with self._database.write() as connection:
            fresh = list(self._fresh)
            await proofs.add(connection, fresh)
            await proofs.keep_only(connection, [one.name for one in self.statements])
        del self._fresh[: len(fresh)]
        self._kept = {one.name: self._kept.get(one.name, [])[-KEPT_AT_MOST:] for one in self.statements}

    def _judge(self) -> None:
        now_ms = self._now_ms()
        rows = [(one, standing_of(one, self._kept.get(one.name, ()), now_ms)) for one in self._own()]
        wrong: dict[tuple[str, str], tuple[Wall, Standing]] = {}
        for statement, now in rows:
            began_ms = self._since_ms.setdefault(statement.name, now_ms)
            began_ms = began_ms if now.oldest_ms is None else min(began_ms, now.oldest_ms)
            if now.verdict == "broken":
                wrong[BROKEN, statement.entity] = statement, now
            elif now.verdict == "unproven" and now_ms - began_ms > RHYTHMS * statement.every_ms:
                wrong[UNPROVEN, statement.entity] = statement, now
        self._tell(wrong, now_ms)
        if rows:
            self._give([segmentation_samples(rows, now_ms)])

    def _tell(self, wrong: dict[tuple[str, str], tuple[Wall, Standing]], now_ms: int) -> None:
        known = {one.entity for one in self._own()}
        for rule, entity in self._raised.keys() - wrong.keys():
            reason = "back" if entity in known else "nobody looks at it any more"
            self._put(rule, entity, "cleared", now_ms, {"reason": reason})
            del self._raised[rule, entity]
        for (rule, entity), (statement, now) in wrong.items():
            if (rule, entity) in self._raised:
                continue
            proof = now.last
            since_ms = proof.at_ms if rule == BROKEN and proof is not None else now.proven_ms or now_ms
            self._put(rule, entity, "raised", since_ms, {**_MADE[rule].said, **_facts(statement, now)})
            self._raised[rule, entity] = SEVERITIES[rule]

    def _put(
        self, rule: str, entity: str, status: Literal["raised", "cleared"], since_ms: int, facts: dict[str, Fact]
    ) -> None:
        now_ms = self._now_ms()
        self._put_rules([RuleTransition(rule, entity, status, SEVERITIES[rule], since_ms, now_ms, self._poller, facts)])

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def _facts(statement: Wall, now: Standing) -> dict[str, Fact]:
    found: dict[str, Fact] = {"from": statement.origin_name, "must_not_reach": statement.target_name}
    if statement.owner:
        found["owner"] = statement.owner
    if now.last is not None:
        port = "icmp" if now.last.port is None else f"tcp {now.last.port}"
        parts = {"asked_by": now.last.who, "from_address": now.last.source, "to_address": now.last.to, "port": port}
        found |= {**parts, "answer": now.last.answer, "answered_by": now.last.by, "said": now.last.said}
    if len(now.reached) > 1:
        found["series"] = len(now.reached)
    return {name: value for name, value in found.items() if value != ""}


def segmentation_of(
    settings: SegmentationSettings,
    database: Database,
    clock: Clock,
    inventory: Callable[[], Inventory],
    poller: str,
    burst: Callable[[Burst], Awaitable[tuple[float | None, ...]]],
    status: Callable[[str], StatusNow],
    put_rules: Callable[[Iterable[RuleTransition]], None],
    give: Callable[[Sequence[Samples]], None],
) -> Segmentation:
    """Return the service, not started. burst: sends echo requests. status: of an entity."""

    def is_up(address: str) -> bool:
        device = inventory().device_at(address)
        return device is not None and status(device.entity).status == "up"

    statements = statements_of(settings, inventory())
    asking = Asking(knock, burst, is_up)
    return Segmentation(statements, database, clock, inventory, poller, asking, put_rules, give)
