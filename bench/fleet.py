"""Writes the whole fleet of the organisation as a configuration: 594 sites, 20,303 devices, by class.

    python bench/fleet.py FOLDER [--format yaml|csv] [--seed N]

Figures: the field assets of June 2017 that a network operations centre watches. The same seed gives the same fleet.
`noc check -c FOLDER/noc.yaml` finds nothing wrong with it.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

SITES = 594
CLASSES = {  # computer servers and network servers are both `server`
    "switch": 6967,
    "digital-terminal": 4256,
    "satellite-modem": 2603,
    "router": 1641,
    "server": 679 + 296,
    "radio": 910,
    "video": 771,
    "firewall": 736,
    "pabx": 503,
    "earth-station": 434,
    "other": 432,
    "storage": 53,
    "tape-library": 22,
}
DEVICES = sum(CLASSES.values())

SHORT = {"digital-terminal": "dt", "satellite-modem": "sat", "router": "rtr", "switch": "sw", "earth-station": "es"}
SHORT |= {"server": "srv", "firewall": "fw", "tape-library": "tape", "storage": "nas", "video": "vtc"}

# How much of each class a site of each kind attracts, beside what every site needs.
ATTRACTION: Mapping[str, Mapping[str, float]] = {
    "switch": {"hub": 60, "rtc": 40, "office": 15, "mission": 40, "field": 3},
    "digital-terminal": {"mission": 60, "field": 4},
    "satellite-modem": {"hub": 40, "mission": 20, "field": 2},
    "router": {"hub": 20, "rtc": 12, "office": 4, "mission": 10, "field": 1},
    "server": {"hub": 120, "rtc": 40, "office": 4, "mission": 12, "field": 0.3},
    "radio": {"mission": 12, "field": 1},
    "video": {"hub": 6, "rtc": 20, "office": 6, "mission": 8, "field": 0.7},
    "firewall": {"hub": 10, "rtc": 6, "office": 2, "mission": 4, "field": 0.8},
    "pabx": {"hub": 2, "rtc": 3, "office": 2, "mission": 5, "field": 0.6},
    "earth-station": {"hub": 8, "mission": 6, "field": 0.5},
    "other": {"hub": 6, "rtc": 4, "office": 2, "mission": 4, "field": 0.4},
    "storage": {"hub": 8, "rtc": 3, "mission": 1},
    "tape-library": {"hub": 4, "rtc": 1, "mission": 0.3},
}
NEEDED = {"router": ("hub", "rtc", "office", "mission", "field"), "satellite-modem": ("mission", "field")}
NEEDED |= {"switch": NEEDED["router"]}

# Region: its technology centre, and places that its other sites are scattered around.
PLACES: Mapping[str, Sequence[tuple[str, str, float, float]]] = {
    "americas": [
        ("America/Port-au-Prince", "HT", 18.5, -72.3),
        ("America/Bogota", "CO", 4.7, -74.1),
        ("America/Santiago", "CL", -33.4, -70.6),
        ("America/Guatemala", "GT", 14.6, -90.5),
    ],
    "europe": [
        ("Europe/Vienna", "AT", 48.2, 16.4),
        ("Asia/Nicosia", "CY", 35.2, 33.4),
        ("Asia/Beirut", "LB", 33.3, 35.4),
        ("Europe/Belgrade", "XK", 42.6, 21.0),
    ],
    "africa": [
        ("Africa/Kinshasa", "CD", -4.3, 15.3),
        ("Africa/Lubumbashi", "CD", -1.7, 29.2),
        ("Africa/Juba", "SS", 7.5, 30.0),
        ("Africa/Bamako", "ML", 16.0, -3.0),
        ("Africa/Bangui", "CF", 6.5, 20.5),
        ("Africa/Mogadishu", "SO", 2.1, 45.3),
        ("Africa/Khartoum", "SD", 13.5, 25.0),
    ],
    "asia-pacific": [
        ("Asia/Kabul", "AF", 34.5, 68.0),
        ("Asia/Dili", "TL", -8.6, 125.6),
        ("Asia/Kathmandu", "NP", 27.7, 85.3),
        ("Asia/Baghdad", "IQ", 33.3, 44.4),
    ],
}
CENTRES = [
    ("brindisi", "hub", "europe", "Europe/Rome", "IT", 40.659, 17.951),
    ("valencia", "hub", "europe", "Europe/Madrid", "ES", 39.484, -0.430),
    ("new-york", "rtc", "americas", "America/New_York", "US", 40.7489, -73.968),
    ("geneva", "rtc", "europe", "Europe/Zurich", "CH", 46.2266, 6.1405),
    ("nairobi", "rtc", "africa", "Africa/Nairobi", "KE", -1.234, 36.817),
    ("bangkok", "rtc", "asia-pacific", "Asia/Bangkok", "TH", 13.7633, 100.509),
]
REGION_SHARES = {"americas": 0.1, "europe": 0.15, "africa": 0.6, "asia-pacific": 0.15}
OFFICES, MISSIONS = 24, 36

VANTAGE = ["vantage"]
"""Stands for the place where the poller is, which has no upstream."""

Row = dict[str, object]


@dataclass
class Fleet:
    """Rows of every table: what `regions.csv`, `sites.csv`, … hold. A list is a list of words."""

    regions: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    devices: list[Row] = field(default_factory=list)
    circuits: list[Row] = field(default_factory=list)
    services: list[Row] = field(default_factory=list)

    def tables(self) -> dict[str, list[Row]]:
        """Return the rows by the name of their table."""
        return vars(self)


def fleet(seed: int = 1) -> Fleet:
    """Return the fleet: 594 sites, 20,303 devices with upstreams towards the two hubs."""
    rng = random.Random(seed)  # noqa: S311 a made-up fleet, no secret
    made = Fleet()
    centres = {"americas": "new-york", "europe": "geneva", "africa": "nairobi", "asia-pacific": "bangkok"}
    made.regions = [
        {"id": region, "name": region.replace("-", " ").title(), "technology_centre": centre}
        for region, centre in centres.items()
    ]
    made.sites = _sites(rng)
    counts = _counts(made.sites, rng)
    for number, site in enumerate(made.sites):
        devices = list(_devices(site, number, {name: counts[name][number] for name in CLASSES}, rng))
        site["edge_devices"] = [row["id"] for row in devices if row["class"] == "router"][:2]
        made.devices += devices
    made.circuits = [_circuit(site) for site in made.sites if site["class"] != "hub"]
    hubs = ["site/brindisi", "site/valencia"]
    made.services = [
        {"id": name, "formula.any_of": hubs, "availability_target": 99.8} for name in ("erp", "mail", "service-desk")
    ]
    return made


def _sites(rng: random.Random) -> list[Row]:
    sites: list[Row] = [
        _site(name, kind, region, zone, country, (latitude, longitude))
        for name, kind, region, zone, country, latitude, longitude in CENTRES
    ]
    regions = rng.choices(list(REGION_SHARES), weights=list(REGION_SHARES.values()), k=SITES - len(sites))
    for number, region in enumerate(regions, start=1):
        kind = "office" if number <= OFFICES else "mission" if number <= OFFICES + MISSIONS else "field"
        zone, country, latitude, longitude = rng.choice(PLACES[region])
        spread = 0.2 if kind == "office" else 2.5
        point = (round(latitude + rng.uniform(-spread, spread), 4), round(longitude + rng.uniform(-spread, spread), 4))
        sites.append(_site(f"{country.lower()}-{kind}-{number}", kind, region, zone, country, point))
    return sites


def _site(key: str, kind: str, region: str, zone: str, country: str, point: tuple[float, float]) -> Row:
    name = key.replace("-", " ").title()
    row: Row = {"id": key, "name": name, "region": region, "class": kind, "country": country, "time_zone": zone}
    return row | {"latitude": point[0], "longitude": point[1], "weight": 2 if kind == "hub" else 1}


def _counts(sites: Sequence[Row], rng: random.Random) -> dict[str, list[int]]:
    """Return how many devices of each class each site has: what it needs, and its share of the others."""
    size = [1.0 if site["class"] == "hub" else rng.lognormvariate(0, 0.6) for site in sites]
    counts: dict[str, list[int]] = {}
    for name, total in CLASSES.items():
        kinds = [str(site["class"]) for site in sites]
        needed = [int(kind in NEEDED.get(name, ())) for kind in kinds]
        shares = [ATTRACTION[name].get(kind, 0) * factor for kind, factor in zip(kinds, size, strict=True)]
        rest = total - sum(needed)
        exact = [rest * share / sum(shares) for share in shares]
        given = [int(part) for part in exact]
        # The largest remainders get what rounding left over.
        for index in sorted(range(len(sites)), key=lambda i: given[i] - exact[i])[: rest - sum(given)]:
            given[index] += 1
        counts[name] = [need + part for need, part in zip(needed, given, strict=True)]
    return counts


def _devices(site: Row, number: int, counts: Mapping[str, int], rng: random.Random) -> Iterator[Row]:
    """Yield the devices of a site, each with an address in the site's own network of 4,096."""
    key, kind = str(site["id"]), str(site["class"])
    names = {name: [f"{key}-{SHORT.get(name, name)}-{n + 1}" for n in range(count)] for name, count in counts.items()}
    address = IPv4Address("10.0.0.0") + number * 4096
    for name in CLASSES:
        for index, device in enumerate(names[name]):
            address += 1
            row: Row = {"id": device, "site": key, "address": str(address), "class": name}
            row["upstream"] = _upstream(name, index, site, names) or [rng.choice(names["switch"])]
            if row["upstream"] == VANTAGE:
                row["upstream"] = []
            yield row | {"tags": ["core"] if kind == "hub" and name == "router" else []}


