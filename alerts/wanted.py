"""Which incidents of a list are asked for: the same filters in the API, on the page and at the command line. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from alerts.scene import scene_of
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident, Severity
from noc.model.part import owner_of

_OF_INCIDENT: Final = ("summary", "said", "name", "description")
"""Facts in which a text is looked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is empty takes all. severities, priorities: one of these. owner: who owns it, by name.

    site, region: ids; of a region also what is at its sites. text: in the entity, the rule, names of the device, the
    circuit and the site, or in what was seen; `#7` is incident 7.
    """

    severities: Collection[Severity] = ()
    priorities: Collection[int] = ()
    owner: str = ""
    site: str = ""
    region: str = ""
    text: str = ""

    @property
    def is_anything(self) -> bool:
        """Return whether all are taken."""
        return self == Wanted()

    def takes(self, incident: Incident, inventory: Inventory) -> bool:
        """Return whether an incident is asked for."""
        return (
            (not self.severities or incident.severity in self.severities)
            and (not self.priorities or incident.priority in self.priorities)
            and (not self.owner or _same(self.owner, incident.acknowledged_by))
            and (not self.site or site_of(inventory, incident.entity) == self.site)
            and (not self.region or region_of(inventory, incident.entity) == self.region)
            and (not self.text or self._speaks(incident, inventory))
        )

    def _speaks(self, incident: Incident, inventory: Inventory) -> bool:
        text = self.text.casefold()
        if text == f"#{incident.id}":
            return True
        scene = scene_of(incident.entity, inventory)
        part = None if scene.part is None else scene.part.name
        names = (scene.device, scene.circuit, scene.service, scene.endpoint, scene.site, part)
        facts = (incident.facts.get(name) for name in _OF_INCIDENT)
        found = (incident.entity, incident.rule, site_of(inventory, incident.entity), *names, *facts)
        return any(text in str(one).casefold() for one in found if one is not None)


def site_of(inventory: Inventory, entity: str) -> str | None:
    """Return the id of the site where an entity is; None where it is at none."""
    found = inventory.entity(owner_of(entity) or entity)
    if isinstance(found, Device | Circuit | Endpoint):
        return found.site
    return found.id if isinstance(found, Site) else None


def region_of(inventory: Inventory, entity: str) -> str | None:
    """Return the id of the region where an entity is; None where it is in none."""
    found = inventory.entity(entity)
    if isinstance(found, Region):
        return found.id
    site = inventory.sites.get(site_of(inventory, entity) or "")
    return None if site is None else site.region


def _same(asked: str, owner: str | None) -> bool:
    return owner is not None and owner.casefold() == asked.casefold()
