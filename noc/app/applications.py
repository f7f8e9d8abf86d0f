"""Applications: the end points that are asked and the services that stand on them, joined for the daemon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collectors._endpoints import ProbeDoors
from noc.app.lastseen import LastSeen
from noc.app.probeplan import ProbePlan
from noc.app.probing import Probing
from noc.app.servicing import Servicing
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.pipeline.endpoints import Last
from noc.pipeline.ingest import Ingested
from noc.pipeline.present import Presence
from noc.pipeline.services import ServiceNow
from noc.pipeline.status import Heard, Statuses
from noc.pipeline.views import Views
from noc.service import Service
from noc.state.committer import Committer
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Ground:
    """What both stand on. statuses: of all that polling watches. told: takes what comes of readings and of services.

    heard: is told of each result of an end point. seen: what was seen before a kill. views: makes one result of what
    several places saw.
    """

    inventory: Callable[[], Inventory]
    doors: ProbeDoors
    database: Database
    committer: Committer
    statuses: Statuses
    told: Callable[[Check | None, Ingested], None]
    heard: Heard | None = None
    seen: LastSeen | None = None
    views: Views | None = None


@dataclass(frozen=True, slots=True)
class Applications:
    """End points and services."""

    probing: Probing
    servicing: Servicing

    @property
    def services(self) -> tuple[Service, ...]:
        """Return what starts after polling, in this order."""
        return (self.probing, self.servicing)

    def replace(self, plan: ProbePlan) -> None:
        """Go on with another plan, and the inventory of now."""
        self.probing.replace(plan)
        self.servicing.replace()

    def endpoint(self, entity: str) -> Last | None:
        """Return the last word of an end point; None before its first."""
        return self.probing.last(entity)

    def service(self, entity: str) -> ServiceNow | None:
        """Return a service now; None where it is none."""
        return self.servicing.now(entity)


def applications_of(plan: ProbePlan, ground: Ground, presence: Presence, max_concurrent: int) -> Applications:
    """Return end points and services; presence tells of them too from now on."""
    doors, inventory = ground.doors, ground.inventory
    servicing = Servicing(
        inventory,
        ground.statuses,
        lambda: probing.statuses,
        doors.clock,
        ground.database,
        ground.committer,
        doors.poller,
    )
    servicing.told = ground.told
    probing = Probing(
        plan,
        doors,
        ground.database,
        ground.committer,
        max_concurrent,
        ground.told,
        servicing.read,
        Statuses(ground.heard),
        ground.seen,
        ground.views,
    )
    presence.beside = {"endpoint": probing.status, "service": servicing.status}
    return Applications(probing, servicing)
