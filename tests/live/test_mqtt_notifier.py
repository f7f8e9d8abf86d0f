"""Messages on a real broker (Mosquitto): to their reader, and the incident retained while it is open."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest

from alerts.notifiers import mqtt
from alerts.notifiers._ports import Announcer, Letter, Message, Notifier, NotifyError
from noc.clock import ManualClock
from noc.model.incident import Incident
from tests.live.test_seal import broker
from tests.unit.alerts.alerting import START, START_MS

pytestmark = pytest.mark.live

INCIDENT = Incident(7, "device/a", "device-down", "major", "standard", START_MS, START_MS, {"status": "down"})
MESSAGE = Message("7-a", "7-a", "desk/nairobi", "Desk", "a is down ü", "text\n", "<p>h</p>", "page", INCIDENT, "a")
OVER = replace(MESSAGE, key="7-z", kind="resolved", incident=replace(INCIDENT, resolved_ms=START_MS + 1))


def notifier(port: int, folder: Path, **written: object) -> Notifier:
    settings = {"host": "127.0.0.1", "port": port, "tls": False, "timeout": "3s", **written}
    return mqtt.build(mqtt.Settings.model_validate_json(json.dumps(settings)), folder, ManualClock(START))


async def test_reader_and_incident_have_topics_and_what_is_over_is_forgotten(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, asyncio.timeout(20):
        sender = notifier(port, tmp_path)
        async with aiomqtt.Client("127.0.0.1", port) as early:
            await early.subscribe("noc/v1/#")
            heard = aiter(early.messages)
            await asyncio.gather(sender.send(MESSAGE), sender.send(replace(MESSAGE, key="7-b", to="desk/suva")))
            first = [await anext(heard) for _ in range(4)]
            async with aiomqtt.Client("127.0.0.1", port) as late:
                await late.subscribe("noc/v1/#")
                kept = await anext(aiter(late.messages))
            await sender.send(OVER)
            last = [await anext(heard) for _ in range(3)]
            async with aiomqtt.Client("127.0.0.1", port) as later:
                await later.subscribe("noc/v1/#")
                await sender.send(replace(MESSAGE, to="probe"))
                next_one = await anext(aiter(later.messages))
    told = {str(one.topic): json.loads(bytes(one.payload)) for one in first if isinstance(one.payload, bytes)}
    assert told.keys() == {"noc/v1/notice/desk/nairobi", "noc/v1/notice/desk/suva", "noc/v1/incident/7"}
    page = told["noc/v1/notice/desk/nairobi"]
    assert (page["key"], page["kind"], page["subject"], page["incident"]["state"]) == (
        "7-a",
        "page",
        "a is down ü",
        "new",
    )
    assert (str(kept.topic), kept.retain) == ("noc/v1/incident/7", True)
    assert [str(one.topic).split("/")[2] for one in last] == ["notice", "incident", "incident"]
    assert isinstance(last[1].payload, bytes)
    assert json.loads(last[1].payload)["state"] == "resolved"
    assert last[2].payload == b""
    assert str(next_one.topic) == "noc/v1/notice/probe"  # nothing was kept any more


async def test_a_letter_is_told_in_short_on_the_topic_of_its_reader(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, asyncio.timeout(20), aiomqtt.Client("127.0.0.1", port) as early:
        await early.subscribe("noc/v1/#")
        sender = notifier(port, tmp_path)
        assert isinstance(sender, Announcer)
        link = "https://noc.example.org/oncall"
        await sender.announce(Letter("handover-3", "desk/suva", "s", "t", "en", short=f"Accept: {link}", url=link))
        heard = await anext(aiter(early.messages))
    assert isinstance(heard.payload, bytes)
    told = json.loads(heard.payload)
    assert (str(heard.topic), told["kind"], told["incident"]) == ("noc/v1/notice/desk/suva", "letter", None)
    assert told["short"] == "Accept: https://noc.example.org/oncall"


async def test_a_broker_that_refuses_or_is_away_is_told(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    async with broker(tmp_path, locked=True) as port:
        log_in = {"user": "noc", "password": {"!secret": "file:password"}}
        with pytest.raises(NotifyError, match=f"mqtt://127.0.0.1:{port}: the message was not taken") as caught:
            await notifier(port, tmp_path, **log_in).send(MESSAGE)
        assert "hunter2" not in str(caught.value)
    with pytest.raises(NotifyError, match=r"mqtt://127\.0\.0\.1") as caught:
        await notifier(port, tmp_path).send(MESSAGE)
    assert not caught.value.permanent
    with pytest.raises(NotifyError, match="no level of a topic") as caught:
        await notifier(port, tmp_path).send(replace(MESSAGE, to="desk/#"))
    assert caught.value.permanent
