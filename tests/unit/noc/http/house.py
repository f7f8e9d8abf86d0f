"""A small house behind a real web server on loopback: inventory, statuses, state database, store, all of them real."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from yarl import URL

from noc.access.access import access_of
from noc.app.figures import Figures
from noc.app.objectives import Objectives
from noc.availability.objectives import Targets
from noc.availability.policy import ProbePolicy
from noc.clock import ManualClock
from noc.http.live import Hub
from noc.http.rights import Route
from noc.http.scope import Scope, caller
from noc.http.server import RouteMaker, Server
from noc.http.settings import HttpSettings
from noc.http.sources import Health, Sources
from noc.inventory.entities import Circuit, Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.account import Role
from noc.model.errors import ConflictError
from noc.model.incident import Entry
from noc.model.snapshot import Snapshot
from noc.model.transition import Transition
from noc.pipeline.partwatch import Look, PartWatch
from noc.pipeline.present import Presence
from noc.pipeline.status import Result, Statuses
from noc.state import accounts, incidents, ledger
from noc.state.database import Database, Transaction
from noc.store.memory import MemoryStore
from noc.telemetry import Telemetry
from tests.database import empty_database
from tests.things import device

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
TARGETS = Targets()
POLICY = ProbePolicy(30_000, 10_000, confirm_down=1)


def _region(name: str) -> Region:
    return Region.model_validate({"id": name, "name": name.title(), "contacts": ("desk@example.org",)})


def _site(name: str, region: str, *edges: str) -> Site:
    fields = {"id": name, "name": name.title(), "region": region, "class": "rtc", "edge_devices": edges}
    return Site.model_validate(fields)


def _device(name: str, site: str, address: str, *upstream: str) -> Device:
    return replace(
        device(name), name=name.upper(), site=site, address=ip_address(address), upstream=upstream, tags=("core",)
    )


CIRCUIT = Circuit.model_validate(
    {
        "id": "nbo-sat",
        "name": "Nairobi by satellite",
        "kind": "satellite",
        "site": "nairobi",
        "a": {"device": "nbo-rtr-1", "interface": "Gi0/0"},
    }
)

INVENTORY = Inventory(
    regions={"africa": _region("africa"), "europe": _region("europe")},
    sites={
        "nairobi": _site("nairobi", "africa", "nbo-rtr-1"),
        "bangui": _site("bangui", "africa", "bgf-rtr-1"),
        "brindisi": _site("brindisi", "europe", "bds-rtr-1"),
    },
    devices={
        "nbo-rtr-1": _device("nbo-rtr-1", "nairobi", "192.0.2.1", "site/brindisi"),
        "nbo-ups-1": _device("nbo-ups-1", "nairobi", "192.0.2.2"),
        "bgf-rtr-1": _device("bgf-rtr-1", "bangui", "192.0.2.3"),
        "bds-rtr-1": _device("bds-rtr-1", "brindisi", "2001:db8::1"),
    },
    circuits={"nbo-sat": CIRCUIT},
)


Done = TypeVar("Done")


class Desk:
    """Does what people want, on the state database; who is told of it is not this house's matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def do(self, incident: int | None, act: Callable[[Transaction, int], Awaitable[Done]]) -> Done:
        async with self._database.write() as connection:
            return await act(connection, NOW_MS)


