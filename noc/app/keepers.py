"""Services that keep the house, beside those that ask devices: what they are, and how they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from noc.app.check import CheckResult
from noc.app.clockwatch import ClockWatch
from noc.app.driftwatch import DriftWatch
from noc.app.figures import Figures
from noc.app.leaving import Leaving
from noc.app.policykept import PolicyKept
from noc.app.polling import Polling
from noc.app.sealing import Sealing, tellers
from noc.app.settings import RootSettings
from noc.app.swept import SweptWatch
from noc.app.warming import Warming
from noc.clock import SteadyClock
from noc.inventory.inventory import Inventory
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.present import Presence
from noc.pipeline.status import Statuses
from noc.state.committer import Committer
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Keepers:
    """watch: of the clock. sealing, policy: of the ledger. leaving: of devices that leave. drifts, swept: of what looks
    other than the inventory says. warming: of figures after a start.
    """

    watch: ClockWatch
    sealing: Sealing
    policy: PolicyKept
    leaving: Leaving
    drifts: DriftWatch
    swept: SweptWatch
    warming: Warming


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


def keepers_of(checked: CheckResult, settings: RootSettings, known: Known) -> Keepers:
    """Return the keepers of a daemon; nothing is started."""
    database, clock, poller = known.database, known.clock, settings.polling.poller
    budgets = known.polling.budgets
    return Keepers(
        watch=ClockWatch(clock, database, known.committer, poller),
        sealing=Sealing(database, clock, poller, tellers(settings.seal, checked.folder, poller)),
        policy=PolicyKept(database, clock, known.inventory, lambda: known.committer, poller),
        leaving=Leaving(database, clock, known.inventory, known.statuses, known.committer, poller, known.parts),
        drifts=DriftWatch(checked, database, clock, known.presence, budgets.bounds),
        swept=SweptWatch(database, clock, budgets.beside),
        warming=Warming(known.figures, clock),
    )
