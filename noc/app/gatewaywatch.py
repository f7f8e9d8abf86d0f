"""Opens incidents of gateways that stand in for each other, where two are active, or none; no device tells that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from alerts.rules.made import MADE
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.incident import Fact, Incident, RuleTransition, Severity
from noc.model.instants import to_ms
from noc.model.snapshot import Snapshot
from noc.pipeline.gateways import Gateways, Group, Verdict, Wrong
from noc.state import incidents
from noc.state.database import Database

LIST: Final = "gateway_groups"

RULES: Final[Mapping[Wrong, str]] = {"split": "gateway-split", "none": "gateway-none"}
SEVERITY: Final[Severity] = "major"

_MADE: Final = {wrong: MADE[rule] for wrong, rule in RULES.items()}

Where = tuple[Wrong, str]
"""What is wrong, and the entity that the incident is of: the first of the devices by name."""


class GatewayWatch:
    """A service: takes what polls tell of groups. put_rules: takes transitions of rules, as the committer does."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        inventory: Callable[[], Inventory],
        poller: str,
        put_rules: Callable[[Iterable[RuleTransition]], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._inventory = inventory
        self._poller = poller
        self._put_rules = put_rules
        self._gateways = Gateways()
        self._where: dict[Group, Where] = {}

    async def start(self) -> None:
        """Take up incidents that are open from before a restart."""
        async with self._database.read() as connection:
            opened = await incidents.all_open(connection)
        now_ms, devices = self._now_ms(), self._inventory().devices
        for incident in opened:
            wrong = next((wrong for wrong, rule in RULES.items() if rule == incident.rule), None)
            if wrong is not None:
                group = _group(incident)
                members = [name for name in str(incident.facts.get("members", "")).split(" ") if name in devices]
                self._gateways.adopt(group, wrong, members, incident.since_ms, now_ms)
                self._where[group] = wrong, incident.entity

    async def stop(self) -> None:
        """End; what is open stays open."""

    def take(self, entity: str, taken: Snapshot) -> None:
        """Take a poll of a device. One that left something out, and tells of no group, says nothing."""
        rows = taken.records.get(LIST, ())
        device = self._inventory().devices.get(entity.removeprefix("device/"))
        if device is not None and (rows or not taken.errors):
            self._tell(self._gateways.take(device.id, device.site, rows, self._now_ms()))

    def replace(self) -> None:
        """Go on with the inventory of now."""
        self._tell(self._gateways.keep(self._inventory().devices.keys(), self._now_ms()))

    def _tell(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in verdicts:
            before = self._where.pop(verdict.group, None)
            if before is not None and before not in self._where.values():
                self._put(before, "cleared", verdict.since_ms, {"reason": "back"})
            if verdict.wrong is None:
                continue
            where = verdict.wrong, f"device/{verdict.members[0][0]}"
            facts = _facts(verdict, verdict.wrong)
            if where in self._where.values():  # another group of the same device: news of its incident
                facts["further"] = f"{verdict.group.protocol} {verdict.group.number} {verdict.group.address}"
                facts["series"] = 1 + sum(one == where for one in self._where.values())
            self._where[verdict.group] = where
            self._put(where, "raised", verdict.since_ms, facts)

    def _put(self, where: Where, status: str, since_ms: int, facts: Mapping[str, Fact]) -> None:
        (wrong, entity), now_ms = where, self._now_ms()
        rule = RULES[wrong]
        if status == "raised":
            change = RuleTransition(rule, entity, "raised", SEVERITY, since_ms, now_ms, self._poller, facts)
        else:
            change = RuleTransition(rule, entity, "cleared", SEVERITY, now_ms, now_ms, self._poller, facts)
        self._put_rules([change])

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def _facts(verdict: Verdict, wrong: Wrong) -> dict[str, Fact]:
    return {
        **_MADE[wrong].said,
        "site": verdict.group.site,
        "protocol": verdict.group.protocol,
        "group": verdict.group.number,
        "address": verdict.group.address,
        "members": " ".join(name for name, _ in verdict.members),
        "roles": ", ".join(f"{name} {role}" for name, role in verdict.members),
    }


def _group(incident: Incident) -> Group:
    site, protocol, number, address = (str(incident.facts.get(name, "")) for name in _PARTS)
    return Group(site, protocol, number, address)


_PARTS: Final = ("site", "protocol", "group", "address")
