"""Of all that is promised, what speaks most closely of an entity holds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from noc.availability.objectives import Target
from noc.inventory.entities import Circuit, Region, Service, Site
from noc.inventory.inventory import Inventory
from noc.pipeline.objectives import ObjectiveSettings, targets_of
from tests.things import device


def site(name: str, region: str, site_class: str) -> Site:
    return Site.model_validate({"id": name, "name": name, "region": region, "class": site_class})


def circuit(name: str) -> Circuit:
    end = {"device": "d", "interface": "e"}
    return Circuit.model_validate({"id": name, "name": name, "kind": "satellite", "site": "far", "a": end})


def service(name: str, **more: float) -> Service:
    return Service.model_validate({"id": name, "name": name, "formula": {"any_of": ("device/d",)}, **more})


INVENTORY = Inventory(
    regions={name: Region(id=name, name=name) for name in ("africa", "europe")},
    sites={
        "far": site("far", "africa", "field"),
        "near": site("near", "africa", "hub"),
        "own": site("own", "africa", "field"),
        "home": site("home", "europe", "hq"),
    },
    devices={"d": replace(device("d"), site="far"), "e": replace(device("e"), site="far")},
    circuits={"line": circuit("line"), "other": circuit("other")},
    services={"mail": service("mail", availability_target=99.9), "erp": service("erp"), "dns": service("dns")},
)
SAID = ObjectiveSettings.model_validate(
    {
        "regions": {"africa": 99.5},
        "site_classes": {"field": 99},
        "sites": {"own": 98.75},
        "devices": {"e": 97.3},
        "circuits": {"other": 95},
        "services": {"erp": 99.99},
    }
)


def test_the_nearest_word_holds() -> None:
    targets = targets_of(INVENTORY, SAID, 99.8)
    found = {name: (str(float(one.percent)), one.said_of) for name, one in targets.of_entity.items()}
    assert found == {
        "region/africa": ("99.5", "region/africa"),
        "region/europe": ("99.8", "network"),
        "site/far": ("99.0", "site class field"),
        "site/near": ("99.5", "region/africa"),
        "site/own": ("98.75", "site/own"),
        "site/home": ("99.8", "network"),
        "device/d": ("99.0", "site class field"),
        "device/e": ("97.3", "device/e"),
        "circuit/line": ("99.0", "site class field"),
        "circuit/other": ("95.0", "circuit/other"),
        "service/mail": ("99.9", "service/mail"),
        "service/erp": ("99.99", "service/erp"),
        "service/dns": ("99.8", "network"),
    }
    assert targets.of("poller/x") == targets.network == Target(Fraction("99.8"), "network")


def test_percentages_are_those_that_are_written() -> None:
    assert targets_of(INVENTORY, SAID, 99.8).of("device/e").percent == Fraction(973, 10)


def test_the_network_s_own_word_comes_before_the_older_one() -> None:
    said = ObjectiveSettings.model_validate({"network": 99.9, "time_zone": "Europe/Rome"})
    targets = targets_of(INVENTORY, said, 99.8)
    assert (targets.network.percent, targets.zone) == (Fraction("99.9"), "Europe/Rome")
