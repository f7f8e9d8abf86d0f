"""The layers of each device resolved, and what in them contradicts itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from noc.inventory.entities import DeviceText, Site
from noc.inventory.layers import AUTO_PROFILE, WATCH_KEYS, Layer, Layers, Watch, resolve
from noc.inventory.names import Names
from noc.inventory.records import Record, Records
from noc.model.command import PLATFORMS
from noc.model.finding import Finding, Level
from noc.settings.schema import Places, format_duration
from noc.settings.written import mapping, text
from noc.settings.yamltext import Data

LIST_PROFILES: Final = "; `noc profile list` lists all"


@dataclass(frozen=True, slots=True)
class Known:
    """Names that an inventory may use and that are defined elsewhere.

    credentials: None where they can't be told. snmp_credentials, ssh_credentials: those credentials that have an snmp
    part, an ssh part. platforms: command lines.
    """

    profiles: Collection[str] = ()
    credentials: Collection[str] | None = ()
    snmp_credentials: Collection[str] = ()
    ssh_credentials: Collection[str] = ()
    platforms: Collection[str] = PLATFORMS


class Watches:
    """Resolves how devices are watched. Equal results are one object; findings come once for each place."""

    def __init__(self, layers: Layers, known: Known, records: Records) -> None:
        self._layers = layers
        self._without_snmp = set(known.credentials or ()) - set(known.snmp_credentials)
        self._without_ssh = set(known.credentials or ()) - set(known.ssh_credentials)
        self._can_tell_credentials = known.credentials is not None
        self._records = records
        self._profiles = Names({AUTO_PROFILE, *known.profiles})
        self._credentials = Names(known.credentials or ())
        self._platforms = Names(known.platforms)
        self._by_place: dict[tuple[str, str], Watch] = {}
        self._same: dict[Watch, Watch] = {}
        self.findings: set[Finding] = set()

    def of(self, device: DeviceText, site: Site | None) -> Watch:
        """Return how a device is watched. site: None where the site is unknown."""
        key = (device.device_class, device.site)
        if not device.model_fields_set.isdisjoint(WATCH_KEYS):
            layer = _layer_of(self._records["device"][device.id], device)
            return self._resolved([*self._below(device, site), layer], is_whole=site is not None)
        if key not in self._by_place:
            self._by_place[key] = self._resolved(self._below(device, site), is_whole=site is not None)
        return self._by_place[key]

    def check_layer(self, layer: Layer) -> None:
        """Note profiles and credentials of a layer that don't exist."""
        names: dict[str, Data] = {"profile": layer.text.profile, "credentials": layer.text.credentials}
        if layer.text.ssh is not None:
            names["ssh"] = {"platform": layer.text.ssh.platform}
        self._check_names(names, layer.places, layer.path, layer.label)

    def check_site(self, record: Record) -> None:
        """Note names in the defaults of a site that don't exist; also where something else of it is wrong."""
        label = f"site '{record.id}': defaults"
        self._check_names(mapping(record.data, "defaults"), record.places, (*record.path, "defaults"), label)

    def check_device(self, record: Record) -> None:
        """Note names that a device itself gives and that don't exist; also where something else of it is wrong."""
        self._check_names(record.data, record.places, record.path, f"device '{record.id}'")

    def _check_names(self, data: Mapping[str, Data], places: Places, path: tuple[str | int, ...], label: str) -> None:
        profile, credentials = text(data, "profile"), text(data, "credentials")
        if profile is not None and profile not in self._profiles:
            message = f"{label}: unknown profile '{profile}'{self._profiles.hint(profile) or LIST_PROFILES}"
            self.findings.add(places.place(*path, "profile").finding(message))
        if credentials is not None and self._can_tell_credentials and credentials not in self._credentials:
            message = f"{label}: unknown credentials '{credentials}'{self._credentials.hint(credentials)}"
            self.findings.add(places.place(*path, "credentials").finding(message))
        platform = text(mapping(data, "ssh"), "platform")
        if platform is not None and platform not in self._platforms:
            message = f"{label}: ssh.platform: unknown platform '{platform}'{self._platforms.hint(platform)}"
            self.findings.add(places.place(*path, "ssh", "platform").finding(message))

    def _below(self, device: DeviceText, site: Site | None) -> list[Layer]:
        below = self._layers.below(device.device_class, site.site_class if site is not None else None)
        return below if site is None else [*below, _layer_of_site(self._records["site"][site.id], site)]

    def _resolved(self, layers: Sequence[Layer], *, is_whole: bool) -> Watch:
        """Return what the layers give. is_whole: whether none is missing, because the site is in error for instance."""
        watch = resolve([layer.text for layer in layers])
        for keys, level, message in self._contradictions(watch) if is_whole and self._layers.whole else ():
            layer, key = _nearest(layers, keys)
            self._note(layer, key, message, level)
        return self._same.setdefault(watch, watch)

    def _contradictions(self, watch: Watch) -> Iterator[tuple[tuple[str, ...], Level, str]]:
        """Yield what doesn't fit together: the values that it comes from, its level, the words."""
        interval = format_duration(watch.interval)
        if watch.stale_after <= watch.interval:
            stale = format_duration(watch.stale_after)
            message = f"stale_after {stale} must be longer than interval {interval}, or nothing is known between probes"
            yield ("stale_after", "interval"), "error", message
        if watch.timeout * (watch.retries + 1) > watch.interval:
            tries = f"{watch.retries + 1} x {format_duration(watch.timeout)}"
            message = f"a probe may take {tries} (timeout, retries), longer than its interval {interval}"
            yield ("timeout", "retries", "interval"), "warning", message
        if watch.credentials is None and watch.profile != AUTO_PROFILE:
            yield ("profile",), "error", f"profile '{watch.profile}' needs credentials; none are set"
        if watch.liveness.check == "snmp" and watch.credentials is None:
            yield ("liveness",), "error", "liveness snmp needs credentials; none are set"
        elif watch.liveness.check == "snmp" and watch.credentials in self._without_snmp:
            message = f"liveness snmp, but credentials '{watch.credentials}' have no snmp part"
            yield ("credentials", "liveness"), "error", message
        for key, wanted in (("ssh", watch.ssh), ("backup", watch.backup)):
            if wanted is not None and watch.credentials is None:
                yield (key,), "error", f"{key} needs credentials; none are set"
            elif wanted is not None and watch.credentials in self._without_ssh:
                message = f"{key} is set, but credentials '{watch.credentials}' have no ssh part"
                yield ("credentials", key), "error", message
        if (watch.backup or (watch.ssh and watch.ssh.checks)) and _platform_stays_unknown(watch, self._without_snmp):
            message = f"nothing says what command line it has: give `ssh: platform:`, as '{PLATFORMS[1]}', or a profile"
            yield ("backup", "ssh", "credentials"), "error", message

    def _note(self, layer: Layer, key: str, message: str, level: Level = "error") -> None:
        finding = layer.places.place(*layer.path, key).finding(f"{layer.label}: {message}")
        self.findings.add(replace(finding, level=level))


def _platform_stays_unknown(watch: Watch, without_snmp: Collection[str]) -> bool:
    """Return whether neither people nor a poll by SNMP will say what platform a device is."""
    named = watch.ssh is not None and watch.ssh.platform is not None
    return not named and watch.profile == AUTO_PROFILE and watch.credentials in without_snmp


def _nearest(layers: Sequence[Layer], keys: Sequence[str]) -> tuple[Layer, str]:
    """Return the nearest layer that gives one of these values, and which; built-in values don't contradict."""
    return next(
        (layer, key) for layer in reversed(layers) for key in keys if getattr(layer.text, key, None) is not None
    )


def _layer_of(record: Record, device: DeviceText) -> Layer:
    return Layer(device, record.places, record.path, f"device '{device.id}'")


def _layer_of_site(record: Record, site: Site) -> Layer:
    return Layer(site.defaults, record.places, (*record.path, "defaults"), f"site '{site.id}': defaults")
