"""A small house with pages: real state, store, presence, hub and server; its devices live in memory alone."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from alerts.policies import AlertSettings
from noc.access.access import access_of
from noc.access.settings import AccountSettings
from noc.api import routes as api
from noc.app.figures import Figures
from noc.app.objectives import Objectives
from noc.app.reportdesk import ReportDesk
from noc.availability.evidence import Memory
from noc.availability.objectives import Targets
from noc.availability.timeline import State
from noc.clock import SystemClock
from noc.http.live import Hub
from noc.http.server import Server
from noc.http.settings import HttpSettings
from noc.http.sources import Sources
from noc.inventory.endpoints import Endpoint, HttpProbe
from noc.inventory.entities import Circuit, Device, Region, Service, ServicePlace, Site
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.compiled import Object, Profile, Table
from noc.model.finding import Finding
from noc.model.incident import Entry, Facts, Incident, Severity
from noc.model.present import StatusNow
from noc.model.reading import Reading
from noc.model.replies import Certificate, HttpReply
from noc.model.samples import Samples
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Sensor, Snapshot
from noc.model.transition import Status, Transition
from noc.pipeline.circuituse import CircuitUse
from noc.pipeline.endpoints import Last
from noc.pipeline.policy import circuit_policies, probe_policy
from noc.pipeline.present import Presence
from noc.pipeline.rawanswers import RawAnswers
from noc.pipeline.services import ServiceNow
from noc.pipeline.status import Statuses
from noc.state import incidents, ledger
from noc.state.database import Database, Transaction
from noc.state.incidents import Opening
from noc.store.memory import MemoryStore
from noc.telemetry import Telemetry
from noc.web.pages import WebPages
from noc.web.routes import routes
from noc.web.words import ms
from tests.stores import put
from tests.things import WATCH

DAY_MS = 86_400_000
PLACES = (
    ("africa", "nairobi", "Nairobi", "rtc", "KE", "Africa/Nairobi", (-1.29, 36.82)),
    ("africa", "juba", "Juba", "mission", "SS", "Africa/Juba", (4.85, 31.58)),
    ("africa", "goma", "Goma", "field", "CD", "Africa/Lubumbashi", (-1.66, 29.22)),
    ("europe", "brindisi", "Brindisi data centre", "hub", "IT", "Europe/Rome", (40.63, 17.94)),
    ("europe", "geneva", "Geneva", "rtc", "CH", "Europe/Zurich", None),
    ("asia", "bangkok", "Bangkok", "rtc", "TH", "Asia/Bangkok", (13.76, 100.5)),
)
"""Region, site, name, class, country, zone, and latitude and longitude, which one site lacks."""
TARGETS = Targets()
OPER_STATUS = Object("ifOperStatus", "1.3.6.1.2.1.2.2.1.8", "integer", "ifTable")
RAW_PROFILES = {
    "small": Profile(
        "small",
        "Small",
        (),
        {},
        (Object("sysName", "1.3.6.1.2.1.1.5", "text"),),
        (Table("ifTable", "1.3.6.1.2.1.2.2.1", (), (OPER_STATUS,), (OPER_STATUS,)),),
    )
}
NO_COUNTERS = Counters(*[None] * 12)
MPLS = Circuit.model_validate(
    {
        "id": "nbo-mpls",
        "name": "Nairobi to Brindisi, MPLS",
        "kind": "mpls",
        "site": "nairobi",
        "capacity": "10M",
        "a": {"device": "nairobi-rtr-1", "interface": "Gi0/0"},
        "z": {"device": "brindisi-rtr-1", "interface": "Gi0/0"},
    }
)


Done = TypeVar("Done")


class TestDesk:
    """The desk of alerting over this house's database; what is done is published as the daemon does it."""

    __test__ = False

    def __init__(self, database: Database, hub: Hub, now_ms: Callable[[], int]) -> None:
        self._database, self._hub, self._now_ms = database, hub, now_ms

    async def do(self, incident: int | None, act: Callable[[Transaction, int], Awaitable[Done]]) -> Done:
        async with self._database.write() as connection:
            result = await act(connection, self._now_ms())
        if incident is not None:
            self._hub.publish("incidents", {"id": incident})
        return result


