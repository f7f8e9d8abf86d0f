"""Live: the hub by itself, then by WebSocket and by server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from aiohttp import ClientResponse, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from hypothesis import given
from hypothesis import strategies as st

from noc.clock import ManualClock, settle
from noc.http import live
from noc.http.live import EVENTS_AT_MOST, LISTENERS_AT_MOST, Event, Hub, coalesced, is_topic
from noc.http.login import TOKENS_AT_MOST
from noc.http.scope import EVERYTHING, Scope
from noc.http.streams import FRAME_EVENTS_AT_MOST, HEARTBEAT_S
from tests.unit.noc.http.house import House

ALL = frozenset({"incidents", "device/nbo-rtr-1"})


@pytest.fixture
def hub() -> Hub:
    return Hub(ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))


def data(events: object) -> list[object]:
    return [json.loads(event.data) for event in events]  # type: ignore[attr-defined]


def test_a_listener_gets_its_topics_from_its_place_on(hub: Hub) -> None:
    hub.publish("incidents", {"id": 1})
    place = hub.last
    hub.publish("incidents", {"id": 2, "name": "نيروبي"})
    hub.publish("device/bgf-rtr-1", {"id": 3})
    hub.publish("device/nbo-rtr-1", {"id": 4})
    batch = hub.after(place, ALL, EVERYTHING)
    assert data(batch.events) == [{"id": 2, "name": "نيروبي"}, {"id": 4}]
    assert (batch.last, batch.lost) == (4, False)
    assert hub.after(batch.last, ALL, EVERYTHING).events == []


def test_a_narrow_scope_sees_its_regions_alone(hub: Hub) -> None:
    hub.publish("incidents", {"id": 1}, region="africa")
    hub.publish("incidents", {"id": 2}, region="europe")
    hub.publish("incidents", {"id": 3})
    assert data(hub.after(0, ALL, Scope(frozenset({"africa"}))).events) == [{"id": 1}]
    assert len(hub.after(0, ALL, EVERYTHING).events) == 3


def test_who_falls_behind_the_ring_is_told(hub: Hub) -> None:
    for number in range(EVENTS_AT_MOST + 5):
        hub.publish("incidents", {"id": number})
    assert hub.dropped == 5
    assert hub.after(4, ALL, EVERYTHING).lost
    assert not hub.after(5, ALL, EVERYTHING).lost
    assert len(hub.after(0, ALL, EVERYTHING).events) == EVENTS_AT_MOST


def test_large_events_do_not_fill_the_memory(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BYTES_AT_MOST", 1_000)
    for number in range(50):
        hub.publish("incidents", {"text": "x" * 100, "id": number})
    assert hub.dropped > 40
    assert data(hub.after(0, ALL, EVERYTHING).events)[-1] == {"text": "x" * 100, "id": 49}


def test_what_is_no_topic_or_no_json_is_a_fault(hub: Hub) -> None:
    for topic in ("", "a b", "<x>", "x" * 201, "\n"):
        assert not is_topic(topic)
        with pytest.raises(ValueError, match="no topic"):
            hub.publish(topic, {})
    with pytest.raises(ValueError, match="JSON"):
        hub.publish("incidents", {"value": float("nan")})
    assert hub.last == 0


async def test_waiting_ends_by_an_event_by_time_and_by_the_end(hub: Hub) -> None:
    clock = hub._clock
    assert isinstance(clock, ManualClock)
    for wake in (lambda: hub.publish("incidents", {}), hub.close):
        waiters = [asyncio.create_task(hub.wait(hub.last, 20)) for _ in range(3)]
        await settle()
        assert not any(waiter.done() for waiter in waiters)
        wake()
        await asyncio.wait_for(asyncio.gather(*waiters), 1)
    fresh = Hub(clock)
    waiter = asyncio.create_task(fresh.wait(0, 20))
    await clock.advance(19)
    assert not waiter.done()
    await clock.advance(1)
    assert waiter.done()


def test_identifiers_of_another_run_are_not_ours(hub: Hub) -> None:
    hub.publish("incidents", {})
    assert hub.number_of(hub.identifier(1)) == 1
    for text in ("", "1", "x-1", hub.identifier(2), hub.identifier(1) + "x", f"{hub._run}-", f"{hub._run}--1"):
        assert hub.number_of(text) is None
    later = Hub(ManualClock(datetime(2026, 3, 2, tzinfo=UTC)))
    later.publish("incidents", {})
    assert later.number_of(hub.identifier(1)) is None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "k", "l"]))))
def test_coalescing_keeps_the_last_word_on_everything(pairs: list[tuple[str, str]]) -> None:
    events = [Event(number, topic, "", "{}", key, None) for number, (topic, key) in enumerate(pairs)]
    kept = coalesced(events)
    assert [event.number for event in kept] == sorted(event.number for event in kept)
    for event in events:
        later = [other for other in events[event.number + 1 :] if (other.topic, other.key) == (event.topic, event.key)]
        assert (event in kept) == (not event.key or not later)


@pytest.fixture
async def socket(house: House) -> AsyncIterator[ClientWebSocketResponse]:
    await house.log_in()
    async with house.http.ws_connect(f"{house.url}/live?topics=incidents,device/nbo-rtr-1", origin=house.url) as socket:
        yield socket


async def test_a_page_hears_at_most_once_a_second(house: House, socket: ClientWebSocketResponse) -> None:
    hello = await socket.receive_json(timeout=2)
    assert hello == {"type": "hello", "time": "2026-03-01T12:00:00Z", "version": "0.1.0"}
    house.server.hub.publish("incidents", {"id": 1}, key="1")
    assert (await socket.receive_json(timeout=2))["events"] == [
        {"topic": "incidents", "key": "1", "at": "2026-03-01T12:00:00Z", "data": {"id": 1}}
    ]
    for state in ("open", "acknowledged"):
        house.server.hub.publish("incidents", {"id": 1, "state": state}, key="1")
    house.server.hub.publish("device/bgf-rtr-1", {})
    house.server.hub.publish("device/nbo-rtr-1", {"status": "down"})
    await house.clock.advance(0.5)
    frame = asyncio.create_task(socket.receive_json(timeout=2))
    await settle()
    assert not frame.done()
    await house.clock.advance(0.5)
    events = (await frame)["events"]
    assert [event["data"] for event in events] == [{"id": 1, "state": "acknowledged"}, {"status": "down"}]


async def test_a_flood_becomes_a_resync(house: House, socket: ClientWebSocketResponse) -> None:
    await socket.receive_json(timeout=2)
    for number in range(FRAME_EVENTS_AT_MOST + 1):
        house.server.hub.publish("incidents", {"id": number})
    assert (await socket.receive_json(timeout=2))["type"] == "resync"


async def test_a_listener_goes_with_its_tab(house: House, socket: ClientWebSocketResponse) -> None:
    await socket.receive_json(timeout=2)
    assert house.server.hub.listeners == 1
    await socket.close()
    await until(lambda: house.server.hub.listeners == 0)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not is_so():
            await asyncio.sleep(0)


async def test_a_page_that_talks_too_much_is_cut_off(house: House, socket: ClientWebSocketResponse) -> None:
    await socket.receive_json(timeout=2)
    await socket.send_str("ignored")
    await socket.send_str("x" * 10_000)
    message = await socket.receive(timeout=2)
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1009)


async def test_log_out_ends_the_socket(house: House, socket: ClientWebSocketResponse) -> None:
    await socket.receive_json(timeout=2)
    async with house.http.post(f"{house.url}/logout", headers={"Origin": house.url}):
        pass
    await until(lambda: bool(house.clock._calls))
    await house.clock.advance(HEARTBEAT_S + 1)
    message = await socket.receive(timeout=2)
    assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1008, "logged out")


async def test_stopping_ends_the_socket(house: House, socket: ClientWebSocketResponse) -> None:
    await socket.receive_json(timeout=2)
    stopping = asyncio.create_task(house.server.stop())
    message = await socket.receive(timeout=2)
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
    await socket.close()
    await stopping


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1:1"])
async def test_no_other_site_listens(house: House, origin: str | None) -> None:
    await house.log_in()
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.http.ws_connect(f"{house.url}/live?topics=incidents", origin=origin)
    assert refused.value.status == 403


@pytest.mark.parametrize("topics", ["", "?topics=", "?topics=%20", "?topics=" + ",".join("a" * 51), "?topics=%3Cx%3E"])
async def test_topics_must_be_topics(house: House, topics: str) -> None:
    answer = await house.asks(f"/api/v1/stream{topics}", status=400)
    assert answer["errors"][0]["pointer"] == "/query/topics"  # type: ignore[index]


UNKNOWN = {
    "nope": "'nope' is no topic; topics are incidents, statuses, and device/ID of each device",
    "incidents,incident": "'incident' is no topic (did you mean 'incidents'?); topics are incidents, statuses,",
    "device/nbo-rtr": "there is no device 'nbo-rtr'; topics are incidents, statuses, and device/ID of each device",
    "device/": "there is no device ''",
    "site/nairobi": "'site/nairobi' is no topic",
}


@pytest.mark.parametrize(("topics", "said"), UNKNOWN.items())
async def test_a_topic_that_there_is_not_is_refused_and_the_topics_are_listed(
    house: House, topics: str, said: str
) -> None:
    answer = await house.asks(f"/api/v1/stream?topics={topics}", status=400)
    (fault,) = answer["errors"]  # type: ignore[misc]
    assert fault["pointer"] == "/query/topics"
    assert said in fault["detail"]


async def test_a_socket_with_an_unknown_topic_is_refused_before_it_opens(house: House) -> None:
    await house.log_in()
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.http.ws_connect(f"{house.url}/live?topics=incidents,nope", origin=house.url)
    assert refused.value.status == 400
    assert house.server.hub.listeners == 0


async def test_a_device_that_may_not_be_seen_is_no_topic(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"africa"})))
    assert house.server.hub.listeners == 0
    own, other = "/api/v1/stream?topics=device/nbo-rtr-1", "/api/v1/stream?topics=device/bds-rtr-1"
    refused = str((await house.asks(other, status=400, bearer=False))["detail"])
    assert "there is no device 'bds-rtr-1'" in refused
    async with house.http.get(house.url + own) as response:
        assert (await told(response))["event"] == "hello"


async def test_plain_http_is_told_to_upgrade(house: House) -> None:
    headers = {**house.bearer, "Origin": house.url}
    async with house.http.get(f"{house.url}/live?topics=incidents", headers=headers) as response:
        assert (response.status, response.headers["Upgrade"]) == (426, "websocket")


async def test_too_many_listeners_are_refused(house: House) -> None:
    house.server.hub.listeners = LISTENERS_AT_MOST
    assert "too many" in str((await house.asks("/api/v1/stream?topics=incidents", status=503))["detail"])
    assert house.server.hub.listeners == LISTENERS_AT_MOST


async def told(response: ClientResponse) -> dict[str, str]:
    """Return the next event of a stream."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(2):
        while (line := (await response.content.readline()).decode().rstrip("\n")) or not fields:
            name, _, value = line.partition(": ")
            fields[name or "comment"] = value
    return fields