def _upstream(name: str, index: int, site: Row, names: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return the next hops towards Brindisi, where the poller is; none for a device that is behind some switch.

    The first two routers of a site hold the line: over satellite modems in the field, else straight to the hubs.
    """
    hubs = {"brindisi": VANTAGE, "valencia": ["brindisi"]}.get(str(site["id"]), ["brindisi", "valencia"])
    modems = names["satellite-modem"] if site["class"] in ("mission", "field") else []
    if name == "satellite-modem":
        return hubs if modems else names["router"][:2]
    if name == "router" and index < 2:
        return modems[:2] or hubs
    return names["router"][:2] if name in ("router", "switch") else []


def _circuit(site: Row) -> Row:
    key, is_satellite = str(site["id"]), site["class"] in ("mission", "field")
    return {
        "id": f"{key}-{'sat' if is_satellite else 'mpls'}",
        "kind": "satellite" if is_satellite else "mpls",
        "site": key,
        "provider": "Example Carrier",
        "capacity": "2M" if is_satellite else "100M",
        "byte_budget_per_hour": "4MB" if is_satellite else "",
        "a.device": f"{key}-rtr-1",
        "a.interface": "GigabitEthernet0/0/0",
    }


SETTINGS = """\
# Written by bench/fleet.py: a fleet that does not exist.
credentials:
  standard: {snmp: {version: 2c, community: !secret file:community}}
defaults: {credentials: standard}
classes:
  sites:
    field: {interval: 2m, poll_interval: 15m, timeout: 6s, retries: 3}
"""


def write(made: Fleet, folder: Path, form: str) -> None:
    """Write a fleet as a configuration, tables as YAML or CSV."""
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    (folder / "noc.yaml").write_text(SETTINGS)
    (folder / "community").write_text("public\n")
    for name, rows in made.tables().items():
        path = folder / "inventory" / f"{name}.{form}"
        (_write_yaml if form == "yaml" else _write_csv)(path, name, rows)


def _write_csv(path: Path, _name: str, rows: Sequence[Row]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        columns = list(rows[0])
        writer.writerow(columns)
        for row in rows:
            cells = [row[column] for column in columns]
            writer.writerow([" ".join(cell) if isinstance(cell, list) else cell for cell in cells])


def _write_yaml(path: Path, name: str, rows: Sequence[Row]) -> None:
    lines = [f"{name}:"]
    for row in rows:
        lines.append(f"  {row['id']}:")
        opened = ""
        for key, value in row.items():
            outer, _, inner = key.rpartition(".")
            if key == "id" or value in ("", []):
                continue
            if outer and outer != opened:
                lines.append(f"    {outer}:")
                opened = outer
            text = f"[{', '.join(value)}]" if isinstance(value, list) else str(value)
            # Addresses, names and ids need no quotes; a country code such as NO doesn't either in YAML 1.2.
            lines.append(f"{'      ' if outer else '    '}{inner}: {text}")
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--format", choices=("yaml", "csv"), default="yaml")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    made = fleet(arguments.seed)
    write(made, arguments.folder, arguments.format)
    print(f"{len(made.sites)} sites, {len(made.devices)} devices in {arguments.folder}")


if __name__ == "__main__":
    main()