@dataclass
class House:
    """All parts, and what tests do with them. findings: what was wrong with the last reload."""

    clock: SystemClock
    database: Database
    store: MemoryStore
    statuses: Statuses
    present: Presence
    hub: Hub
    inventory: Inventory
    server: Server
    urls: list[str]
    findings: list[Finding]
    raw: RawAnswers
    uses: CircuitUse

    @property
    def login_url(self) -> str:
        """A URL that logs in, once."""
        return self.server.login_url()

    def now_ms(self) -> int:
        return ms(self.clock.now())

    async def history(self, device: str, changes: list[tuple[int, Status]]) -> None:
        """Write a device's changes, (time in ms, status), into ledger and memory; it was seen just now."""
        entity, before, rows = f"device/{device}", "unknown", []
        for since_ms, status in changes:
            rows.append(
                Transition(
                    entity, status, before, since_ms, since_ms, "icmp", "centre", "confirmed", ((since_ms, True),)
                )  # type: ignore[arg-type]
            )
            before = status
        async with self.database.write() as connection:
            await ledger.append(connection, rows)
        since_ms, status = changes[-1]
        memory = Memory(State(status), self.now_ms(), status == "up", since_ms, 3)
        self.statuses.restore([(entity, memory)], {entity: since_ms})

    def are(self, known: Mapping[str, Status]) -> None:
        """Let entities be in states since five minutes, in memory alone; they were seen just now."""
        now, since_ms = self.now_ms(), self.now_ms() - 300_000
        memories = {one: Memory(State(word), now, word == "up", since_ms, 3) for one, word in known.items()}
        self.statuses.restore(memories.items(), dict.fromkeys(known, since_ms))

    async def open_incident(
        self, entity: str, rule: str, severity: Severity, since_ms: int, facts: Facts | None = None
    ) -> Incident:
        """Open an incident, as alerting does, and tell the pages."""
        opening = Opening(entity, rule, "status", severity, "standard", since_ms, since_ms + 90_000, facts or {})
        async with self.database.write() as connection:
            incident = await incidents.insert(connection, opening)
            entry = Entry(incident.id, incident.opened_ms, "opened", None, {"why": "down", "rule": rule})
            await incidents.record(connection, [entry])
        self.hub.publish("incidents", {"id": incident.id})
        return incident

    async def numbers(self, device: str, hours: float = 7.0) -> None:
        """Write some hours of round-trip times and traffic, with a gap in the middle."""
        now = self.clock.now().replace(microsecond=0)
        batch = []
        for minutes in range(int(hours * 60), 0, -1):
            if 100 < minutes < 130:
                continue
            time, phase = now - timedelta(minutes=minutes), minutes / 40
            rtt = 42 + 9 * math.sin(phase) + (minutes * 7919 % 13) / 3
            tags = (device, "10.1.1.1")
            values = (rtt, rtt + 11, 0.0 if minutes % 97 else 20.0, 1.2)
            fields = ("average_response_ms", "maximum_response_ms", "percent_packet_loss", "jitter_ms")
            batch.append(Samples("ping", time, ("device", "url"), fields, (tags,), (values,)))
            if minutes % 5:
                continue
            for name, load in (("Gi0/0", 1.0), ("Gi0/1", 0.2)):
                bps = load * (4.2e6 + 2.6e6 * math.sin(phase / 2) + (minutes * 104729 % 997) * 900)
                row = (bps, bps * 0.38, bps / 1e7, bps / 3e7, 0.0 if load == 1 else 0.4, 0.0)
                named = ("in_bps", "out_bps", "in_pct", "out_pct", "in_errors_ps", "out_errors_ps")
                batch.append(Samples("interface", time, ("device", "ifName"), named, ((device, name),), (row,)))
            busy = ((device, "cpu0", "1.3.6.1"), (31 + 12 * math.sin(phase),))
            batch.append(
                Samples("noc_processor", time, ("device", "name", "oid"), ("usage_pct",), (busy[0],), (busy[1],))
            )
        await put(self.store, batch)