def stream(house: House, **headers: str):  # type: ignore[no-untyped-def]
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return house.http.get(f"{house.url}/api/v1/stream?topics=incidents", headers={**house.bearer, **names})


async def test_a_script_hears_everything_in_order_and_resumes(house: House) -> None:
    hub = house.server.hub
    async with stream(house) as response:
        assert response.content_type == "text/event-stream"
        assert (await told(response))["event"] == "hello"
        for number in (1, 2):
            hub.publish("incidents", {"id": number}, key="same")
        hub.publish("device/bgf-rtr-1", {})
        first, second = await told(response), await told(response)
    assert (first["event"], json.loads(first["data"])["data"]) == ("incidents", {"id": 1})
    assert json.loads(second["data"]) == {"at": "2026-03-01T12:00:00Z", "key": "same", "data": {"id": 2}}
    hub.publish("incidents", {"id": 3})
    async with stream(house, Last_Event_ID=first["id"]) as response:
        assert (await told(response))["event"] == "hello"
        assert [json.loads((await told(response))["data"])["data"]["id"] for _ in range(2)] == [2, 3]


@pytest.mark.parametrize("last", ["nonsense", "abc-5", "%00", "9" * 50])
async def test_who_resumes_from_nowhere_is_told(house: House, last: str) -> None:
    async with stream(house, Last_Event_ID=last) as response:
        assert [(await told(response))["event"] for _ in range(2)] == ["hello", "resync"]


