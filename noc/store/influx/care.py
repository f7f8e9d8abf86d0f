"""Looking after a server: what `noc store check` and `noc store init` do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from noc.clock import Clock
from noc.model.errors import StoreError, UsageError
from noc.model.ports import SeriesSource
from noc.settings.secrets import Secret
from noc.store._looks import Look
from noc.store.influx.access import Access
from noc.store.influx.canary import Canary
from noc.store.influx.server import Server
from noc.store.influx.settings import Settings
from noc.store.influx.setup import bucket_ids, prepare_v1, prepare_v2, prepare_v3
from noc.store.influx.writer import Carrier
from noc.wire.http import HttpClient

if TYPE_CHECKING:
    from noc.store.influx.official import Admin

DESCRIPTION = "noc: writes and reads its own buckets"


@dataclass(frozen=True, slots=True)
class Care:
    """What is needed to look after a server. ca_file: as in the settings, resolved."""

    settings: Settings
    access: Access
    client: HttpClient
    carrier: Carrier
    reader: SeriesSource
    clock: Clock
    ca_file: Path | None

    def check(self, server: Server) -> AsyncIterator[Look]:
        """Yield what was looked at."""
        return Canary(self.settings, server, self.carrier, self.reader, self.clock).looks()

    async def prepare(self, admin: Secret | None) -> AsyncIterator[Look]:
        """Make what is missing, and yield it. Raises StoreError."""
        match self.settings.dialect:
            case "v1":
                looks = prepare_v1(self._server(admin), self.settings)
            case "v2":
                looks = prepare_v2(self._admin(admin), self.settings)
            case "v3":
                looks = prepare_v3(self._server(admin), self.settings)
            case "victoria":
                yield Look("database", "ok", "VictoriaMetrics has one, which is always there")
                return
        async for look in looks:
            yield look

    async def make_token(self, admin: Secret | None) -> Secret:
        """Return a new token for our buckets. Raises StoreError, UsageError."""
        if self.settings.dialect != "v2":
            raise UsageError(f"a token can be made on servers of dialect v2, not of {self.settings.dialect}")
        way = self._admin(admin)
        org_id = await way.org_id()
        if org_id is None:
            raise StoreError(f"there is no organisation '{self.settings.org}'", refused=True)
        return Secret(await way.make_token(org_id, await bucket_ids(way, self.settings), DESCRIPTION))

    def _server(self, admin: Secret | None) -> Server:
        return Server(self.access.by(admin), self.client, self.clock)

    def _admin(self, admin: Secret | None) -> Admin:
        # Loaded by name: influxdb-client takes a quarter of a second to import, and most people don't use it.
        official = import_module("noc.store.influx.official")
        found: Admin = official.admin_of(self.access.by(admin), self.settings, self.ca_file, self.clock)
        return found