def small_inventory() -> Inventory:
    """Return six sites in three regions with four devices each, the first is the edge; and one circuit."""
    regions = {
        name: Region(id=name, name=name.capitalize(), contacts=(f"noc-{name}@example.org",))
        for name in ("africa", "europe", "asia")
    }
    sites, devices = {}, {}
    for number, (region, key, name, site_class, country, zone, point) in enumerate(PLACES, start=1):
        made = {
            "id": key, "name": name, "region": region, "class": site_class, "country": country,
            "time_zone": zone, "edge_devices": (f"{key}-rtr-1",),
            **({} if point is None else {"latitude": point[0], "longitude": point[1]}),
        }  # fmt: skip
        sites[key] = Site.model_validate(made)
        for index, (suffix, device_class) in enumerate(
            (("rtr-1", "router"), ("sw-1", "switch"), ("fw-1", "firewall"), ("modem-1", "satellite-modem")), start=1
        ):
            name = f"{key}-{suffix}"
            upstream = () if suffix == "rtr-1" else (f"device/{key}-rtr-1",)
            devices[name] = Device(
                name,
                name,
                key,
                ip_address(f"10.{number}.1.{index}"),
                device_class,
                WATCH,
                161,
                upstream,
                (),
                (),  # type: ignore[arg-type]
            )
    devices["goma-rtr-1"] = replace(
        devices["goma-rtr-1"], installed=date(2009, 1, 1), end_of_support=date(2018, 12, 31)
    )
    return Inventory(regions=regions, sites=sites, devices=devices, circuits={MPLS.id: MPLS})


def snapshot_of(device: Device) -> Snapshot:
    """Return a router with four interfaces and three sensors, one of which is too warm."""
    identity = DeviceIdentity(
        str(device.address), "1.3.6.1.4.1.9.1.1", device.name, "IOS Software", 8_640_000.0, "Cisco", "IOS-XE",
        "17.9.4a", "C8200-1N-4T", "FGL2514L0AB", "router", "cisco-iosxe",
    )  # fmt: skip
    described = (
        ("Gi0/0", "MPLS to Brindisi", "up", "up", 10_000_000),
        ("Gi0/1", "LAN", "up", "up", 1_000_000_000),
        ("Gi0/2", "Satellite, standby", "up", "down", 2_000_000),
        ("Gi0/3", "", "down", "down", 1_000_000_000),
    )
    ports = tuple(
        Interface(
            index, name, name, alias, 6, speed, 1500, None, admin, oper, None, None, wide=True, counters=NO_COUNTERS
        )
        for index, (name, alias, admin, oper, speed) in enumerate(described, start=1)
    )
    sensors = (
        Sensor("temperature", "1", "Inlet", 24.0, None, "celsius", "1.1", "ok", 45.0),
        Sensor("temperature", "2", "CPU", 71.0, None, "celsius", "1.2", "warning", 70.0),
        Sensor("fan_speed", "3", "Fan 1", 5400.0, None, "rpm", "1.3", "ok"),
    )
    return Snapshot(identity, ports, sensors)


def with_applications(inventory: Inventory) -> Inventory:
    """Return an inventory with a service that stands on an end point in a room, which has devices too."""
    probe = HttpProbe(url="https://a-rather-long-name-of-the-erp-system.example.org/health/of/it")
    endpoint = Endpoint("erp", "Enterprise resource planning", "nairobi", "hall-1", "http", probe, WATCH, (), ())
    formula = Formula(all_of=(endpoint.entity,))
    service = Service(id="erp", name="Enterprise resource planning", places={"nairobi": ServicePlace(formula=formula)})
    devices = {key: replace(device, room="hall-1") for key, device in inventory.devices.items()}
    return replace(inventory, devices=devices, endpoints={"erp": endpoint}, services={"erp": service})


@dataclass(frozen=True)
class ApplicationsSeen:
    """What was last seen of the applications: an answer that is wrong."""

    clock: SystemClock

    def endpoint(self, _: str) -> Last:
        at = self.clock.now()
        certificate = Certificate("CN=erp", "CN=ca", at - timedelta(days=1), at + timedelta(days=5))
        reply = HttpReply("https://erp.example.org/health", 503, {}, "", 0, 0.1, 0.25, certificate=certificate)
        return Last(Reading("http", "erp", "here", at, 0.3, reply=reply), ("status 503, not 200",))

    def service(self, _: str) -> ServiceNow:
        since_ms = ms(self.clock.now()) - 1000
        inputs: dict[str, Status] = {"endpoint/erp": "down"}
        return ServiceNow("down", since_ms, None, None, "nairobi", inputs, {"nairobi": "down"})


