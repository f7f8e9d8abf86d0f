"""The inventory folder as records: every region, site, device, circuit, end point and service as written, and where.

`*.yaml` may hold any of the mappings `regions:`, `sites:`, `devices:`, `circuits:`, `endpoints:`, `services:`, each
from id to properties; `regions.csv`, `sites.csv`, … hold a row for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from noc.inventory.columns import columns_of, row_data
from noc.inventory.csvtext import KEY, read_table
from noc.inventory.endpoints import EndpointText
from noc.inventory.entities import Circuit, DeviceText, Kind, Region, Service, Site
from noc.inventory.values import id_like, is_id
from noc.model.errors import InputError
from noc.model.finding import Finding, Level, did_you_mean
from noc.settings.schema import Places
from noc.settings.yamltext import Data, Place, read

MODELS: Mapping[Kind, type[Region | Site | DeviceText | Circuit | EndpointText | Service]] = {
    "region": Region,
    "site": Site,
    "device": DeviceText,
    "circuit": Circuit,
    "endpoint": EndpointText,
    "service": Service,
}
KINDS: tuple[Kind, ...] = get_args(Kind)
PLURALS: Mapping[str, Kind] = {f"{kind}s": kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Record:
    """One entity as written: its properties as plain data, and the place that they came from."""

    kind: Kind
    id: str
    data: dict[str, Data]
    places: Places
    path: tuple[str | int, ...]

    @property
    def key_place(self) -> Place:
        """Where the entity's id stands."""
        return self.places.key_place(*self.path)

    def finding(self, message: str, *path: str | int, level: Level = "error") -> Finding:
        """Return a finding at a property of this entity, or at its id when no path is given."""
        place = self.places.place(*self.path, *path) if path else self.key_place
        return self.named(replace(place.finding(message), level=level))

    def named(self, finding: Finding) -> Finding:
        """Return a finding that says which entity it is about."""
        return replace(finding, message=f"{self.kind} '{self.id}': {finding.message}")


Records = dict[Kind, dict[str, Record]]


@dataclass(slots=True)
class Folder:
    """What was found in an inventory folder. unread: kinds of which a file is missing here, because it is broken."""

    records: Records = field(default_factory=lambda: {kind: {} for kind in KINDS})
    unread: set[Kind] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Take a record, if its id is right and new."""
        if not is_id(record.id):
            near = id_like(record.id)
            message = f"{record.kind} '{record.id}': an id is made of lower-case letters, digits, '.', '_' and '-'"
            self.findings.append(record.key_place.finding(message + (f" (did you mean '{near}'?)" if near else "")))
            return
        first = self.records[record.kind].setdefault(record.id, record)
        if first is not record:
            place = first.key_place
            self.findings.append(
                record.finding(f"is in the inventory already: {place.file}:{place.line}:{place.column}")
            )


def read_folder(folder: Path, environment: Mapping[str, str]) -> Folder:
    """Return all records of a folder. What is wrong with its files is in `findings`; the rest is read on."""
    content = Folder()
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"the inventory folder can't be read: {reason}; create it, or name another in `inventory:`"
        content.findings.append(Finding(str(folder), 0, 0, "error", message))
        content.unread |= set(KINDS)
        return content
    for path in paths:
        if path.suffix in (".yaml", ".csv"):
            content.files.append(path)
            try:
                records = _from_yaml(path, environment, content) if path.suffix == ".yaml" else _from_csv(path, content)
                for record in records:
                    content.add(record)
            except InputError as error:
                content.findings += error.findings
                content.unread |= {PLURALS[path.stem]} if path.suffix == ".csv" and path.stem in PLURALS else set(KINDS)
        elif path.suffix == ".yml":
            message = "is not read; name it .yaml"
            content.findings.append(Finding(str(path), 0, 0, "warning", message))
    return content


def _from_yaml(path: Path, environment: Mapping[str, str], content: Folder) -> Iterator[Record]:
    document = read(path, environment, content.findings)
    data = document.data
    if data is None:
        return
    if not isinstance(data, dict):
        raise InputError([document.place().finding(f"expected some of the keys {', '.join(PLURALS)}")])
    for plural, section in data.items():
        if plural not in PLURALS:
            hint = did_you_mean(plural, PLURALS) or f"; known here: {', '.join(PLURALS)}"
            content.findings.append(document.key_place(plural).finding(f"unknown key '{plural}'{hint}"))
        elif isinstance(section, dict):
            for key, properties in section.items():
                record = Record(PLURALS[plural], key, {}, document, (plural, key))
                if properties is not None and not isinstance(properties, dict):
                    content.findings.append(record.finding("expected a mapping of its properties"))
                elif properties and "id" in properties:
                    place = document.key_place(plural, key, "id")
                    message = "unknown key 'id'; the id is what stands before the colon"
                    content.findings.append(record.named(place.finding(message)))
                else:
                    yield replace(record, data=properties or {})
        elif section is not None:
            message = f"{plural}: expected a mapping from ids to properties"
            content.findings.append(document.place(plural).finding(message))


def _from_csv(path: Path, content: Folder) -> Iterator[Record]:
    if path.stem not in PLURALS:
        hint = did_you_mean(path.stem, PLURALS)
        names = ", ".join(f"{plural}.csv" for plural in PLURALS)
        raise InputError([Finding(str(path), 0, 0, "error", f"unknown table '{path.stem}'{hint}; tables are {names}")])
    kind = PLURALS[path.stem]
    columns = columns_of(MODELS[kind])
    table, findings = read_table(path)
    content.findings += findings
    for index, column in enumerate(table.columns):
        if column not in columns:
            hint = did_you_mean(column, columns) or f"; known here: {', '.join(columns)}"
            place = table.cell_place(table.header, index)
            content.findings.append(place.finding(f"unknown column '{column}'{hint}"))
    if KEY not in table.columns:
        raise InputError([table.cell_place(table.header, 0).finding(f"the column '{KEY}' is missing")])
    number_of_id = table.columns.index(KEY)
    for number, row in enumerate(table.rows):
        key = row.texts[number_of_id]
        if not key:
            content.findings.append(table.cell_place(row, number_of_id).finding(f"this {kind} has no id"))
            continue
        data = row_data(table, number, columns)
        del data[KEY]
        yield Record(kind, key, data, table, (number,))