@dataclass
class House:
    """A house with its server. announced: the URLs with tokens that the server told of. http: a browser of its own."""

    server: Server
    clock: ManualClock
    database: Database
    store: MemoryStore
    presence: Presence
    statuses: Statuses
    health: list[Health]
    telemetry: Telemetry
    announced: list[str]
    http: ClientSession
    stack: AsyncExitStack = field(repr=False)
    parts: PartWatch

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def token(self) -> str:
        """The newest token."""
        return self.announced[-1].partition("token=")[2]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def cookies(self) -> dict[str, str]:
        """Return the browser's cookies."""
        return {cookie.key: cookie.value for cookie in self.http.cookie_jar}

    async def raw(self, request: str | bytes) -> str:
        """Send bytes, and return all that comes back until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(request if isinstance(request, bytes) else request.encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer.decode("utf-8", "replace")

    async def log_in(self, name: str = "achieng") -> None:
        """Log the browser in."""
        async with self.http.get(f"{self.announced[-1]}&name={name}", allow_redirects=False) as response:
            assert response.status == 303

    async def log_in_as(self, scope: Scope, name: str = "achieng", role: Role = "admin") -> None:
        """Log the browser in as somebody who may see some regions, and do what a role may."""
        await self.log_in(name)
        ((cookie, secret),) = self.cookies().items()
        async with self.database.write() as connection:
            account = await accounts.add(
                connection, name, name, role, scope.regions, subject=f"test|{secret}", by="test", now_ms=NOW_MS
            )
        opened = await self.server.gate.access.callers.open(account, name)
        self.http.cookie_jar.update_cookies({cookie: opened}, URL(self.url))

    def read(self, name: str, snapshot: Snapshot, offset_ms: int = 0) -> None:
        """Let a device be read by SNMP."""
        device = INVENTORY.devices[name]
        self.parts.take(Look(device, snapshot, frozenset(), NOW_MS + offset_ms, "snmp", "here"))
        self.presence.keep(device.entity, snapshot)

    def saw(self, name: str, ok: bool, offset_ms: int = 0) -> None:
        """Let a device answer, or not."""
        self.statuses.take(Result(f"device/{name}", NOW_MS + offset_ms, ok, "icmp", "here"))

    async def write(self, *transitions: Transition) -> None:
        """Write transitions into the ledger."""
        async with self.database.write() as connection:
            await ledger.append(connection, transitions)

    async def raises(self, **changes: object) -> int:
        """Open an incident and return its number."""
        async with self.database.write() as connection:
            incident = await incidents.insert(connection, replace(OPENING, **changes))  # type: ignore[arg-type]
            await incidents.record(connection, [Entry(incident.id, NOW_MS, "opened", None, {"value": 4.1})])
        return incident.id

    async def asks(
        self, path: str, *, method: str = "GET", status: int = 200, bearer: bool = True, **more: object
    ) -> dict[str, object]:
        """Ask with the newest token, and return the JSON of the answer, which must have this status."""
        headers = {**(self.bearer if bearer else {}), **more.pop("headers", {})}  # type: ignore[dict-item]
        async with self.http.request(method, self.url + path, headers=headers, **more) as response:  # type: ignore[arg-type]
            assert response.status == status, await response.text()
            answer: dict[str, object] = await response.json(content_type=None)
        if status >= 400:
            assert is_problem(response)
            assert answer["status"] == status
        return answer


OPENING = incidents.Opening(
    entity="device/nbo-rtr-1",
    rule="device-down",
    origin="status",
    severity="critical",
    policy="desk",
    since_ms=NOW_MS - 60_000,
    opened_ms=NOW_MS - 30_000,
    facts={"status": "down"},
)


def is_problem(response: ClientResponse) -> bool:
    return response.content_type == "application/problem+json"


def transition(entity: str = "device/nbo-rtr-1", minutes: float = 0, status: str = "up") -> Transition:
    """Return a change of status, so many minutes before NOW."""
    since = NOW_MS - round(minutes * 60_000)
    before = "down" if status == "up" else "up"
    return Transition(entity, status, before, since, since + 1_000, "icmp", "here", "confirmed", ((since, True),))  # type: ignore[arg-type]


def plain_routes(_: Sources) -> list[Route]:
    """Stand in for the pages: one that says who calls, one that fails, one that takes whatever is sent."""

    async def home(request: web.Request) -> web.Response:
        return web.Response(text=caller(request).who)

    async def fail(_: web.Request) -> web.Response:
        raise ZeroDivisionError("a secret of the insides")

    async def take(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async def clash(_: web.Request) -> web.Response:
        raise ConflictError("it is another's already")

    paths = [
        Route("GET", "/", home, "see"),
        Route("GET", "/sites/{id}", home, "see"),
        Route("GET", "/fail", fail, "see"),
        Route("POST", "/take", take, "handle"),
    ]
    of_api = [Route("POST", "/api/v1/take", take, "handle"), Route("POST", "/api/v1/clash", clash, "handle")]
    return [*paths, Route("GET", "/api/v1/fail", fail, "see"), *of_api]


async def build(
    folder: Path, settings: HttpSettings, *makers: RouteMaker, change: Callable[[Sources], Sources] = lambda x: x
) -> House:
    """Return a house whose server listens on a free port. `await house.stack.aclose()` takes it down."""
    clock, statuses, announced = ManualClock(NOW), Statuses(), list[str]()
    parts = PartWatch(statuses, INVENTORY)
    policies = dict.fromkeys((device.entity for device in INVENTORY.devices.values()), POLICY)
    statuses.watch({**policies, **parts.policies()})
    database, store = empty_database(folder / "noc.db"), MemoryStore(1_000_000)
    presence = Presence(statuses, lambda: INVENTORY, clock, parts)
    figures = Figures(database, lambda: INVENTORY, clock)
    health, telemetry = [Health("state database", ok=True)], Telemetry()
    sources = Sources(
        clock=clock,
        database=database,
        access=access_of(database, clock, folder, settings.accounts, settings.session, settings.session_at_most),
        series=store,
        present=presence,
        made=presence.made,
        desk=Desk(database),
        inventory=lambda: INVENTORY,
        reload=tuple,
        availability=figures.of,
        stated=figures.stated,
        objectives=Objectives(figures, database, lambda: INVENTORY, lambda: TARGETS, clock),
        health=lambda: tuple(health),
        target_pct=Fraction("99.8"),
    )
    server = Server(settings, change(sources), makers, Hub(clock), telemetry, announced.append)
    async with AsyncExitStack() as starting:
        for service in (database, store, server):
            await service.start()
            starting.push_async_callback(service.stop)
        http = await starting.enter_async_context(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        stack = starting.pop_all()
    return House(server, clock, database, store, presence, statuses, health, telemetry, announced, http, stack, parts)


FREE_PORT = HttpSettings(port=0, session=timedelta(hours=12))