async def test_a_silent_stream_shows_that_it_lives(house: House) -> None:
    async with stream(house) as response:
        await told(response)
        await until(lambda: any(due >= HEARTBEAT_S for due, *_ in house.clock._calls))
        await house.clock.advance(HEARTBEAT_S)
        assert (await told(response))["comment"] == "still here"


async def test_what_others_hear_makes_no_noise_and_loses_nobody_its_place(house: House) -> None:
    hub = house.server.hub
    async with stream(house) as response:
        assert (await told(response))["event"] == "hello"
        for number in range(20):
            hub.publish("device/nbo-rtr-1", {"read": number})
            await settle()
        await house.clock.advance(HEARTBEAT_S)
        silence = await told(response)
        assert (silence["comment"], silence["id"]) == ("still here", hub.identifier(20))
        hub.publish("incidents", {"id": 1})
        assert (await told(response))["event"] == "incidents"
    for number in range(EVENTS_AT_MOST - 1):
        hub.publish("device/nbo-rtr-1", {"read": number})
    async with stream(house, Last_Event_ID=silence["id"]) as response:
        assert [(await told(response))["event"] for _ in range(2)] == ["hello", "incidents"]


async def test_a_stream_ends_with_the_server_and_can_begin_anew(house: House) -> None:
    async with stream(house) as response:
        await told(response)
        await asyncio.gather(house.server.stop(), response.content.read())
    assert house.server.hub.listeners == 0
    await house.server.start()
    async with stream(house) as response:
        assert (await told(response))["event"] == "hello"


async def test_a_stream_ends_with_its_token(house: House) -> None:
    async with stream(house) as response:
        await told(response)
        for _ in range(TOKENS_AT_MOST):
            house.server.login_url()  # too many: the oldest ends
        house.server.hub.publish("incidents", {})
        assert (await told(response))["event"] == "incidents"
        async with asyncio.timeout(2):
            assert await response.content.read() == b""
