"""Services that keep the house, beside those that ask devices: what they are, and how they are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collectors._ports import Doors
from noc.app.auditkept import AuditKept
from noc.app.away import Back, LastSign
from noc.app.check import CheckResult
from noc.app.clockwatch import ClockWatch
from noc.app.driftwatch import DriftWatch
from noc.app.figures import Figures
from noc.app.leaving import Leaving
from noc.app.policykept import PolicyKept
from noc.app.polling import Polling
from noc.app.sealing import Sealing, tellers
from noc.app.segmentation import Segmentation, segmentation_of
from noc.app.series import Series
from noc.app.settings import RootSettings
from noc.app.stateout import Ground as StatesGround
from noc.app.stateout import StatesShown
from noc.app.swept import SweptWatch
from noc.app.warming import Warming
from noc.clock import SteadyClock
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.present import Presence
from noc.pipeline.status import Statuses
from noc.state.committer import Committer
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Keepers:
    """watch: of the clock. sealing, policy: of the ledger. leaving: of devices that leave. drifts, swept: of what looks
    other than the inventory says. warming: of figures after a start. segmentation: of walls. shown: of what others
    hear of states. sign, back: of the time in which noc itself was away. audit: keeps its bound.
    """

    watch: ClockWatch
    sealing: Sealing
    policy: PolicyKept
    leaving: Leaving
    drifts: DriftWatch
    swept: SweptWatch
    warming: Warming
    segmentation: Segmentation
    shown: StatesShown
    sign: LastSign
    back: Back
    audit: AuditKept

    def heard(self, first: Callable[[Sequence[Event]], None]) -> Callable[[Sequence[Event]], None]:
        """Return what hands events on to another, and to those of the keepers that hear them."""

        def take(group: Sequence[Event]) -> None:
            first(group)
            self.segmentation.heard(group)

        return take


@dataclass(frozen=True, slots=True)
class Known:
    """What keepers are made of: the parts of the daemon that they look at."""

    database: Database
    clock: SteadyClock
    inventory: Callable[[], Inventory]
    statuses: Statuses
    committer: Committer
    parts: PartWatch
    presence: Presence
    polling: Polling
    figures: Figures
    doors: Doors
    series: Series


def keepers_of(checked: CheckResult, settings: RootSettings, known: Known) -> Keepers:
    """Return the keepers of a daemon; nothing is started."""
    database, clock, poller = known.database, known.clock, settings.polling.poller
    budgets, statements = known.polling.budgets, settings.segmentation
    shown = StatesGround(clock, database, known.inventory, known.presence.status)
    asks = (known.doors.pinger.burst, known.presence.status)
    tells = (known.committer.put_rules, known.series.fanout.take)
    sign = LastSign(database)
    return Keepers(
        watch=ClockWatch(clock, database, known.committer, poller),
        sealing=Sealing(database, clock, poller, tellers(settings.seal, checked.folder, poller)),
        policy=PolicyKept(database, clock, known.inventory, lambda: known.committer, poller),
        leaving=Leaving(database, clock, known.inventory, known.statuses, known.committer, poller, known.parts),
        drifts=DriftWatch(checked, database, clock, known.presence, budgets.bounds),
        swept=SweptWatch(database, clock, budgets.beside),
        warming=Warming(known.figures, clock),
        segmentation=segmentation_of(statements, database, clock, known.inventory, poller, *asks, *tells),
        shown=StatesShown(settings, checked.folder, shown),
        sign=sign,
        back=Back(sign, clock, lambda: known.committer, poller),
        audit=AuditKept(database, clock, settings.http.accounts.audit_kept),
    )
