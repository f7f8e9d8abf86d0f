"""`noc store check`: write a number, read it back, compare how long numbers are kept, and say what is wrong."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.model.ports import SeriesSource
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.settings.schema import format_duration
from noc.store._looks import Look
from noc.store.influx import influxql
from noc.store.influx.access import Place
from noc.store.influx.choice import made_of
from noc.store.influx.influxql import Column, Source
from noc.store.influx.server import Server
from noc.store.influx.settings import Settings
from noc.store.influx.setup import Policy, kept_for, policies
from noc.store.influx.writer import Carrier, store_all
from noc.wire.bodies import encode_lines
from noc.wire.http import HttpAnswer

CANARY: Final = "noc_canary"
TAG: Final = "noc"
FIELD: Final = "sent_ms"
READ_BACK_S: Final = 15.0
"""VictoriaMetrics takes a second or two until what it has taken can be found, a cluster longer."""

SKEW: Final = timedelta(seconds=5)
MANY_SERIES: Final = 800_000
"""Of 1.x, which refuses new series from 1,000,000 in a database on (max-series-per-database)."""

_FLAG: Final = re.compile(r'^-?-?([A-Za-z.]+)="?([^"]*)"?$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Canary:
    """What is needed to look at a server."""

    settings: Settings
    server: Server
    carrier: Carrier
    reader: SeriesSource
    clock: Clock

    async def looks(self) -> AsyncIterator[Look]:
        """Yield what was looked at, in order."""
        try:
            answer = await self.server.ping()
        except StoreError as error:
            yield Look("server", "unreachable", str(error))
            return
        version = answer.headers.get("x-influxdb-version", "")
        yield Look("server", "ok", f"{self.server.name} answers{f', version {version}' if version else ''}")
        yield self._clocks(answer)
        places: list[tuple[str, Place]] = [("numbers", self.server.access.raw)]
        if self.server.access.rolled:
            made = made_of(self.settings.retention)
            places += [(f"roll-ups of {name}", self.server.access.rolled[name]) for name in made]
        for what, place in places:
            try:
                yield await self._there_and_back(what, place)
            except StoreError as error:
                yield Look(what, "error", str(error))
        for look in await self._kept():
            yield look

    def _clocks(self, answer: HttpAnswer) -> Look:
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        except (ValueError, TypeError):
            return Look("clock", "ok", "the server doesn't tell its time")
        ours = self.clock.now()
        ahead = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - ours
        if abs(ahead) <= SKEW:
            return Look("clock", "ok", "agrees with ours to a few seconds")
        way = "ahead of" if ahead > timedelta() else "behind"
        said = f"the server's clock is {format_duration(_whole(abs(ahead)))} {way} ours; set both by NTP: "
        return Look("clock", "warning", f"{said}a server that is wrong drops numbers too early or too late")

    async def _there_and_back(self, what: str, place: Place) -> Look:
        at = self.clock.now().replace(microsecond=0)
        value = float(to_ms(at))
        body = encode_lines([Samples(CANARY, at, ("device",), (FIELD,), ((TAG,),), ((value,),))])
        refused = await store_all(self.carrier, body, place)
        if refused:
            said = refused[0].reason
            return Look(what, "error", f"the server refuses a number of now: {said}{_why(said)}")
        waited = 0.0
        while True:
            found = await self._read_back(at, place)
            if found == value:
                where = f" from {place.name}" if place.name else ""
                return Look(what, "ok", f"a number was written and read back{where}")
            if waited >= READ_BACK_S:
                break
            await self.clock.sleep(0.5)
            waited += 0.5
        if found is not None:
            return Look(what, "error", f"a number was written as {value!r} and read back as {found!r}")
        said = f"a number was taken by {place.name or 'the server'} and isn't there {READ_BACK_S:g} s later"
        return Look(
            what, "error", f"{said}: does reading lead to the place of writing, and does it keep numbers of now?"
        )

    async def _read_back(self, at: datetime, place: Place) -> float | None:
        second = timedelta(seconds=1)
        if self.server.access.dialect == "victoria":
            answer = await self.reader.read(SeriesQuery(CANARY, (FIELD,), {"device": TAG}, at, at + second))
            return answer.series[0].values[-1] if answer.series else None
        source = Source(CANARY, {"device": TAG}, to_ms(at), to_ms(at + second))
        columns = [Column(FIELD)]
        rows = await self.server.query(influxql.select(source, columns) or "", place=place)
        try:
            found = list(influxql.columns_of(rows, source, columns))
        except ValueError as error:
            raise StoreError(f"{self.server.name}: answers something else than was asked: {error}") from error
        return found[0].values[-1] if found else None

    async def _kept(self) -> list[Look]:
        try:
            match self.settings.dialect:
                case "v1":
                    return [*self._policies(await policies(self.server, self.settings)), await self._series()]
                case "victoria":
                    return list(self._flags((await self.server.get("/flags", {})).text()))
        except StoreError as error:
            return [Look("retention", "warning", f"can't be looked at: {error}")]
        return [Look("retention", "ok", "not looked at: noc store init tells how long it keeps numbers")]

    def _policies(self, found: list[Policy]) -> Iterator[Look]:
        """Yield whether the retention policies of 1.x keep numbers as long as the settings say."""
        for name, wanted in kept_for(self.settings).items():
            policy = next((one for one in found if one.name == name or (name == "" and one.default)), None)
            if policy is None:
                yield Look("retention", "error", f"there is no retention policy {name or '(default)'}: noc store init")
            elif policy.keeps is not None and policy.keeps < wanted:
                keeps, want = format_duration(policy.keeps), format_duration(wanted)
                said = f"retention policy {policy.name} keeps numbers for {keeps}, the settings say {want}"
                yield Look("retention", "warning", f"{said}: ALTER it, or change store.retention")
            elif policy.keeps is None:
                said = f"retention policy {policy.name} keeps numbers for ever, the settings say"
                yield Look("retention", "warning", f"{said} {format_duration(wanted)}: the disk will fill")
            else:
                yield Look("retention", "ok", f"{policy.name}: {format_duration(policy.keeps)}")

    async def _series(self) -> Look:
        rows = await self.server.query("SHOW SERIES CARDINALITY")
        count = sum(value[-1] for row in rows for value in row.values if value and isinstance(value[-1], int))
        if count >= MANY_SERIES:
            said = f"{count:,} series: InfluxDB 1.x refuses new ones from 1,000,000 on (max-series-per-database)"
            return Look("series", "warning", said)
        return Look("series", "ok", f"{count:,} in the database")

    def _flags(self, text: str) -> Iterator[Look]:
        """Yield what the flags of VictoriaMetrics mean for us."""
        flags = dict(_FLAG.findall(text))
        keeps = flags.get("retentionPeriod", "1 (month)")
        yield Look("retention", "ok", f"-retentionPeriod={keeps}: raw numbers are there as long, and need no roll-ups")
        if flags.get("dedup.minScrapeInterval", "0s") in ("", "0s"):
            said = "a number that is sent again after a broken connection is there twice"
            yield Look("duplicates", "warning", f"{said}: start the server with -dedup.minScrapeInterval=1ms")


def _whole(length: timedelta) -> timedelta:
    return timedelta(seconds=round(length / timedelta(seconds=1)))


def _why(reason: str) -> str:
    if "retention" in reason:
        return "; its clock is wrong, or it keeps numbers for too short a time"
    return ""
