"""Alerting as the daemon has it: rules watched, incidents opened, people told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from alerts.acklinks import AckLinks
from alerts.answers import Answers
from alerts.auditor import RULE as AUDITED
from alerts.composing import Telling
from alerts.dispatch import Dispatch
from alerts.engine import Engine
from alerts.heartbeats import Tell
from alerts.notifiers._ports import AnswersByMail, Notifier, TicketSystem
from alerts.policies import AlertSettings
from alerts.rules.compiled import Rules
from alerts.servicedesk import ServiceDesk
from alerts.sight import BLIND, Sight
from alerts.watch import Watch
from noc.app.includes import Merged
from noc.app.plugged import configured
from noc.app.ruling import BARE, PutRules, RuleGround, Ruling
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.model.instants import length_ms, to_ms
from noc.pipeline.ingest import Ingested
from noc.settings.secrets import Secret
from noc.settings.yamltext import Data
from noc.state.database import Database
from noc.topology import Topology

NOTIFIERS: Final = "alerts.notifiers"


def notifiers_of(merged: Merged, names: Iterable[str], folder: Path, clock: Clock) -> dict[str, Notifier]:
    """Return the notifiers that the settings name, by name. Raises InputError, SecretError."""
    found = {}
    for name in names:
        path = ("alerts", "notifiers", name)
        module, settings = configured(NOTIFIERS, _written(merged, name), name, merged, path)
        found[name] = module.build(settings, folder, clock)
    return found


def wrong_notifiers(merged: Merged, names: Iterable[str]) -> Iterator[Finding]:
    """Yield what is wrong with the settings of notifiers."""
    for name in names:
        try:
            configured(NOTIFIERS, _written(merged, name), name, merged, ("alerts", "notifiers", name))
        except InputError as error:
            yield from error.findings


def _written(merged: Merged, name: str) -> Data:
    alerts = merged.data.get("alerts")
    notifiers = alerts.get("notifiers") if isinstance(alerts, dict) else None
    return notifiers.get(name) if isinstance(notifiers, dict) else None


@dataclass(frozen=True, slots=True)
class Orders:
    """What alerting goes by; another one after each good reload.

    tokens: of other systems that may speak, by name. beats: who is given signs of life.
    """

    rules: Rules
    settings: AlertSettings
    notifiers: Mapping[str, Notifier]
    tokens: Mapping[str, Secret] = field(default_factory=dict)
    beats: Mapping[str, Tell] = field(default_factory=dict)


class Alerting:
    """A service. put_rules: takes transitions of rules to the committer. changed: is given the incident that changed.

    sight, topology: as of Engine. simulated: nothing is real, and every message says so. links: with which people
    acknowledge; None: there are none. learned, derived: as of Ruling.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        orders: Orders,
        inventory: Callable[[], Inventory],
        poller: str,
        put_rules: PutRules,
        changed: Callable[[int], None],
        sight: Sight = BLIND,
        topology: Callable[[], Topology] | None = None,
        *,
        simulated: bool = False,
        links: AckLinks | None = None,
        ground: RuleGround = BARE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._links = links
        self._inventory = inventory
        self._poller = poller
        self._simulated = simulated
        self._orders = orders
        self.rules = Ruling(database, clock, orders.rules, inventory, poller, put_rules, ground)
        self.dispatch = Dispatch(database, clock, self._telling(), changed=changed, undelivered=self.wake)
        self.engine = Engine(
            database,
            clock,
            orders.rules,
            orders.settings,
            inventory,
            changed=changed,
            told=self.dispatch.wake,
            sight=sight,
            topology=topology,
        )
        self.topology = topology
        self.desk = ServiceDesk(database, clock, changed, self.wake_all)
        self.answers = None if links is None else Answers(database, clock, links, self._telling, self._answered)
        self.changed = changed

    async def start(self) -> None:
        """Take up what was raised before a restart, then work. Raises UsageError where links can't be signed."""
        if self._links is not None:
            self._links.load()
        await self.rules.start()
        await self.engine.start()
        await self.dispatch.start()

    def wind_down(self) -> None:
        """Begin no new message; those that are under way have a few seconds from now on."""
        self.dispatch.wind_down()

    async def stop(self) -> None:
        """End after what is under way."""
        await self.rules.stop()
        await self.dispatch.stop()
        await self.engine.stop()

    def knows(self, rule: str) -> bool:
        """Tell whether alerting itself ends the incidents of a rule: it is written, or the auditor's."""
        return rule == AUDITED or self.rules.knows(rule)

    @property
    def watch(self) -> Watch:
        """Return what watches samples."""
        return self.rules.watch

    @property
    def orders(self) -> Orders:
        """Return what it goes by now."""
        return self._orders

    @property
    def failing(self) -> str:
        """Return what keeps incidents or messages back; empty where nothing does. Tickets are no messages to people."""
        away = (f"{channel}: {why}" for channel, why in self.dispatch.away.items() if channel not in self.ticketing)
        return self.engine.failing or self.dispatch.stuck or "; ".join(away)

    @property
    def ticketing(self) -> frozenset[str]:
        """Return the notifiers that open tickets in another system."""
        named = self._orders.notifiers.items()
        return frozenset(name for name, one in named if isinstance(one, TicketSystem | AnswersByMail))

    @property
    def untold_tickets(self) -> str:
        """Return which systems of tickets are not told, and why; empty where all are."""
        away = self.dispatch.away.items()
        return "; ".join(f"{channel}: {why}" for channel, why in away if channel in self.ticketing)

    def wake(self) -> None:
        """Say that transitions were committed."""
        self.engine.wake()

    def _answered(self, incident: int) -> None:
        self.changed(incident)
        self.wake_all()

    def wake_all(self) -> None:
        """Say that something was done to incidents from outside, and that there may be something to send."""
        self.engine.wake()
        self.dispatch.wake()

    def take(self, check: Check, ingested: Ingested) -> None:
        """Judge the samples of one Reading by the rules."""
        self.rules.take(check, ingested)

    def replace(self, orders: Orders) -> None:
        """Go on with other rules, people and notifiers, and the inventory of now."""
        self._orders = orders
        self.rules.replace(orders.rules)
        self.engine.replace(orders.rules, orders.settings)
        self.dispatch.replace(self._telling())

    def _telling(self) -> Telling:
        orders = self._orders
        lives = orders.settings.ack_links
        if self._links is not None:
            self._links.lives_ms = None if lives is None else length_ms(lives)
        links = None if lives is None else self._links
        answered = frozenset(name for name, one in orders.settings.notifiers.items() if one.get("reply_to"))
        return Telling(orders.settings, orders.notifiers, self._inventory, self._simulated, links, answered)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())
