"""What `noc check` finds wrong with objectives: names of nothing, and what is said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from noc.app.includes import Merged
from noc.inventory.inventory import Inventory
from noc.model.finding import Finding, did_you_mean
from noc.settings.written import mapping

KEY = "objectives"


def wrong_objectives(merged: Merged, inventory: Inventory | None) -> Iterator[Finding]:
    """Yield what is wrong with `objectives:` beside its form. inventory: None, where it can't be used."""
    objectives = mapping(merged.data, KEY)
    if "network" in objectives and "availability_target" in merged.data:
        message = f"availability_target: {KEY}.network says the same; remove this one"
        yield merged.key_place("availability_target").finding(message)
    if inventory is None:
        return
    for kind, known in _known(inventory, merged).items():
        for name in mapping(objectives, kind):
            if name not in known:
                one = kind.removesuffix("es" if kind == "site_classes" else "s").replace("_", " ")
                message = f"{KEY}.{kind}: there is no {one} '{name}'{did_you_mean(name, known)}"
                yield merged.key_place(KEY, kind, name).finding(message)
    for name in mapping(objectives, "services"):
        service = inventory.services.get(name)
        if service is not None and service.availability_target is not None:
            message = f"{KEY}.services: the inventory says the availability_target of '{name}' too; remove one of both"
            yield merged.key_place(KEY, "services", name).finding(message)


def _known(inventory: Inventory, merged: Merged) -> Mapping[str, Iterable[str]]:
    classes = {site.site_class for site in inventory.sites.values()}
    return {
        "regions": inventory.regions,
        "site_classes": classes | mapping(mapping(merged.data, "classes"), "sites").keys(),
        "sites": inventory.sites,
        "devices": inventory.devices,
        "circuits": inventory.circuits,
        "services": inventory.services,
    }
