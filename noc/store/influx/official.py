"""The one door of `influxdb-client`: it looks after an InfluxDB 2.x server, and carries bodies where people want it so.

Never its batching mode, which drops data without an error, and never `health()`, which says "fail" of healthy servers
(docs/adr/0001). This module is loaded where it is needed alone: importing the client takes a quarter of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.domain.authorization import Authorization
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.dbrp_create import DBRPCreate
from influxdb_client.domain.permission import Permission
from influxdb_client.domain.permission_resource import PermissionResource
from influxdb_client.domain.post_bucket_request import PostBucketRequest
from influxdb_client.rest import ApiException
from influxdb_client.service.dbr_ps_service import DBRPsService
from influxdb_client.service.write_service import WriteService
from urllib3.exceptions import HTTPError

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.instants import length_ms
from noc.store.influx.access import Access, Place
from noc.store.influx.answers import Unstored, failure, of_write
from noc.store.influx.settings import Settings
from noc.wire.http import HttpAnswer

T = TypeVar("T")


class Official:
    """The client, with our log-in. Its calls block: they are made in a thread."""

    def __init__(self, access: Access, settings: Settings, ca_file: Path | None, clock: Clock) -> None:
        self._access = access
        self._settings = settings
        self._ca_file = ca_file
        self._clock = clock

    @cached_property
    def client(self) -> InfluxDBClient:
        """Return the client; nothing is connected yet."""
        client = InfluxDBClient(
            url=self._access.url,
            token="",
            timeout=length_ms(self._settings.timeout),
            org=self._settings.org or "",
            verify_ssl=self._settings.verify_tls,
            ssl_ca_cert=None if self._ca_file is None else str(self._ca_file),
            retries=False,  # the drain tries again, and a redirect is not followed
        )
        for name, value in self._access.headers.items():
            client.api_client.set_default_header(name, value)
        return client

    async def call(self, do: Callable[[InfluxDBClient], T]) -> T | HttpAnswer:
        """Do something in a thread; return what it returns, or the server's answer where that is no success.

        Raises StoreError where there is no answer.
        """
        return await asyncio.to_thread(self._call, do)

    def _call(self, do: Callable[[InfluxDBClient], T]) -> T | HttpAnswer:

        try:
            return do(self.client)
        except ApiException as error:
            if not error.status:
                raise StoreError(f"{self._access.server}: {error.reason}") from None
            headers = {str(name).lower(): str(value) for name, value in dict(error.headers or {}).items()}
            body = error.body or b""
            return HttpAnswer(error.status, headers, body.encode() if isinstance(body, str) else bytes(body))
        except HTTPError as error:
            said = self._access.without_secrets(str(error))
            raise StoreError(f"{self._access.server}: no answer: {said}") from None

    async def asked(self, do: Callable[[InfluxDBClient], T]) -> T:
        """Do something and return what it returns. Raises StoreError where that is no success."""
        found = await self.call(do)
        if isinstance(found, HttpAnswer):
            raise failure(found, self._access, self._clock.now())
        return found


class OfficialCarrier:
    """Takes prebuilt bodies to the server, one request each."""

    def __init__(self, access: Access, settings: Settings, ca_file: Path | None, clock: Clock) -> None:
        self._official = Official(access, settings, ca_file, clock)
        self._access = access
        self._clock = clock

    async def write(self, body: bytes, place: Place | None = None) -> Unstored | None:
        """Send a body of lines; None where all were stored. Raises StoreError."""
        params = (place or self._access.raw).write_params

        def post(client: InfluxDBClient) -> None:
            WriteService(client.api_client).post_write(
                org=params.get("org", ""),
                bucket=params.get("bucket", ""),
                body=body,
                precision=params["precision"],
                content_encoding="gzip",
                content_type="text/plain; charset=utf-8",
            )

        answer = await self._official.call(post)
        return None if answer is None else of_write(answer, self._access, self._clock.now())


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a 2.x server. keeps_s: seconds; 0 for ever."""

    id: str
    name: str
    keeps_s: int


class Admin:
    """Looks after buckets, mappings and tokens of one organisation. All raise StoreError."""

    def __init__(self, official: Official, org: str) -> None:
        self._official = official
        self._org = org

    async def org_id(self) -> str | None:
        """Return the id of the organisation; None where there is none of that name."""

        def find(client: InfluxDBClient) -> list[str]:
            return [str(one.id) for one in client.organizations_api().find_organizations(org=self._org)]

        found = await self._official.call(find)
        if isinstance(found, HttpAnswer) and found.status == 404:
            return None
        ids = await self._official.asked(find) if isinstance(found, HttpAnswer) else found
        return ids[0] if ids else None

    async def bucket(self, name: str) -> Bucket | None:
        """Return a bucket by its name."""

        def find(client: InfluxDBClient) -> Bucket | None:
            found = client.buckets_api().find_bucket_by_name(name)
            if found is None:
                return None
            rules = found.retention_rules or []
            return Bucket(str(found.id), str(found.name), int(rules[0].every_seconds) if rules else 0)

        return await self._official.asked(find)

    async def make_bucket(self, org_id: str, name: str, keeps_s: int) -> Bucket:
        """Make a bucket."""

        def make(client: InfluxDBClient) -> Bucket:
            rules = [BucketRetentionRules(type="expire", every_seconds=keeps_s)]
            made = client.buckets_api().create_bucket(
                PostBucketRequest(org_id=org_id, name=name, retention_rules=rules)
            )
            return Bucket(str(made.id), name, keeps_s)

        return await self._official.asked(make)

    async def mappings(self, org_id: str, database: str) -> dict[str, str]:
        """Return the DBRP mappings of a database: retention policy to id of the bucket."""

        def find(client: InfluxDBClient) -> dict[str, str]:
            found = DBRPsService(client.api_client).get_dbr_ps(org_id=org_id, db=database)
            return {str(one.retention_policy): str(one.bucket_id) for one in found.content or []}

        return await self._official.asked(find)

    async def map(self, org_id: str, database: str, policy: str, bucket_id: str, *, default: bool) -> None:
        """Make a DBRP mapping, so that InfluxQL finds the bucket."""

        def make(client: InfluxDBClient) -> None:
            wanted = DBRPCreate(
                org_id=org_id, bucket_id=bucket_id, database=database, retention_policy=policy, default=default
            )
            DBRPsService(client.api_client).post_dbrp(dbrp_create=wanted)

        await self._official.asked(make)

    async def make_token(self, org_id: str, bucket_ids: list[str], description: str) -> str:
        """Make a token that may read and write these buckets, and nothing else."""

        def make(client: InfluxDBClient) -> str:
            allowed = [
                Permission(action=action, resource=PermissionResource(type="buckets", id=bucket_id, org_id=org_id))
                for bucket_id in bucket_ids
                for action in ("read", "write")
            ]
            wanted = Authorization(org_id=org_id, permissions=allowed)
            wanted.description = description
            return str(client.authorizations_api().create_authorization(authorization=wanted).token)

        return await self._official.asked(make)


def admin_of(access: Access, settings: Settings, ca_file: Path | None, clock: Clock) -> Admin:
    """Return who looks after the organisation of the settings."""
    return Admin(Official(access, settings, ca_file, clock), settings.org or "")
