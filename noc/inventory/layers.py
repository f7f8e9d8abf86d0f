"""How a device is watched, and where that is set: defaults < device class < site class < site < device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from noc.inventory.interfaces import UPLINKS, InterfacesField
from noc.inventory.ssh import Backup, SshCheck
from noc.inventory.values import Liveness, LivenessField, PortAddressesField
from noc.settings.schema import Duration, Places, Settings

DeviceClass = Literal[
    "switch",
    "router",
    "firewall",
    "satellite-modem",
    "earth-station",
    "microwave",
    "radio",
    "server",
    "storage",
    "tape-library",
    "ups",
    "pabx",
    "video",
    "digital-terminal",
    "other",
]
"""What a device is."""

DownWhen = Literal["any", "quorum", "all", "testimony"]
"""What it takes to call a device down that pollers at several places watch: one view, more than half, all of them, or
one view while what it hangs on is seen up."""

DEVICE_CLASSES: tuple[str, ...] = get_args(DeviceClass)

AUTO_PROFILE = "auto"
"""The profile that is found by the device's sysObjectID."""


class WatchText(Settings):
    """How to watch a device. Everything may be left out, and is then taken from the next layer."""

    interval: Duration | None = None
    """Time between two liveness probes."""
    poll_interval: Duration | None = None
    """Time between two polls of all that the profile asks for."""
    timeout: Duration | None = None
    """How long to wait for one answer. SNMP waits longer, up to four times that, for a device that is seen to answer
    later, and asks a quick one again sooner."""
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    """How often to ask again after a timeout."""
    confirm_down: Annotated[int, Field(ge=1, le=100)] | None = None
    """Failures in a row that make it down; the change is dated back to the first."""
    confirm_up: Annotated[int, Field(ge=1, le=100)] | None = None
    """Answers in a row that make it up again."""
    stale_after: Duration | None = None
    """Without evidence for so long, the state is unknown. Default: 3 x interval."""
    skew: Duration | None = None
    """How far apart the probes of a device and of its upstream may be. Default: 1 x interval."""
    liveness: LivenessField | None = None
    """The one check that tells up from down: icmp, snmp, or tcp:PORT."""
    credentials: str | None = None
    """Name of a set in `credentials:`. Without, the device is probed but not polled."""
    profile: str | None = None
    """Name of a profile, or auto: found by sysObjectID."""
    ssh: SshCheck | None = None
    """What is asked by SSH."""
    rediscover: Duration | None = None
    """Within this time, new rows of tables are found at the latest; until then a poll asks for what is known."""
    backup: Backup | None = None
    """Copies of its configuration, fetched by SSH."""
    watch_interfaces: InterfacesField | None = None
    """Which interfaces have a status of their own, beside the ends of circuits: `uplinks` (with a description, on what
    carries a site or where a neighbour is heard), `all`, `none`, or a list of names; `*` stands for anything."""
    max_parts: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """So many neighbours, VRFs, tunnels, probes and interfaces of it are watched at most; what is beyond is counted."""
    port_addresses: PortAddressesField | None = None
    """How often it is asked which hardware addresses its ports have, or `never`. Default: 30m for switches, `never` for
    all others and where a byte budget holds."""
    useful_life: Annotated[int, Field(ge=1, le=100)] | None = None
    """Years from the day it was installed after which it is past its useful life. Without, nobody can tell."""
    down_when: DownWhen | None = None
    """What it takes to be down, where pollers of several places watch it: `any` of them sees it so, a `quorum` of more
    than half, `all`, or `testimony`: one does, and what it hangs on is seen up."""


WATCH_KEYS = tuple(WatchText.model_fields)


@dataclass(frozen=True, slots=True)
class Watch:
    """How a device is watched: the layers resolved. Shared between devices that are watched alike."""

    interval: timedelta
    poll_interval: timedelta
    timeout: timedelta
    retries: int
    confirm_down: int
    confirm_up: int
    stale_after: timedelta
    skew: timedelta
    liveness: Liveness
    credentials: str | None
    profile: str
    ssh: SshCheck | None = None
    rediscover: timedelta = timedelta(hours=1)
    backup: Backup | None = None
    watch_interfaces: tuple[str, ...] = (UPLINKS,)
    max_parts: int = 500
    port_addresses: timedelta | None = None
    useful_life: int | None = None
    down_when: DownWhen = "quorum"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as written, and where: `label` names it in messages, `places` and `path` find its values."""

    text: WatchText
    places: Places
    path: tuple[str | int, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers below the site: those that noc.yaml holds.

    whole: False where parts of them are wrong and left out, so that nothing can be said of what they would give.
    """

    defaults: Layer | None = None
    device_classes: Mapping[str, Layer] = field(default_factory=dict)
    site_classes: Mapping[str, Layer] = field(default_factory=dict)
    whole: bool = True

    def all(self) -> list[Layer]:
        """Return every layer there is."""
        lowest = [self.defaults] if self.defaults is not None else []
        return [*lowest, *self.device_classes.values(), *self.site_classes.values()]

    def below(self, device_class: str, site_class: str | None) -> list[Layer]:
        """Return the layers of a device of this class at a site of that class, the farthest first."""
        found = [self.defaults, self.device_classes.get(device_class), self.site_classes.get(site_class or "")]
        return [layer for layer in found if layer is not None]


BUILT_IN = WatchText(
    interval=timedelta(seconds=60),
    poll_interval=timedelta(minutes=5),
    timeout=timedelta(seconds=2),
    retries=2,
    confirm_down=3,
    confirm_up=1,
    liveness=Liveness("icmp"),
    profile=AUTO_PROFILE,
    rediscover=timedelta(hours=1),
    watch_interfaces=(UPLINKS,),
    max_parts=500,
    down_when="quorum",
)


def resolve(layers: Sequence[WatchText]) -> Watch:
    """Return what holds for a device: of each value the nearest that is given; the farthest layer comes first.

    A layer that gives `interval` without `stale_after` or `skew` takes these from its own interval.
    """
    merged: dict[str, object] = {}
    for text in (BUILT_IN, *layers):
        if text.interval is not None:
            merged["stale_after"], merged["skew"] = 3 * text.interval, text.interval
        merged.update({key: value for key in WATCH_KEYS if (value := getattr(text, key)) is not None})
    return Watch(**{"credentials": None, **merged})  # type: ignore[arg-type]  # WATCH_KEYS are the fields of Watch
