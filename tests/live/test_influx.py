"""The InfluxDB store against Debian's influxd: what goes wrong with servers, databases, log-ins and lines."""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.service import running
from noc.settings.secrets import SecretRef
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build
from noc.wire.lineprotocol import kept
from tests.live.influx_server import ADMIN, DATABASE, Influxd, Influxds
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.influx_server import influxds as influxds  # noqa: PLC0414 a fixture
from tests.live.ssh_server import free_tcp_port
from tests.stores import put

pytestmark = pytest.mark.live

NOW = SystemClock().now().replace(microsecond=0)
SECOND = timedelta(seconds=1)


def fresh(prefix: str = "m") -> str:
    """Return a name that no other test has."""
    return f"{prefix}_{uuid.uuid4().hex[:12]}"


def table(
    measurement: str, rows: Sequence[tuple[str, float | None]], at: datetime = NOW, field: str = "value"
) -> Samples:
    """Return rows of one device: tag `n`, one number."""
    return Samples(
        measurement,
        at,
        ("device", "n"),
        (field,),
        tuple(("d", name) for name, _ in rows),
        tuple((value,) for _, value in rows),
    )


def ask(measurement: str, *fields: str, **where: str) -> SeriesQuery:
    """Return a query for numbers of two days around now."""
    day = timedelta(days=1)
    return SeriesQuery(measurement, fields or ("value",), {"device": "d", **where}, NOW - day, NOW + day)


async def numbers(store: Store, measurement: str) -> dict[str, float]:
    """Return the one number of each series by its tag `n`."""
    return {series.tags["n"]: series.values[0] for series in (await store.read(ask(measurement))).series}


class Stores:
    """Starts stores; they stop at the end of the test."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.folder = folder
        self._stack = stack

    async def start(self, server: Influxd, **changes: object) -> Store:
        """Start a store of the server's database; a password is given in plain."""
        settings: dict[str, object] = {"url": server.url, "dialect": "v1", "database": DATABASE, **changes}
        for key in ("password", "token"):
            if key in settings:
                (self.folder / key).write_text(str(settings[key]))
                settings[key] = SecretRef("file", key)
        store = build(Settings.model_validate(settings), Surroundings(self.folder, self.folder, SystemClock()))
        await self._stack.enter_async_context(running([store]))
        return store


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        yield Stores(tmp_path, stack)


@pytest.fixture
async def store(stores: Stores, influxd: Influxd) -> Store:
    return await stores.start(influxd)


# --- the server comes and goes --------------------------------------------------------------------------------------


async def test_a_server_that_is_away_is_told_once_and_what_it_kept_is_there_again(
    influxds: Influxds, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "noc.store")
    server, stop = influxds.start()
    store = await stores.start(server)
    await put(store, [table("m", [("a", 1.0)])])
    stop()
    for _ in range(3):
        with pytest.raises(StoreError, match=rf"InfluxDB {server.url}: ") as raised:
            await put(store, [table("m", [("b", 2.0)])])
        assert not raised.value.refused
        with pytest.raises(StoreError):
            await store.read(ask("m"))
    influxds.start(port=server.port)
    assert await put(store, [table("m", [("b", 2.0)])]) == ()
    assert await put(store, [table("m", [("c", 3.0)])]) == ()
    assert await numbers(store, "m") == {"a": 1.0, "b": 2.0, "c": 3.0}
    told = [record.getMessage() for record in caplog.records if record.name == "noc.store.influx.store"]
    assert told[0].endswith("is there")
    assert [text.split(" fails")[0] for text in told[1:3]] == ["writing", "reading"]
    assert [text.split(": ")[1] for text in told[3:]] == ["writing works again", "reading works again"]
    # Loudly this is told by the drain of the spool, once for all.
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_server_that_is_down_does_not_hold_up_the_start(
    stores: Stores, influxds: Influxds, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "noc.store")
    port = free_tcp_port()
    store = await stores.start(Influxd(port))
    assert "connection refused" in caplog.text
    server, _ = influxds.start(port=port)
    assert server.port == port
    assert await put(store, [table("m", [("a", 1.0)])]) == ()


# --- people must act ------------------------------------------------------------------------------------------------


