"""The root settings: what `config/noc.yaml` may hold, one field for each component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from alerts.policies import AlertSettings, Delay
from alerts.tellingsettings import FilePath, MqttSettings
from collectors.receivers._settings import ReceiverSettings
from noc.app.includes import Merged
from noc.app.pollersettings import PollersSettings
from noc.app.reportsettings import ReportSettings
from noc.app.segmentationsettings import SegmentationSettings
from noc.discovery.settings import DiscoverySettings
from noc.http.settings import HttpSettings
from noc.inventory.credentials import CredentialSet
from noc.inventory.endpoints import Url
from noc.inventory.layers import DEVICE_CLASSES, DeviceClass, Layer, Layers, WatchText
from noc.inventory.values import ByteCount, Word, is_id
from noc.inventory.watches import Known
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.pipeline.objectives import ObjectiveSettings
from noc.settings.schema import Duration, Settings, validate_data
from noc.settings.written import mapping
from noc.settings.yamltext import Data
from noc.wire.ssh import HostKeyPolicy


class Classes(Settings):
    """What holds for devices by their class, and for all devices of a site by the site's class."""

    devices: dict[DeviceClass, WatchText] = Field(default_factory=dict)
    """By class of the device: router, satellite-modem, …."""
    sites: dict[Word, WatchText] = Field(default_factory=dict)
    """By class of the site: hub, field, …; stronger than the device's class."""


class PollingSettings(Settings):
    """How this process asks."""

    poller: Word = "centre"
    """Name of this poller. Readings and ledger records say who saw what they tell."""
    vantage: Annotated[str, Field(max_length=100)] = ""
    """Where this poller looks from, such as the id of its site; ledger records say it as part of their evidence."""
    max_concurrent: Annotated[int, Field(ge=1, le=10_000)] = 500
    """Checks that may be under way at once; of liveness it may be more, as many as it takes to ask each in its interval
    were nothing to answer."""
    reprobe: Delay = timedelta(seconds=5)
    """What begins to fail is asked again after so long, and what it hangs on at once. `0s`: never."""
    uplink: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    """Entities over which this poller reaches everything, such as device/bds-rtr-1; several are redundant. When all of
    them fail, one incident of the poller says so."""


class SshSettings(Settings):
    """How noc logs in by SSH, on all devices alike."""

    host_keys: HostKeyPolicy = "accept-new"
    """accept-new: the key of a device is kept at the first log-in. strict: it must be known before. A key that is
    another than the known one is refused in both."""
    known_hosts: FilePath | None = None
    """A known_hosts file of yours, with addresses as names; noc reads it and never writes it."""
    max_sessions: Annotated[int, Field(ge=1, le=256)] = 16
    """Sessions that may be under way at once."""


class SpoolSettings(Settings):
    """Samples wait here, on disk, for their store."""

    budget: Annotated[ByteCount, Field(ge=1_000_000)] = 4_000_000_000
    """What the spool may take of the disk, 1MB at least. Beyond it the oldest samples are shed, and counted."""
    hold_back: Duration = timedelta(hours=1)
    """How long samples stay that the store has taken, within the budget: one that lost them all the same is fed again
    by `noc spool replay`."""
    hold_back_size: Annotated[ByteCount, Field(ge=0)] = 500_000_000
    """How much of such samples stays at most."""
    series_at_most: Annotated[int, Field(ge=1)] = 500_000
    """Series of one measurement, within a month: rows of further ones are left out; the log names the tag that makes
    them."""


class SealSettings(Settings):
    """Who else is told of the ledger's seal after each midnight UTC, beside the log.

    Each may be told more than once.
    """

    file: FilePath | None = None
    """A line is added to this file: on another disk, or one that others copy away."""
    url: Url | None = None
    """It is sent there by POST, as JSON."""
    mqtt: MqttSettings | None = None
    """It is published as `noc/v1/state/ledger/seal`, retained."""


PluggedText = dict[str, object]
"""The settings of a plug-in: `kind`, and what the plug-in of that name asks; checked by its own model."""