HUBS = {
    "bangkok": "Asia/Bangkok",
    "nairobi": "Africa/Nairobi",
    "geneva": "Europe/Zurich",
    "new-york": "America/New_York",
}
PEOPLE = AlertSettings.model_validate_json(
    json.dumps(
        {
            "people": {
                "achieng": {"name": "Achieng Otieno", "email": "achieng@example.org", "phone": "+254 20 762 1234"},
                "somchai": {"name": "Somchai Prasertwong", "email": "somchai@example.org", "language": "fr"},
                "lea": {"name": "ليلى", "email": "lea@example.org", "time_zone": "Europe/Zurich"},
            },
            "schedules": {
                hub: {
                    "time_zone": zone,
                    "layers": [
                        {
                            "rotation": "daily",
                            "people": ["achieng", ["somchai", "lea"]],
                            "hours": [{"from": "06:00", "to": "18:00"}] if hub == "geneva" else [],
                        }
                    ],
                }
                for hub, zone in HUBS.items()
            },
            "desks": {
                hub: {"time_zone": zone, "hours": [{"from": "08:00", "to": "17:00"}], "schedule": hub}
                for hub, zone in HUBS.items()
            },
        }
    )
)
"""Four desks; Geneva has nobody at night, which is a hole."""


@asynccontextmanager
async def paged_house(
    folder: Path,
    *,
    simulated: bool = False,
    mailbox: Path | None = None,
    accounts: AccountSettings | None = None,
    large: Inventory | None = None,
    change: Callable[[Sources], Sources] = lambda sources: sources,
) -> AsyncIterator[House]:
    """Run a house in which everything is up since five days, on a free port of loopback.

    large: another inventory than the small one; its past stands in no ledger, and its circuits are watched too.
    change: what else the server is given.
    """
    accounts = accounts or AccountSettings()
    clock, inventory, statuses = SystemClock(), large or with_applications(small_inventory()), Statuses()
    policies = {device.entity: probe_policy(device.watch) for device in inventory.devices.values()}
    statuses.watch(policies if large is None else {**policies, **circuit_policies(inventory)})
    database, store, hub = Database(folder / "noc.db"), MemoryStore(2_000_000), Hub(clock)
    present = Presence(statuses, lambda: inventory, clock)
    findings: list[Finding] = []
    figures = Figures(database, lambda: inventory, clock)
    raw, uses = RawAnswers(), CircuitUse(inventory)
    sources = Sources(
        clock=clock,
        database=database,
        access=access_of(database, clock, folder, accounts, timedelta(hours=12), timedelta(days=7)),
        series=store,
        present=present,
        made=present.made,
        desk=TestDesk(database, hub, lambda: ms(clock.now())),
        inventory=lambda: inventory,
        reload=lambda: tuple(findings),
        availability=figures.of,
        stated=figures.stated,
        objectives=Objectives(figures, database, lambda: inventory, lambda: TARGETS, clock),
        health=lambda: (),
        simulated=simulated,
        target_pct=Fraction("99.8"),
        mailbox=mailbox,
        applications=ApplicationsSeen(clock),
        reports=ReportDesk(database, lambda: inventory, lambda: TARGETS, clock),
        people=lambda: PEOPLE,
        judged=statuses.judged,
        raw=lambda entity: raw.of(entity, RAW_PROFILES),
        use=uses.of,
        changes=lambda: hub.last,
        beat=hub.beat,
    )
    present.beside = {kind: lambda _: StatusNow("down", ms(clock.now()) - 1000) for kind in ("endpoint", "service")}
    urls: list[str] = []
    sources = change(sources)
    pages = WebPages(sources)
    server = Server(
        HttpSettings(port=0, accounts=accounts), sources, (api.routes, routes), hub, Telemetry(), urls.append, pages
    )
    await database.start()
    await server.start()
    house = House(clock, database, store, statuses, present, hub, inventory, server, urls, findings, raw, uses)
    try:
        since_ms = house.now_ms() - 5 * DAY_MS
        for device in inventory.devices.values() if large is None else ():
            await house.history(device.id, [(since_ms, "up")])
        if large is not None:
            house.are(dict.fromkeys((*policies, *circuit_policies(large)), "up"))
        yield house
    finally:
        await server.stop()
        await database.stop()
