"""Joins what rules stand on: what is learned from the store, tables of polls, and noc's own numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from noc.app.alerting import Alerting
from noc.app.enrolling import names
from noc.app.learning import Learning
from noc.app.polling import Polling
from noc.app.portwatch import PortWatch
from noc.app.receiving import Receiving
from noc.app.ruletables import OwnTables, RuleTables
from noc.app.ruling import RuleGround
from noc.app.series import Series
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.pipeline.refusals import Refusals
from noc.state.database import Database


def rule_ground(
    series: Series,
    database: Database,
    clock: Clock,
    inventory: Callable[[], Inventory],
    state_dir: Path,
    later: Callable[[], tuple[Alerting, Polling, Receiving]],
) -> RuleGround:
    """Return it, not started. later: gives what is made after rules are."""
    learning = Learning(series.store, lambda: later()[0].orders.rules, clock)
    own = OwnTables(
        {
            "overdue_s": lambda: later()[1].scheduler.overdue_s,
            "ledger_failing": lambda: float(later()[1].committer.failing is not None),
            "ledger_shed": lambda: later()[1].committer.shed,
            "events_failing": lambda: float(later()[2].events.failing is not None),
            "learning_failing": lambda: float(bool(learning.failing)),
            "events_shed": lambda: later()[2].events.tally.shed,
        },
        state_dir,
    )
    ports = PortWatch(database, clock, inventory)
    tables = RuleTables(inventory, lambda entity: later()[1].engines.twins(entity), ports)  # noqa: PLW0108 made later
    far = (lambda: names(state_dir),)
    return RuleGround(learning, tables, own, (learning, ports), Refusals(inventory), series.fanout.take, *far)
