"""What comes of each Reading goes on from here: log, spool, rules, memory, and the pages that are open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from noc.app.alerting import Alerting
from noc.app.live import Live
from noc.model.check import Check
from noc.model.samples import Samples
from noc.model.snapshot import Snapshot
from noc.model.transition import Transition
from noc.pipeline.fanout import Fanout
from noc.pipeline.ingest import Ingested
from noc.pipeline.present import Presence

log = logging.getLogger(__name__)

LOGGED_AT_ONCE = 20
"""Changes of one moment that are logged one by one; of more (a hub is lost) their number."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Takes what polling tells; returns at once. heard: gives who takes changes of status too.

    gateways: takes what a poll tells of groups of gateways. evidence: gives results of liveness as samples.
    """

    fanout: Fanout
    presence: Presence
    alerting: Alerting
    live: Live
    heard: Callable[[], Callable[[Sequence[Transition]], None]] = lambda: lambda _: None
    gateways: Callable[[str, Snapshot], None] = lambda _, __: None
    evidence: Callable[[], Iterable[Samples]] = tuple

    def __call__(self, check: Check | None, ingested: Ingested) -> None:
        """Hand on what came of a Reading; no check where evidence went stale."""
        if ingested.transitions:
            _log(ingested.transitions)
            self.live.statuses(ingested.transitions)
            self.heard()(ingested.transitions)
        self.fanout.take((*ingested.samples, *self.evidence()))
        if check is None:
            return
        self.alerting.take(check, ingested)
        if ingested.snapshot is not None:
            self.presence.keep(check.entity, ingested.snapshot)
            self.gateways(check.entity, ingested.snapshot)
            self.live.read(check.entity)


def _log(transitions: Sequence[Transition]) -> None:
    for change in transitions[:LOGGED_AT_ONCE]:
        log.info("%s is %s (was %s)", change.entity, change.status, change.before)
    if len(transitions) > LOGGED_AT_ONCE:
        log.info("and %d more changes at the same moment", len(transitions) - LOGGED_AT_ONCE)
