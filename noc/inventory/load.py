"""From the inventory folder to the Inventory, with everything that is wrong on the way. Start reading here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from noc.inventory.circles import circles
from noc.inventory.endpointload import endpoint_of
from noc.inventory.endpoints import EndpointText
from noc.inventory.entities import Circuit, Device, DeviceText, Region, Service, Site
from noc.inventory.inventory import Inventory
from noc.inventory.layers import Layers
from noc.inventory.names import Names
from noc.inventory.records import Folder, Record, read_folder
from noc.inventory.references import Parts, References
from noc.inventory.watches import Known, Watches
from noc.inventory.written import WrittenNames, names_of
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.schema import Settings, validate_data
from noc.settings.written import texts

_Model = TypeVar("_Model", bound=Settings)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of an inventory folder.

    inventory: None when there is an error. devices, sites: how many are written, right or wrong. names: that are
    written. device_files: where each device is written.
    """

    inventory: Inventory | None
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    devices: int
    sites: int
    names: WrittenNames = field(default_factory=WrittenNames)
    device_files: Mapping[str, str] = field(default_factory=dict)


def load_inventory(folder: Path, layers: Layers, known: Known, environment: Mapping[str, str]) -> Loaded:
    """Read a folder of YAML and CSV and return its inventory and all findings, in file order.

    layers: of noc.yaml, below those of site and device. known: names that are defined elsewhere.
    environment: for `${NAME}` in YAML.
    """
    content = read_folder(folder, environment)
    findings = set(content.findings)
    parts = Parts(
        regions=_valid(Region, content.records["region"], findings),
        sites=_valid(Site, content.records["site"], findings),
        devices=_valid(DeviceText, content.records["device"], findings),
        circuits=_valid(Circuit, content.records["circuit"], findings),
        services=_valid(Service, content.records["service"], findings),
        endpoints=_valid(EndpointText, content.records["endpoint"], findings),
    )
    references = References(content, parts)
    findings.update(references.findings())
    findings.update(_circles(content, references))
    watches = Watches(layers, known, content.records)
    devices = {key: _device(device, parts, references, watches) for key, device in parts.devices.items()}
    endpoints = {
        key: endpoint_of(text, content.records["endpoint"][key], parts.sites.get(text.site), layers, findings)
        for key, text in parts.endpoints.items()
    }
    findings |= _of_layers(content, layers, watches)
    inventory = None
    if not any(finding.level == "error" for finding in findings):
        inventory = Inventory(parts.regions, parts.sites, devices, parts.circuits, parts.services, endpoints)
    return Loaded(
        inventory=inventory,
        findings=tuple(sorted(findings)),
        files=tuple(content.files),
        devices=len(content.records["device"]),
        sites=len(content.records["site"]),
        names=names_of(content),
        device_files=_files(content.records["device"]),
    )


def _files(records: Mapping[str, Record]) -> dict[str, str]:
    """Return where each record is written. All that one file gave have it as their places."""
    files: dict[int, str] = {}
    for record in records.values():
        if id(record.places) not in files:
            files[id(record.places)] = record.key_place.file
    return {key: files[id(record.places)] for key, record in records.items()}


def _valid(model: type[_Model], records: Mapping[str, Record], findings: set[Finding]) -> dict[str, _Model]:
    valid: dict[str, _Model] = {}
    for key, record in records.items():
        try:
            data = {"id": key, "name": key, **record.data}
            valid[key] = validate_data(model, data, record.places, record.path)
        except InputError as error:
            findings.update(record.named(finding) for finding in error.findings)
    return valid


def _device(text: DeviceText, parts: Parts, references: References, watches: Watches) -> Device:
    return Device(
        id=text.id,
        name=text.name,
        site=text.site,
        address=text.address,
        device_class=text.device_class,
        watch=watches.of(text, parts.sites.get(text.site)),
        snmp_port=text.snmp_port,
        upstream=tuple(meant for written in text.upstream for meant in references.upstream(written)),
        in_service=text.in_service,
        tags=text.tags,
        room=text.room,
        installed=text.installed,
        end_of_support=text.end_of_support,
        shares=text.shares,
    )


def _circles(content: Folder, references: References) -> Iterator[Finding]:
    upstream: dict[str, list[str]] = {
        f"device/{key}": [name for _, text in texts(record.data, "upstream") for name in references.upstream(text)]
        for key, record in content.records["device"].items()
    }
    # A site's state is that of its edge devices.
    upstream |= {
        f"site/{key}": [f"device/{edge}" for _, edge in texts(record.data, "edge_devices")]
        for key, record in content.records["site"].items()
    }
    for circle in circles(upstream):
        first = next(name for name in circle if name.startswith("device/")).partition("/")[2]
        chain = " → ".join((*circle, circle[0]))
        yield content.records["device"][first].finding(f"upstream goes in a circle: {chain}", "upstream")
    formulas: dict[str, list[str]] = {}
    for key, _, formula in references.formulas():
        formulas.setdefault(f"service/{key}", []).extend(name for _, name in formula.entities())
    for circle in circles(formulas):
        chain = " → ".join((*circle, circle[0]))
        record = content.records["service"][circle[0].partition("/")[2]]
        yield record.finding(f"formulas go in a circle: {chain}", "formula")


def _of_layers(content: Folder, layers: Layers, watches: Watches) -> set[Finding]:
    """Return what is wrong with the layers: names that don't exist, values that contradict, classes of no site."""
    for layer in layers.all():
        watches.check_layer(layer)
    for record in content.records["site"].values():
        watches.check_site(record)
    for record in content.records["device"].values():
        watches.check_device(record)
    return watches.findings | set(_unused_classes(content, layers))


def _unused_classes(content: Folder, layers: Layers) -> Iterator[Finding]:
    used = {str(record.data.get("class")) for record in content.records["site"].values()}
    names = Names(used)
    for name, layer in layers.site_classes.items():
        if name not in used and "site" not in content.unread:
            place = layer.places.key_place(*layer.path)
            message = f"{layer.label}: no site is of class '{name}'{names.hint(name)}"
            yield Finding(place.file, place.line, place.column, "warning", message)
