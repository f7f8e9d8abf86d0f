"""Where an entity is: its name for people, the address of its page, its site and region. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from alerts import phrases
from alerts.scene import scene_of
from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Region, Service, Site
from noc.inventory.inventory import Inventory
from noc.model.part import PartName, part_name


@dataclass(frozen=True, slots=True)
class Place:
    """An entity for people. url: of its page, None where it has none. site: None where it stands in none.

    other: what is no single thing, such as a storm or a provider; as in `alerts.scene.Scene`.
    part: of a device, which is then called by what it is, too; device: its name.
    """

    entity: str
    name: str
    url: str | None
    site: Site | None
    region: Region | None
    other: tuple[str, str] | None = None
    part: PartName | None = None
    device: str = ""

    @property
    def site_url(self) -> str | None:
        """Return the address of the site's page."""
        return None if self.site is None else url_of("site", self.site.id)

    def speaks_of(self, text: str) -> bool:
        """Return whether a text stands in one of the names, capital letters or not."""
        names = [self.entity, self.name]
        if self.site is not None:
            names += [self.site.id, self.site.name]
        return any(text.casefold() in name.casefold() for name in names)


def place_of(inventory: Inventory, entity: str) -> Place:
    """Return where an entity is, also one that is no longer in the inventory."""
    key = entity.partition("/")[2]
    part = part_name(entity)
    if part is not None:
        device = place_of(inventory, part.owner)
        said = part.name if part.kind == "interface" else part.words
        called = f"{device.name} {said}"
        return Place(entity, called, device.url, device.site, device.region, part=part, device=device.name)
    thing = inventory.entity(entity)
    if isinstance(thing, Site):
        return Place(entity, thing.name, url_of("site", thing.id), thing, inventory.regions.get(thing.region))
    if isinstance(thing, Endpoint):
        site = inventory.sites.get(thing.site)
        region = None if site is None else inventory.regions.get(site.region)
        return Place(entity, thing.name, f"/services#endpoint-{quote(thing.id)}", site, region)
    if isinstance(thing, Service):
        return Place(entity, thing.name, f"/services#service-{quote(thing.id)}", None, None)
    if isinstance(thing, Device | Circuit):
        site = inventory.sites.get(thing.site)
        region = None if site is None else inventory.regions.get(site.region)
        url = url_of("device" if isinstance(thing, Device) else "circuit", thing.id)
        return Place(entity, thing.name, url, site, region)
    if isinstance(thing, Region):
        return Place(entity, thing.name, f"/sites?region={quote(thing.id)}", None, thing)
    other = scene_of(entity, inventory).other
    return Place(entity, key, _url_of_other(inventory, entity, key), None, None, other)


def _url_of_other(inventory: Inventory, entity: str, key: str) -> str | None:
    """Return the page that tells more of what is no single thing."""
    if entity.startswith("poller/"):
        return "/system"
    kind, _, name = key.partition("/") if entity.startswith("shared/") else ("", "", "")
    if kind == "storm":
        return f"/problems?{urlencode({'q': f'entity:{entity}'})}"
    if kind == "region" and name in inventory.regions:
        return f"/sites?region={quote(name)}"
    if kind == "provider" and any(one.provider == name for one in inventory.circuits.values()):
        return f"/circuits?{urlencode({'provider': name})}"
    return None


def named(place: Place, spoken: Language) -> str:
    """Return what an entity is called on a page in some language.

    What is no single thing is said in words; so is what a part of a device is.
    """
    if place.other is not None:
        kind, name = place.other
        policy, _, severity = name.rpartition("/")
        if kind == "storm" and policy:
            said = say("a storm of failures (policy {policy}, {severity})")
            return spoken.say(said, policy=spoken.isolated(policy), severity=spoken.say(severity))
        return phrases.other(spoken, kind, name)
    if place.part is None or place.part.kind == "interface":
        return place.name
    return f"{place.device} {phrases.part(spoken, place.part.kind, place.part.name)}"


def url_of(kind: str, key: str) -> str:
    """Return the address of the page of a site, a device or a circuit."""
    return f"/{kind}s/{quote(key, safe='')}"