async def refusal_of(store: Store, word: str) -> str:
    """See that writing and reading are refused, and return what is said of the writing."""
    with pytest.raises(StoreError, match=word) as raised:
        await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.refused
    with pytest.raises(StoreError) as also:
        await store.read(ask("m"))
    assert also.value.refused
    with pytest.raises(StoreError):
        await store.names({"device": "d"})
    return str(raised.value)


async def test_an_unknown_database_is_refused_and_says_how_to_make_it(influxd: Influxd, stores: Stores) -> None:
    store = await stores.start(influxd, database="nowhere")
    assert 'CREATE DATABASE "nowhere"' in await refusal_of(store, "not found")


async def test_an_unknown_retention_policy_is_refused_although_the_server_calls_it_its_own_fault(
    influxd: Influxd, stores: Stores
) -> None:
    store = await stores.start(influxd, retention_policy="nothing")
    assert 'CREATE RETENTION POLICY "nothing" ON "noc"' in await refusal_of(store, "not found")


async def test_the_wrong_dialect_is_told(influxd: Influxd, stores: Stores) -> None:
    store = await stores.start(influxd, dialect="v3")
    with pytest.raises(StoreError, match="check url and dialect") as raised:
        await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.refused


async def test_log_ins(influxds: Influxds, stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server, _ = influxds.start(auth=True)
    right = await stores.start(server, user=ADMIN[0], password=ADMIN[1])
    assert await put(right, [table("m", [("a", 1.0)])]) == ()
    assert await numbers(right, "m") == {"a": 1.0}
    assert "fails" not in caplog.text

    said = await refusal_of(await stores.start(server, user=ADMIN[0], password="hunter2 secret"), "refuses the log-in")
    assert said.endswith("check user and password")
    said += await refusal_of(await stores.start(server), "give user and password")
    server.tell("CREATE USER reader WITH PASSWORD 'hunter2 secret'")
    server.tell(f"GRANT READ ON {DATABASE} TO reader")
    reader = await stores.start(server, user="reader", password="hunter2 secret")
    with pytest.raises(StoreError, match=r'GRANT ALL ON "noc" TO "reader"') as raised:
        await put(reader, [table("m", [("a", 1.0)])])
    assert raised.value.refused
    assert await numbers(reader, "m") == {"a": 1.0}
    said += str(raised.value) + repr(raised.value) + repr(vars(reader)) + caplog.text
    assert "hunter2" not in said
    assert ADMIN[1] not in said
    assert "Basic" not in said


# --- lines that the server does not take ----------------------------------------------------------------------------


async def test_the_lines_of_another_type_are_refused_and_the_others_stored(influxd: Influxd, store: Store) -> None:
    mixed = [fresh(f"m{letter}") for letter in "abc"]
    text = f"{mixed[1]},device=x value=1i {int(NOW.timestamp())}"  # a field has one type in a shard
    status, _ = influxd.ask("POST", f"/write?db={DATABASE}&precision=s", text)
    assert status == 204
    batch = [
        table(name, [(f"{number}", float(number)) for number in range(50)], NOW + second * SECOND)
        for second in range(3)
        for name in mixed
    ]
    refused = await put(store, batch)
    assert sum(refusal.values for refusal in refused) == 150
    assert all(line.startswith(mixed[1]) for refusal in refused for line in refusal.text.splitlines())
    assert all("field type conflict" in refusal.reason for refusal in refused)
    assert len(refused) < 20  # found as blocks, not line by line
    for name in (mixed[0], mixed[2]):
        found = (await store.read(ask(name))).series
        assert len(found) == 50
        assert all(len(series.values) == 3 for series in found)


async def test_a_single_bad_line_is_found(store: Store) -> None:
    name, bad = fresh(), fresh()
    too_large: float = 10**400  # an int that no float holds: the server can't parse it
    rows: list[tuple[str, float | None]] = [(f"{number:03}", float(number)) for number in range(300)]
    refused = await put(store, [table(name, rows[:150]), table(bad, [("x", too_large)]), table(name, rows[150:])])
    (refusal,) = refused
    assert refusal.text.startswith(f"{bad},device=d,n=x value=1000")
    assert "unable to parse" in refusal.reason
    assert refusal.values == 1
    assert len(refusal.reason) < 310
    assert await numbers(store, name) == {key: value for key, value in rows if value is not None}


async def test_a_field_that_no_database_takes_is_refused(store: Store) -> None:
    name = fresh()
    (refusal,) = await put(store, [table(name, [("a", 1.0)]), table(name, [("a", 1.0)], field="time")])
    assert "invalid field name" in refusal.reason
    assert await numbers(store, name) == {"a": 1.0}


async def test_lines_older_than_the_retention_are_refused_together(influxd: Influxd, stores: Stores) -> None:
    policy, name = fresh("rp"), fresh()
    influxd.tell(f'CREATE RETENTION POLICY "{policy}" ON "{DATABASE}" DURATION 2h REPLICATION 1')
    store = await stores.start(influxd, retention_policy=policy)
    old = table(name, [(f"{number}", 1.0) for number in range(1000)], NOW - timedelta(days=3))
    (refusal,) = await put(store, [old])
    assert "beyond retention" in refusal.reason
    assert (refusal.values, len(refusal.text.splitlines())) == (1000, 1000)
    assert await put(store, [table(name, [("a", 1.0)])]) == ()
    assert await numbers(store, name) == {"a": 1.0}


async def test_a_retention_policy_of_its_own_is_written_and_read(influxd: Influxd, stores: Stores) -> None:
    policy, name = fresh("rp"), fresh()
    influxd.tell(f'CREATE RETENTION POLICY "{policy}" ON "{DATABASE}" DURATION 2h REPLICATION 1')
    elsewhere, default = await stores.start(influxd, retention_policy=policy), await stores.start(influxd)
    assert await put(elsewhere, [table(name, [("a", 1.0)])]) == ()
    assert await numbers(elsewhere, name) == {"a": 1.0}
    assert name in [found.measurement for found in await elsewhere.names({"device": "d"})]
    assert await numbers(default, name) == {}


# --- sizes ----------------------------------------------------------------------------------------------------------


async def test_a_body_that_is_too_large_for_the_server_is_halved(influxds: Influxds, stores: Stores) -> None:
    server, _ = influxds.start(max_body_bytes=1_000)
    store = await stores.start(server)
    rows: list[tuple[str, float | None]] = [(f"{number:04}", float(number)) for number in range(500)]
    long_name = random.Random(1).randbytes(3000).hex()  # noqa: S311 the server measures what gzip leaves
    (refusal,) = await put(store, [table("m", rows), table("m", [(long_name, 1.0)])])
    assert long_name in refusal.text
    assert await numbers(store, "m") == {key: value for key, value in rows if value is not None}


async def test_a_large_batch_goes_in_several_bodies(store: Store) -> None:
    name = fresh()
    rows: list[tuple[str, float | None]] = [(f"{number:05}-{'x' * 60}", float(number)) for number in range(20_000)]
    batch = [table(name, rows, NOW + second * SECOND) for second in range(4)]  # 9 MB of lines
    assert await put(store, batch) == ()
    found = (await store.read(ask(name))).series
    assert len(found) == 20_000
    assert sum(len(series.values) for series in found) == 80_000


async def test_a_long_answer_is_read_to_its_end(store: Store) -> None:
    name = fresh()  # over max-row-limit, and over the 10,000 rows that influxd answers at a time
    batch = [table(name, [("a", float(at)), ("b", -1.0)], NOW - at * SECOND) for at in range(25_000)]
    assert await put(store, batch) == ()
    first, second = (await store.read(ask(name))).series
    assert first.values == tuple(float(at) for at in reversed(range(25_000)))
    assert first.times_ms == tuple(sorted(first.times_ms))
    assert set(second.values) == {-1.0}
    assert second.times_ms == first.times_ms


# --- names ----------------------------------------------------------------------------------------------------------

HOSTILE = "\\'\",= ;/*-\n\r\t\0\x85\u2028\ud800#$(){}abé日"


async def test_no_text_of_a_device_breaks_out_of_a_statement(influxd: Influxd, store: Store) -> None:
    chance = random.Random(7)  # noqa: S311 the same texts each time
    texts = [
        "' OR ''='",
        '" OR "',
        "'; DROP DATABASE noc; --",
        "\\' OR 1=1 --",
        "/* x",
        "x -- y",
        "time",
        "\\",
        "\\\\'",
    ]
    texts += ["".join(chance.choices(HOSTILE, k=chance.randint(1, 12))) for _ in range(150)]
    names = list({kept(text): text for text in texts if kept(text).strip(" ")}.values())
    measurement = f"{fresh()}-'\"\\, =;日"
    written = [(name, float(number)) for number, name in enumerate(names)]
    assert await put(store, [table(measurement, written)]) == ()
    assert {series.tags["n"]: series.values[0] for series in (await store.read(ask(measurement))).series} == {
        kept(name): value for name, value in written
    }
    for name, value in written:
        (series,) = (await store.read(ask(measurement, n=name))).series
        assert (series.tags["n"], series.values) == (kept(name), (value,))
    named = await store.names({"device": "d", "n": names[0]})
    assert kept(measurement) in [found.measurement for found in named]
    assert [series["values"] for series in influxd.tell("SHOW DATABASES")] == [[["_internal"], [DATABASE]]] or (
        influxd.tell("SHOW DATABASES")[0]["values"] == [[DATABASE]]
    )


async def test_hostile_keys_and_fields(store: Store) -> None:
    for number, text in enumerate(
        ["a'b", 'a"b', "a b", "a,b=c", "a\\", "日", "SELECT", "device::tag", "*", "$x", "x\ny"]
    ):
        measurement = fresh()
        key, field = f"k{text}", text
        samples = Samples(measurement, NOW, ("device", key), (field,), (("d", "x"),), ((float(number),),))
        assert await put(store, [samples]) == ()
        (series,) = (await store.read(ask(measurement, field, **{key: "x"}))).series
        assert (series.tags, series.values) == ({"device": "d", kept(key): "x"}, (float(number),))
        (named,) = await store.names({"device": "d", key: "x"})
        assert (named.measurement, named.fields) == (measurement, (kept(field),))


@pytest.mark.parametrize("where", [{"n": ""}, {"n": " \n"}, {"time": "x"}, {"": "x"}])
async def test_a_tag_that_nothing_can_carry_finds_nothing(store: Store, where: dict[str, str]) -> None:
    await put(store, [table("m", [("", 1.0)])])
    assert (await store.read(ask("m", **where))).series == ()
    assert await store.names({"device": "d", **where}) == ()


async def test_series_that_fell_silent_long_ago_are_named_too(store: Store) -> None:
    device, old, new = fresh("d"), fresh(), fresh()
    for name, at in ((old, NOW - timedelta(days=400)), (new, NOW)):
        assert await put(store, [Samples(name, at, ("device",), ("b", "a"), ((device,),), ((1.0, 2.0),))]) == ()
    assert [(found.measurement, found.fields) for found in await store.names({"device": device})] == sorted(
        [(old, ("a", "b")), (new, ("a", "b"))]
    )


async def test_what_others_write_beside_ours_is_no_number(influxd: Influxd, store: Store) -> None:
    device, name = fresh("d"), fresh()
    text = f'{name},device={device} text="x",flag=true,count=3i,value=1.5 {int(NOW.timestamp())}'
    assert influxd.ask("POST", f"/write?db={DATABASE}&precision=s", text)[0] == 204
    query = SeriesQuery(name, ("text", "flag", "count", "value"), {"device": device}, NOW, NOW + SECOND)
    assert [(series.field, series.values) for series in (await store.read(query)).series] == [
        ("count", (3.0,)),
        ("value", (1.5,)),
    ]
    assert [found.fields for found in await store.names({"device": device})] == [("count", "value")]


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
        (datetime(9999, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
        (NOW, NOW),
    ],
)
async def test_periods_beyond_what_the_server_can_count(store: Store, start: datetime, stop: datetime) -> None:
    name = fresh()
    await put(store, [table(name, [("a", 1.0)])])
    found = (await store.read(SeriesQuery(name, ("value",), {"device": "d"}, start, stop))).series
    assert len(found) == (1 if start < NOW < stop else 0)
