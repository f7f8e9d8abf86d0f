"""`noc store init`: databases, retention policies, buckets and mappings for our numbers; what is there stays."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from noc.model.errors import StoreError
from noc.model.instants import MILLISECOND
from noc.settings.schema import format_duration
from noc.store._looks import Look
from noc.store.influx.access import ROLLUP_NAMES
from noc.store.influx.answers import reason
from noc.store.influx.choice import made_of
from noc.store.influx.influxql import identifier
from noc.store.influx.server import Server
from noc.store.influx.settings import Settings

if TYPE_CHECKING:
    from noc.store.influx.official import Admin, Bucket

_DURATION: Final = re.compile(r"(\d+)(ns|us|µs|ms|s|m|h|d|w)")
_UNITS: Final = {
    "ns": timedelta(),
    "us": MILLISECOND / 1_000,
    "µs": MILLISECOND / 1_000,
    "ms": MILLISECOND,
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_EXISTS: Final = 409
_HOUR: Final = timedelta(hours=1)
_SECOND: Final = timedelta(seconds=1)
FIRST_POLICY: Final = "raw"
"""What a database that is made here calls its default policy."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A retention policy of 1.x. keeps: None for ever."""

    name: str
    keeps: timedelta | None
    default: bool


def kept_for(settings: Settings) -> dict[str, timedelta]:
    """Return how long each place should keep numbers: names of policies of 1.x, blank for the default one."""
    wanted = {settings.retention_policy or "": settings.retention.raw}
    lengths = {"5m": settings.retention.five_minutes, "1h": settings.retention.hourly}
    return wanted | {ROLLUP_NAMES[name]: lengths[name] for name in made_of(settings.retention)}


async def policies(server: Server, settings: Settings) -> list[Policy]:
    """Return the retention policies of a database of 1.x. Raises StoreError."""
    rows = await server.query(f"SHOW RETENTION POLICIES ON {identifier(settings.database or '')}")
    found = []
    for row in rows:
        for value in row.values:
            entry = dict(zip(row.columns, value, strict=True))
            found.append(Policy(str(entry["name"]), _length(str(entry["duration"])), entry.get("default") is True))
    return found


async def prepare_v1(server: Server, settings: Settings) -> AsyncIterator[Look]:
    """Make the database of 1.x and its policies. Raises StoreError."""
    database = settings.database or ""
    wanted = kept_for(settings)
    known = {str(value[0]) for row in await server.tell("SHOW DATABASES") for value in row.values}
    if database not in known:
        name = settings.retention_policy or FIRST_POLICY
        hours = _hours(settings.retention.raw)
        made = f"CREATE DATABASE {identifier(database)} WITH DURATION {hours}h REPLICATION 1 NAME {identifier(name)}"
        await server.tell(made)
        yield Look("database", "made", f"{database}, numbers are kept for {format_duration(settings.retention.raw)}")
    else:
        yield Look("database", "ok", f"{database} is there")
    found = await policies(server, settings)
    for name, length in wanted.items():
        policy = next((one for one in found if one.name == name or (name == "" and one.default)), None)
        if policy is not None:
            yield _same("policy", policy.name, policy.keeps, length)
            continue
        hours = _hours(length)
        await server.tell(
            f"CREATE RETENTION POLICY {identifier(name)} ON {identifier(database)} DURATION {hours}h REPLICATION 1"
        )
        yield Look("policy", "made", f"{name}, numbers are kept for {format_duration(length)}")


async def prepare_v2(admin: Admin, settings: Settings) -> AsyncIterator[Look]:
    """Make the buckets of 2.x and the mappings that InfluxQL reads them by. Raises StoreError."""
    org_id = await admin.org_id()
    if org_id is None:
        raise StoreError(f"there is no organisation '{settings.org}', or the token may not see it", refused=True)
    for name, length in _buckets(settings).items():
        bucket = await admin.bucket(name)
        if bucket is None:
            bucket = await admin.make_bucket(org_id, name, length // _SECOND)
            yield Look("bucket", "made", f"{name}, numbers are kept for {format_duration(length)}")
        else:
            yield _same("bucket", name, timedelta(seconds=bucket.keeps_s) if bucket.keeps_s else None, length)
        yield await _mapped(admin, org_id, bucket)


async def _mapped(admin: Admin, org_id: str, bucket: Bucket) -> Look:
    database, _, policy = bucket.name.partition("/")
    known = await admin.mappings(org_id, database)
    what = f"{database}/{policy or 'autogen'}"
    if known.get(policy or "autogen") == bucket.id or (not policy and bucket.id in known.values()):
        return Look("mapping", "ok", f"InfluxQL reads {what} from bucket {bucket.name}")
    if (policy or "autogen") in known:
        return Look("mapping", "error", f"InfluxQL reads {what} from another bucket: delete that mapping")
    await admin.map(org_id, database, policy or "autogen", bucket.id, default=not policy)
    return Look("mapping", "made", f"InfluxQL reads {what} from bucket {bucket.name}")


async def bucket_ids(admin: Admin, settings: Settings) -> list[str]:
    """Return the ids of our buckets that are there. Raises StoreError."""
    found = [await admin.bucket(name) for name in _buckets(settings)]
    return [bucket.id for bucket in found if bucket is not None]


async def prepare_v3(server: Server, settings: Settings) -> AsyncIterator[Look]:
    """Make the databases of 3 Core; how long one keeps numbers can't be changed later. Raises StoreError."""
    database = settings.database or ""
    wanted = {database: settings.retention.raw}
    lengths = {"5m": settings.retention.five_minutes, "1h": settings.retention.hourly}
    wanted |= {f"{database}_{ROLLUP_NAMES[name]}": lengths[name] for name in made_of(settings.retention)}
    for name, length in wanted.items():
        body = json.dumps({"db": name, "retention_period": f"{_hours(length)}h"}).encode()
        answer = await server.post("/api/v3/configure/database", {}, body)
        if answer.status == _EXISTS:
            yield Look("database", "ok", f"{name} is there")
        elif 200 <= answer.status < 300:
            yield Look("database", "made", f"{name}, numbers are kept for {format_duration(length)}")
        else:
            said = reason(answer, server.access)
            raise StoreError(f"{server.name}: {answer.status}, {said}: make database {name} yourself", refused=True)


def _buckets(settings: Settings) -> dict[str, timedelta]:
    bucket = settings.bucket or ""
    database = bucket.partition("/")[0]
    lengths = {"5m": settings.retention.five_minutes, "1h": settings.retention.hourly}
    rolled = {f"{database}/{ROLLUP_NAMES[name]}": lengths[name] for name in made_of(settings.retention)}
    return {bucket: settings.retention.raw, **rolled}


def _hours(length: timedelta) -> int:
    """Return a length in hours, the shortest that InfluxDB takes; none would mean for ever."""
    return max(1, -(-length // _HOUR))


def _same(what: str, name: str, keeps: timedelta | None, wanted: timedelta) -> Look:
    if keeps == wanted:
        return Look(what, "ok", f"{name} is there, numbers are kept for {format_duration(wanted)}")
    has = "for ever" if keeps is None else f"for {format_duration(keeps)}"
    said = f"{name} is there and keeps numbers {has}, the settings say {format_duration(wanted)}; it was left as it is"
    return Look(what, "warning", said)


def _length(text: str) -> timedelta | None:
    """Return a duration of InfluxQL such as 168h0m0s; None for 0s, for ever."""
    length = sum((int(number) * _UNITS[unit] for number, unit in _DURATION.findall(text)), timedelta())
    return length or None
