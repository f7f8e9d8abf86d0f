"""Models: what a device of each class answers. A model is a View, shared by all its devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final

from noc.inventory.layers import DeviceClass
from noc.simulator.models import acm, cisco, cooling, hosts, power, satellite
from noc.simulator.models.interfaces import IF_NAME, WAN_INTERFACE
from noc.simulator.moment import Moment
from noc.simulator.objects import Object, View
from noc.simulator.places import SiteClass

__all__ = ["ACM_MODEM", "MODELS", "PORTS_OF_A_SWITCH", "WAN_INTERFACE", "is_locked", "model_of", "port_names", "view"]

PORTS_OF_A_SWITCH: Final = {"small": 10, "large": 26}

ACM_MODEM: Final = "satellite-modem-acm"
"""A modem with adaptive coding, which tells its MODCOD."""

AIR_CONDITIONER: Final = "air-conditioner"
"""What other devices of a data centre are."""

MODELS: Final[dict[str, Callable[[], Iterator[Object]]]] = {
    "router": partial(cisco.router, old=False),
    "router-old": partial(cisco.router, old=True),
    **{f"switch-{size}": partial(cisco.switch, ports) for size, ports in PORTS_OF_A_SWITCH.items()},
    "server": partial(hosts.linux, hosts.SERVER_DISKS),
    "storage": partial(hosts.linux, hosts.STORAGE_DISKS),
    "ups": power.ups,
    AIR_CONDITIONER: cooling.air_conditioner,
    "satellite-modem": satellite.modem,
    ACM_MODEM: acm.modem,
    **{name: partial(hosts.generic, name) for name in hosts.GENERIC},
}

_OLD_EACH: Final = 3
"""Of the routers in the field, every so many is an old one."""

_ACM_EACH: Final[dict[str, int]] = {"satellite-modem": 3, "earth-station": 2}
"""Of these classes, every so many has adaptive coding."""


def model_of(device_class: DeviceClass, site_class: SiteClass, number: int) -> str:
    """Return the name of a device's model."""
    if device_class == "router" and site_class == "field" and number % _OLD_EACH == 0:
        return "router-old"
    if device_class == "switch":
        return "switch-small" if site_class == "field" else "switch-large"
    if device_class == "other" and site_class == "hub":
        return AIR_CONDITIONER
    if device_class in _ACM_EACH and number % _ACM_EACH[device_class] == 1:
        return ACM_MODEM
    return device_class


def is_locked(now: Moment) -> bool | None:
    """Return whether a satellite modem has its carrier; None for what is none."""
    device = now.machine.device
    model = model_of(device.device_class, now.machine.place.site_class, device.number)
    if model == ACM_MODEM:
        return acm.is_locked(now)
    return satellite.is_locked(now) if model == "satellite-modem" else None


@cache
def view(model: str, peers: tuple[cisco.Peer, ...] = ()) -> View:
    """Return the objects of a model. Raises KeyError where there is no such model.

    peers: routers of the world that it has sessions of BGP with.
    """
    return View([*MODELS[model](), *cisco.sessions(peers)])


def port_names(objects: View) -> tuple[str, ...]:
    """Return the ifName of each interface, that of ifIndex 1 first."""
    names: list[str] = []
    while (oid := (*IF_NAME, len(names) + 1)) in objects.position:
        names.append(objects.text(oid))
    return tuple(names)
