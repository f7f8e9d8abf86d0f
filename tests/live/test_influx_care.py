"""`noc store init` and `check`, and roll-ups, on Debian's influxd."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.errors import StoreError, UsageError
from noc.model.instants import from_ms, to_ms
from noc.model.samples import Samples
from noc.model.series import SeriesAnswer, SeriesQuery
from noc.service import running
from noc.settings.secrets import Secret, SecretRef
from noc.store._looks import Look
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from noc.store.influx.settings import Dialect
from noc.store.influx.store import InfluxStore
from tests.live.influx_admin import ADMIN_TOKEN
from tests.live.influx_facade import ORG, TOKEN, Facade
from tests.live.influx_server import ADMIN, Influxd, Influxds
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.influx_server import influxds as influxds  # noqa: PLC0414 a fixture
from tests.live.test_influx import fresh
from tests.live.victoria_server import Victoria
from tests.live.victoria_server import victoria as victoria  # noqa: PLC0414 a fixture
from tests.stores import put

pytestmark = pytest.mark.live

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOW = SystemClock().now().replace(minute=30, second=0, microsecond=0)
"""Half past: the hour before it is due."""


def made(settings: Settings, folder: Path, clock: SystemClock | ManualClock | None = None) -> InfluxStore:
    store = build(settings, Surroundings(folder, folder, clock or SystemClock()))
    assert isinstance(store, InfluxStore)
    return store


async def looks(found: AsyncIterator[Look]) -> dict[str, tuple[str, str]]:
    """Return what was looked at: level and sentence; of several of a name the last."""
    return {look.what: (look.level, look.said) async for look in found}


# --- init and check -------------------------------------------------------------------------------------------------


async def test_a_database_is_made_once_and_found_right(influxd: Influxd, tmp_path: Path) -> None:
    settings = Settings(url=influxd.url, dialect="v1", database=fresh("db"))
    store = made(settings, tmp_path)
    async with running([store]):
        before = await looks(store.check())
        assert before["server"][0] == "ok"
        assert before["numbers"][0] == "error"
        assert "noc store init" in before["numbers"][1]
        first = [look.level async for look in store.prepare(None)]
        assert first == ["made", "ok", "made", "made"]
        assert [look.level async for look in store.prepare(None)] == ["ok"] * 4
        after = await looks(store.check())
    assert {level for level, _ in after.values()} == {"ok"}
    assert after.keys() == {"server", "clock", "numbers", "roll-ups of 5m", "roll-ups of 1h", "retention", "series"}
    found = influxd.tell(f'SHOW RETENTION POLICIES ON "{settings.database}"')[0]["values"]
    assert isinstance(found, list)
    assert [(row[0], row[1], row[-1]) for row in found] == [
        ("raw", "720h0m0s", True),
        ("rollup_5m", "2160h0m0s", False),
        ("rollup_1h", "17520h0m0s", False),
    ]


async def test_what_differs_is_told_and_left_alone(influxd: Influxd, tmp_path: Path) -> None:
    database = fresh("db")
    influxd.tell(f'CREATE DATABASE "{database}" WITH DURATION 7d NAME "week"')
    store = made(Settings(url=influxd.url, dialect="v1", database=database), tmp_path)
    async with running([store]):
        said = [look.said async for look in store.prepare(None)]
        assert "week is there and keeps numbers for 7d, the settings say 30d; it was left as it is" in said
        checked = [look async for look in store.check()]
    told = "retention policy week keeps numbers for 7d, the settings say 30d: ALTER it, or change store.retention"
    assert Look("retention", "warning", told) in checked


async def test_an_administrator_makes_what_noc_may_not(influxds: Influxds, tmp_path: Path) -> None:
    server, _ = influxds.start(auth=True)
    server.tell("CREATE USER noc WITH PASSWORD 'its own'")
    (tmp_path / "password").write_text("its own")
    secret = SecretRef("file", "password")
    settings = Settings(url=server.url, dialect="v1", database="other", user="noc", password=secret)
    store = made(settings, tmp_path)
    async with running([store]):
        levels = [look.level async for look in store.prepare(Secret(":".join(ADMIN)))]
        assert levels == ["made", "ok", "made", "made"]
        refused = await looks(store.check())
        assert refused["numbers"][0] == "error"
        assert 'GRANT ALL ON "other" TO "noc"' in refused["numbers"][1]
        server.tell('GRANT ALL ON "other" TO "noc"')
        assert (await looks(store.check()))["numbers"][0] == "ok"


async def test_a_clock_that_is_wrong_is_told(influxd: Influxd, tmp_path: Path) -> None:
    settings = Settings(url=influxd.url, dialect="v1", database="noc")
    store = made(settings, tmp_path, ManualClock(SystemClock().now() + 10 * MINUTE))
    async with running([store]):
        level, said = (await looks(store.check()))["clock"]
    assert level == "warning"
    assert "behind ours; set both by NTP" in said
    assert "server's clock is" in said


async def test_victoriametrics_is_found_right(victoria: Victoria, tmp_path: Path) -> None:
    store = made(Settings(url=victoria.url, dialect="victoria"), tmp_path)
    async with running([store]):
        found = await looks(store.check())
        assert [look.level async for look in store.prepare(None)] == ["ok"]
    assert {level for level, _ in found.values()} == {"ok"}
    assert found["retention"][1].startswith("-retentionPeriod=2y")


@pytest.fixture
async def facade(request: pytest.FixtureRequest, influxd: Influxd) -> AsyncIterator[Facade]:
    dialect: Dialect = request.param
    server = Facade(dialect, influxd.url, fresh("db"))
    async with running([server]):
        yield server


@pytest.mark.parametrize("facade", ["v2"], indirect=True)
async def test_buckets_mappings_and_a_token_of_2_are_made_by_the_official_client(
    facade: Facade, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    facade.has_dbrp = False
    facade.database = "none of ours"
    settings = Settings(url=facade.url, dialect="v2", org=ORG, bucket=fresh("db"), token=SecretRef("file", "token"))
    store, admin = made(settings, tmp_path), Secret(ADMIN_TOKEN)
    async with running([store]):
        with pytest.raises(StoreError, match="insufficient permissions") as refused:
            [look async for look in store.prepare(None)]
        assert refused.value.refused
        assert [look.level async for look in store.prepare(admin)] == ["made"] * 6
        assert [look.level async for look in store.prepare(admin)] == ["ok"] * 6
        token = await store.make_token(admin)
        (tmp_path / "token").write_text(token.reveal())
        assert {look.level async for look in store.check()} == {"ok"}
    kept = {name: bucket["retentionRules"] for name, bucket in facade.admin.buckets.items()}
    days = {settings.bucket: 30, f"{settings.bucket}/rollup_5m": 90, f"{settings.bucket}/rollup_1h": 730}
    rules = {name: [{"type": "expire", "everySeconds": days[name] * 86400}] for name in days}
    assert json.loads(json.dumps(kept)) == rules
    allowed = facade.admin.made_tokens[token.reveal()]
    assert len(allowed) == 6
    assert all(one["resource"]["type"] == "buckets" for one in allowed)  # type: ignore[index]
    again = made(settings, tmp_path)
    async with running([again]):
        assert {look.level async for look in again.check()} == {"ok"}


@pytest.mark.parametrize("facade", ["v2"], indirect=True)
async def test_an_organisation_that_is_not_there(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(ADMIN_TOKEN)
    settings = Settings(url=facade.url, dialect="v2", org="none", bucket="b", token=SecretRef("file", "token"))
    store = made(settings, tmp_path)
    async with running([store]):
        with pytest.raises(StoreError, match="there is no organisation 'none'"):
            [look async for look in store.prepare(None)]


@pytest.mark.parametrize("facade", ["v3"], indirect=True)
async def test_databases_of_3_are_made(facade: Facade, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(ADMIN_TOKEN)
    settings = Settings(url=facade.url, dialect="v3", database=fresh("db"), token=SecretRef("file", "token"))
    store = made(settings, tmp_path)
    async with running([store]):
        assert [look.level async for look in store.prepare(None)] == ["made"] * 3
        assert [look.level async for look in store.prepare(None)] == ["ok"] * 3
        assert {look.level async for look in store.check()} == {"ok"}
        with pytest.raises(UsageError, match="dialect v2"):
            await store.make_token(None)
    assert list(facade.admin.databases.values()) == ["720h", "2160h", "17520h"]


@pytest.mark.slow
def test_the_command_says_it_in_exit_codes(influxd: Influxd, tmp_path: Path) -> None:
    def noc(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("noc")), "store", *words, "-c", str(tmp_path / "noc.yaml")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    database = fresh("db")
    text = "state_dir: state\nstore: {{kind: influx, dialect: v1, database: {}, url: '{}'}}\n"
    (tmp_path / "noc.yaml").write_text(text.format(database, influxd.url))
    assert noc("check").returncode == 1
    assert noc("init").returncode == 0
    checked = noc("check", "--json")
    assert checked.returncode == 0, checked.stderr
    assert {entry["level"] for entry in json.loads(checked.stdout)} == {"ok"}
    (tmp_path / "noc.yaml").write_text(text.format(database, "http://127.0.0.1:1"))
    away = noc("check")
    assert away.returncode == 3
    assert "connection refused" in away.stderr
    assert noc("init").returncode == 3
    (tmp_path / "noc.yaml").write_text("store: {kind: influx, dialect: v1, url: 'http://x:1'}\n")
    wrong = noc("check")
    assert wrong.returncode == 2
    assert "store.database: dialect v1 needs it" in wrong.stderr
    (tmp_path / "noc.yaml").write_text("")
    assert noc("check").returncode == 0


# --- roll-ups -------------------------------------------------------------------------------------------------------


def minutes(device: str, first: int, last: int, measurement: str = "interface") -> list[Samples]:
    """Return a number for each minute of the last hours; minute 0 is the beginning of the hour 30 hours ago."""
    begin = NOW.replace(minute=0) - 30 * HOUR
    return [
        Samples(
            measurement,
            begin + minute * MINUTE,
            ("device", "ifName"),
            ("in_bps", "errors"),
            ((device, "ge0"), (device, "ge1,=' x")),
            ((float(minute), None), (float(-minute), 1.0)),
        )
        for minute in range(first, last)
    ]


class TestRollups:
    """Written, rolled, read."""

    @pytest.fixture
    async def store(self, influxd: Influxd, tmp_path: Path) -> AsyncIterator[InfluxStore]:
        keeping = {"raw": "20h", "five_minutes": "60d", "hourly": "400d"}
        settings = {"url": influxd.url, "dialect": "v1", "database": fresh("db"), "retention": keeping}
        store = made(Settings.model_validate(settings), tmp_path, ManualClock(NOW))
        async with running([store]):
            [look async for look in store.prepare(None)]
            influxd.tell(f'ALTER RETENTION POLICY "raw" ON "{settings["database"]}" DURATION INF')
            yield store

    async def roll(self, store: InfluxStore) -> None:
        assert store._roller is not None
        store._roller._raw_ms = 40 * 3_600_000
        await store._roller._roll_due()

    async def ask(self, store: InfluxStore, hours: int, device: str = "d", **changes: object) -> SeriesAnswer:
        query = SeriesQuery("interface", ("in_bps",), {"device": device, "ifName": "ge0"}, NOW - hours * HOUR, NOW)
        return await store.read(replace(query, **changes))  # type: ignore[arg-type]

    async def write(self, store: InfluxStore, batch: list[Samples]) -> None:
        assert store._roller is not None
        store._roller._raw_ms = 40 * 3_600_000  # of these numbers some are older than `raw` on purpose
        assert await put(store, batch) == ()

    async def test_old_numbers_come_from_roll_ups_and_the_newest_from_what_is_raw(self, store: InfluxStore) -> None:
        await self.write(store, minutes("d", 0, 30 * 60 + 30))
        await self.roll(store)
        answer = await self.ask(store, 30, step=5 * MINUTE, aggregates=("mean", "min", "max", "last", "count"))
        assert answer.resolution == "5m"
        begin = to_ms(NOW.replace(minute=0) - 30 * HOUR)
        for one in answer.series:
            firsts = [(at - begin) // 60_000 for at in one.times_ms]
            assert firsts == list(range(30, 30 * 60 + 30, 5))
            assert one.aggregate is not None
            offset = {"mean": 2.0, "min": 0.0, "max": 4.0, "last": 4.0}
            if one.aggregate == "count":
                assert set(one.values) == {5.0}
            else:
                assert list(one.values) == [first + offset[one.aggregate] for first in firsts]
        hourly = await self.ask(store, 30, step=HOUR)
        assert (hourly.resolution, hourly.step) == ("1h", HOUR)
        assert hourly.series[0].values[1:3] == (60 + 29.5, 120 + 29.5)
        longer = await self.ask(store, 30, step=7 * MINUTE)
        assert (longer.resolution, longer.step) == ("5m", 10 * MINUTE)
        stored = await self.ask(store, 30)
        assert (stored.resolution, stored.step) == ("raw", None)
        assert (await self.ask(store, 10, step=5 * MINUTE)).resolution == "raw"

    async def test_late_numbers_are_rolled_again_and_counted_once(self, store: InfluxStore) -> None:
        await self.write(store, minutes("d", 0, 1800))
        await self.write(store, minutes("late", 1000, 1800))
        await self.roll(store)
        await self.write(store, minutes("late", 0, 1000))
        await self.write(store, minutes("late", 990, 1010))
        await self.roll(store)
        for device in ("d", "late"):
            (one,) = (await self.ask(store, 30, device, step=5 * MINUTE, aggregates=("count",))).series
            assert set(one.values) == {5.0}
            assert len(one.values) == 354

    async def test_hours_have_policies_of_their_own_that_grafana_can_read(
        self, store: InfluxStore, influxd: Influxd
    ) -> None:
        await self.write(store, minutes("d", 0, 1800))
        await self.roll(store)
        database = store._care.settings.database
        statement = 'SELECT count("in_bps_mean") FROM "rollup_{}"."interface" WHERE "ifName" = \'ge0\''
        for resolution, count in (("5m", 360), ("1h", 30)):
            rows = influxd.tell(statement.format(resolution), database or "")
            assert rows[0]["values"] == [[0, count]]

    async def test_what_a_kill_left_is_rolled_by_the_next_one(self, store: InfluxStore, tmp_path: Path) -> None:
        await self.write(store, minutes("d", 0, 1800))
        killed = made(store._care.settings, tmp_path, ManualClock(NOW))
        path = tmp_path / "influx-rollups.json"
        kept = json.loads(path.read_text())
        assert kept["ended"] is False
        path.write_text(json.dumps({**kept, "saved_ms": to_ms(NOW - 29 * HOUR)}))
        assert killed._roller is not None
        killed._roller._raw_ms = 40 * 3_600_000
        async with running([killed]):
            await self.roll(killed)
            found = await self.ask(killed, 29, step=5 * MINUTE, aggregates=("count",))
        assert found.resolution == "5m"
        assert [from_ms(found.series[0].times_ms[0]), len(found.series[0].values)] == [NOW - 29 * HOUR, 342]

    async def test_what_could_not_be_rolled_is_still_to_do(
        self, store: InfluxStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        roller = store._roller
        assert roller is not None
        await self.write(store, [*minutes("d", 0, 120), *minutes("e", 0, 60)])
        before = roller._windows.kept()
        assert [len(devices) for devices in before.values()] == [2, 1]
        (tmp_path / "away").mkdir()
        away = made(Settings(url="http://127.0.0.1:1", dialect="v1", database="x"), tmp_path / "away", ManualClock(NOW))
        async with running([away]):
            assert away._roller is not None
            away._roller._windows.restore(before)
            assert await away._roller._round() > 60
            assert await away._roller._round() > 120
            assert away._roller._windows.kept() == before
        assert caplog.text.count("roll-ups fail") == 1
        kept = json.loads((tmp_path / "away" / "influx-rollups.json").read_text())
        assert (kept["ended"], kept["windows"]) == (True, {str(begin): names for begin, names in before.items()})

    async def test_beside_the_daemon_nothing_is_rolled(self, store: InfluxStore, tmp_path: Path) -> None:
        await self.write(store, minutes("d", 0, 1800))
        await self.roll(store)
        await store.stop()
        before = (tmp_path / "influx-rollups.json").read_text()
        beside = build(store._care.settings, Surroundings(tmp_path, tmp_path, ManualClock(NOW), serves=False))
        assert isinstance(beside, InfluxStore)
        async with running([beside]):
            assert (await self.ask(beside, 30, step=5 * MINUTE)).resolution == "5m"
        assert (tmp_path / "influx-rollups.json").read_text() == before
        await store.start()