class RootSettings(Settings):
    """All settings. Paths are relative to the folder of noc.yaml."""

    include: tuple[str, ...] = ()
    """More files of settings, with `*` for many: mappings are merged, lists appended, nothing may be set twice."""
    simulated: bool = False
    """None of these devices is real: pages, messages, reports and the names of their files say SIMULATED."""
    state_dir: FilePath = Path("/var/lib/noc")
    """Folder for what must survive a restart."""
    inventory: FilePath = Path("inventory")
    """Folder of the inventory."""
    reload_max_removed: Annotated[float, Field(ge=0, le=100)] = 20
    """Of all devices, in percent: a reload that would remove more, and more than 10, is refused, for a file may have
    been emptied by accident. 100: none is."""
    profiles: FilePath | None = None
    """Folder of your own profiles; a file of the same name replaces a shipped one."""
    credentials: dict[Word, CredentialSet] = Field(default_factory=dict)
    """Sets of credentials by name; devices name one."""
    defaults: WatchText = WatchText()
    """How devices are watched, unless their class, site, or they themselves say otherwise."""
    classes: Classes = Classes()
    """What holds by class of device and of site."""
    polling: PollingSettings = PollingSettings()
    """How this process asks."""
    pollers: PollersSettings = PollersSettings()
    """Remote pollers, and over which broker they speak with this centre."""
    ssh: SshSettings = SshSettings()
    """How it logs in by SSH."""
    receivers: ReceiverSettings = ReceiverSettings()
    """What devices send by themselves: traps and syslog."""
    events: FilePath | None = None
    """Folder of your own rules for events; a file of the same name replaces a shipped one."""
    discovery: DiscoverySettings = DiscoverySettings()
    """How `noc discover` looks for devices."""
    spool: SpoolSettings = SpoolSettings()
    """Where samples wait for the store."""
    rules: FilePath | None = None
    """Folder of your own rules; a file of the same name replaces a shipped one."""
    alerts: AlertSettings = AlertSettings()
    """Who is told of incidents, and how."""
    http: HttpSettings = HttpSettings()
    """The dashboard and the API."""
    seal: SealSettings = SealSettings()
    """Who is told of the ledger's daily seal."""
    availability_target: Annotated[float, Field(gt=0, le=100)] = 99.8
    """What is promised of the network, in percent, where `objectives` has no word of it."""
    objectives: ObjectiveSettings = ObjectiveSettings()
    """What is promised of regions, classes of sites, sites, devices, circuits, services."""
    segmentation: SegmentationSettings = SegmentationSettings()
    """What must not reach what; proved on a rhythm."""
    reports: ReportSettings = ReportSettings()
    """Reports that are made by themselves."""
    store: PluggedText = Field(default_factory=dict)
    """Where time series go: `kind: embedded` (files of noc's own, the default), `influx`, `memory`."""


@dataclass(frozen=True, slots=True)
class Validated:
    """Settings as far as they are right.

    settings: with built-in values for keys that are wrong. wrong: those top-level keys.
    """

    settings: RootSettings
    wrong: frozenset[str]
    findings: tuple[Finding, ...]


def validated(merged: Merged) -> Validated:
    """Return the settings of a merged file, key by key, so that one wrong key doesn't hide what else is wrong."""
    right: dict[str, Data] = {}
    findings: list[Finding] = []
    for key, value in merged.data.items():
        try:
            validate_data(RootSettings, {key: value}, merged)
            right[key] = value
        except InputError as error:
            findings += error.findings
    return Validated(
        settings=validate_data(RootSettings, right, merged),
        wrong=frozenset(merged.data.keys() - right.keys()),
        findings=tuple(findings),
    )


def layers_of(root: Validated, merged: Merged) -> Layers:
    """Return the layers of the settings for the inventory, with their places; those that are wrong as far as right."""
    classes = mapping(merged.data, "classes")
    return Layers(
        defaults=_layer(merged.data.get("defaults"), merged, "defaults"),
        device_classes=_layers(mapping(classes, "devices"), DEVICE_CLASSES.__contains__, merged, "devices"),
        site_classes=_layers(mapping(classes, "sites"), is_id, merged, "sites"),
        whole=not root.wrong & {"defaults", "classes"},
    )


def _layers(
    written: Mapping[str, Data], is_class: Callable[[str], bool], merged: Merged, kind: str
) -> dict[str, Layer]:
    return {name: _layer(data, merged, "classes", kind, name) for name, data in written.items() if is_class(name)}


def _layer(written: Data, merged: Merged, *path: str) -> Layer:
    """Return a layer of the keys that are right; what is wrong is told with all settings."""
    right = {}
    for key, value in written.items() if isinstance(written, dict) else ():
        with suppress(InputError):
            validate_data(WatchText, {key: value}, merged, path)
            right[key] = value
    return Layer(validate_data(WatchText, right, merged, path), merged, path, ".".join(path))


def known_names(merged: Merged, profiles: set[str], platforms: set[str]) -> Known:
    """Return the names that an inventory may use; also of credentials that are wrong in themselves."""
    written = merged.data.get("credentials", {})
    if not isinstance(written, dict):
        return Known(profiles, None, platforms=platforms)
    without: dict[str, set[str]] = {
        part: {name for name, parts in written.items() if isinstance(parts, dict) and parts.get(part) is None}
        for part in ("snmp", "ssh")
    }
    names = set(written)
    return Known(profiles, names, names - without["snmp"], names - without["ssh"], platforms)
