"""Webhooks, SMS and PagerDuty for real: a web server that takes, refuses, is busy, hangs, sends elsewhere, floods."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import web

from alerts.notifiers import pagerduty, sms, webhook
from alerts.notifiers._ports import Announcer, Letter, Message, Notifier, NotifyError
from noc.clock import ManualClock
from noc.model.incident import Incident
from tests.live.webserver import WebServer
from tests.unit.alerts.alerting import START, START_MS

pytestmark = pytest.mark.live

INCIDENT = Incident(
    7, "device/a", "device-down", "major", "standard", START_MS, START_MS, {"status": "down"}, key="ab" * 8
)
MESSAGE = Message(
    "7-b", "7-a", "ops", "Achieng", 'down: "a" & ü', "text\n", "<p>html</p>", "page", INCIDENT, "a is down"
)
OVER = replace(MESSAGE, kind="resolved", incident=replace(INCIDENT, resolved_ms=START_MS + 60_000))
NEAR = ["127.0.0.1"]


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    server = WebServer()
    await server.start()
    yield server
    await server.stop()


def made(module: ModuleType, folder: Path, clock: ManualClock | None = None, **written: object) -> Notifier:
    for name in ("token", "routing"):
        (folder / name).write_text(f"s3cret {name}/+\n")
    settings = module.Settings.model_validate_json(json.dumps({"allow_networks": NEAR, "timeout": "1s", **written}))
    notifier: Notifier = module.build(settings, folder, clock or ManualClock(START))
    return notifier


async def test_a_webhook_is_what_alertmanager_sends_and_signed(server: WebServer, tmp_path: Path) -> None:
    notifier = made(webhook, tmp_path, url=f"{server.url}/hook", signing_key={"!secret": "file:token"})
    await notifier.send(MESSAGE)
    await notifier.send(OVER)
    fired, over = server.heard
    told = fired.json()
    assert (fired.method, fired.path, fired.headers["content-type"]) == ("POST", "/hook", "application/json")
    assert (told["version"], told["status"], told["receiver"], told["groupKey"]) == ("4", "firing", "ops", "ab" * 8)
    (alert,) = told["alerts"]
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-03-01T00:00:00Z", "0001-01-01T00:00:00Z")
    assert alert["labels"]["instance"] == "device/a"
    assert alert["annotations"]["summary"] == 'down: "a" & ü'
    ended = over.json()["alerts"][0]
    assert (ended["status"], ended["endsAt"], ended["fingerprint"]) == (
        "resolved",
        "2026-03-01T00:01:00Z",
        alert["fingerprint"],
    )
    signed = f"7-b.{int(START.timestamp())}.".encode() + fired.body
    mac = base64.b64encode(hmac.new(b"s3cret token/+", signed, hashlib.sha256).digest()).decode()
    assert fired.headers["webhook-signature"] == f"v1,{mac}"
    assert fired.headers["idempotency-key"] == fired.headers["webhook-id"] == "7-b"


async def test_a_webhook_of_ones_own(server: WebServer, tmp_path: Path) -> None:
    notifier = made(
        webhook,
        tmp_path,
        url=f"{server.url}/rooms/{{{{ to }}}}?t={{{{ secrets.token }}}}",
        method="PUT",
        headers={"X-Kind": "{{ kind }}"},
        json={"text": "{{ subject }}", "rows": [{"id": "{{ incident.id }}", "n": 3}]},
        secrets={"token": {"!secret": "file:token"}},
    )
    await notifier.send(replace(MESSAGE, to="a/b?c"))
    (heard,) = server.heard
    assert (heard.method, heard.path, heard.query) == ("PUT", "/rooms/a/b?c", {"t": "s3cret token/+"})
    assert heard.json() == {"text": 'down: "a" & ü', "rows": [{"id": "7", "n": 3}]}
    assert heard.headers["x-kind"] == "page"


async def test_a_gateway_of_sms_gets_number_and_one_sms(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: web.Response(text="OK id=1")
    notifier = made(
        sms,
        tmp_path,
        url=f"{server.url}/send",
        form={"to": "{{ to }}", "text": "{{ text }}", "ref": "{{ key }}"},
        user="noc",
        password={"!secret": "file:token"},
        answer_has="OK",
        refused=[422],
    )
    await notifier.send(replace(MESSAGE, to="+254 (20) 762-1234", short="down " * 60))
    (heard,) = server.heard
    assert heard.body.startswith(b"to=%2B254207621234&text=down+down")
    assert len(heard.body.split(b"&")[1]) <= len("text=") + 160
    assert heard.headers["authorization"] == f"Basic {base64.b64encode(b'noc:s3cret token/+').decode()}"
    server.answer = lambda _: web.Response(text="ERR no credit for s3cret token/+")
    with pytest.raises(NotifyError, match="ERR no credit for …") as caught:
        await notifier.send(replace(MESSAGE, to="+254207621234"))
    assert not caught.value.permanent
    server.answer = lambda _: web.Response(status=422, text="no such number")
    with pytest.raises(NotifyError, match="no such number") as caught:
        await notifier.send(replace(MESSAGE, to="+254207621234"))
    assert caught.value.permanent
    with pytest.raises(NotifyError, match="number") as caught:
        await notifier.send(replace(MESSAGE, to="Achieng"))
    assert caught.value.permanent
    assert len(server.heard) == 3


async def test_pagerduty_has_one_alert_for_an_incident(server: WebServer, tmp_path: Path) -> None:
    notifier = made(pagerduty, tmp_path, url=f"{server.url}/v2/enqueue", routing_key={"!secret": "file:routing"})
    for message in (MESSAGE, replace(MESSAGE, key="7-c", kind="escalation"), OVER):
        await notifier.send(message)
    trigger, again, over = (heard.json() for heard in server.heard)
    assert {told["dedup_key"] for told in (trigger, again, over)} == {"ab" * 8}
    assert [told["event_action"] for told in (trigger, again, over)] == ["trigger", "trigger", "resolve"]
    assert (trigger["payload"]["severity"], trigger["routing_key"]) == ("error", "s3cret routing/+")
    server.answer = lambda heard: web.Response(status=400, text=f"invalid: {heard.body.decode()}")
    with pytest.raises(NotifyError, match="status 400") as caught:
        await notifier.send(MESSAGE)
    assert caught.value.permanent
    assert "s3cret" not in str(caught.value)


async def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(server: WebServer, tmp_path: Path) -> None:
    clock = ManualClock(START)
    notifier = made(webhook, tmp_path, clock, url=server.url)
    server.answer = lambda _: web.Response(status=429, headers={"Retry-After": "120"})
    with pytest.raises(NotifyError, match="status 429"):
        await notifier.send(MESSAGE)
    server.answer = lambda _: web.Response(status=200)
    with pytest.raises(NotifyError, match="not to be asked for 120 s more"):
        await notifier.send(MESSAGE)
    await clock.advance(121)
    await notifier.send(MESSAGE)
    assert len(server.heard) == 2


async def test_a_server_that_hangs_may_have_taken_it(server: WebServer, tmp_path: Path) -> None:
    server.hangs = True
    with pytest.raises(NotifyError, match="no answer within 1 s") as caught:
        await made(webhook, tmp_path, url=server.url).send(MESSAGE)
    assert caught.value.unknown
    assert not caught.value.permanent
    await server.stop()
    with pytest.raises(NotifyError, match="no connection") as caught:
        await made(webhook, tmp_path, url=server.url).send(MESSAGE)
    assert not caught.value.unknown


async def test_no_redirect_is_followed_and_no_flood_is_read(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda heard: web.Response(status=302, headers={"Location": "/inside"})
    with pytest.raises(NotifyError, match="sends noc elsewhere"):
        await made(webhook, tmp_path, url=f"{server.url}/out").send(MESSAGE)
    assert [heard.path for heard in server.heard] == ["/out"]
    server.answer = lambda _: web.Response(body=b"x" * 70_000)
    with pytest.raises(NotifyError, match="longer than 65536 bytes"):
        await made(webhook, tmp_path, url=server.url).send(MESSAGE)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]"]
)
async def test_this_machine_is_not_gone_to_unless_it_is_written(server: WebServer, tmp_path: Path, host: str) -> None:
    with pytest.raises(NotifyError, match=r"allow_networks|no connection|can't be resolved|is not one"):
        await made(webhook, tmp_path, url=f"http://{host}:{server.port}/", allow_networks=[]).send(MESSAGE)
    assert server.heard == []


async def test_a_name_that_changes_its_mind_is_not_followed_inside(
    server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is a harmless address, the second one is ours."""
    answers = iter(["203.0.113.1", "127.0.0.1"])

    def resolve(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), server.port))]

    assert resolve()[0][4][0] == "203.0.113.1"  # who looks first sees nothing wrong
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    notifier = made(webhook, tmp_path, url=f"http://rebind.example.org:{server.port}/", allow_networks=[])
    with pytest.raises(NotifyError, match=r"127\.0\.0\.1 is this machine"):
        await notifier.send(MESSAGE)
    assert server.heard == []


LETTER = Letter(
    "handover-3",
    "+254 (20) 762-1234",
    "Achieng hands day over to Eve.",
    "Achieng hands day over to Eve.\n\njuba sags\n",
    "en",
    short="Accept number 3: https://noc.example.org/oncall",
    url="https://noc.example.org/oncall",
    name="Eve",
)


async def test_what_a_letter_says_goes_in_short_by_sms_and_webhook(server: WebServer, tmp_path: Path) -> None:
    gateway = made(sms, tmp_path, url=f"{server.url}/send", form={"to": "{{ to }}", "text": "{{ text }}"})
    hook = made(webhook, tmp_path, url=f"{server.url}/hook", signing_key={"!secret": "file:token"})
    own = made(webhook, tmp_path, url=f"{server.url}/own", json={"say": "{{ short }}", "link": "{{ url }}"})
    for notifier in (gateway, hook, own):
        assert isinstance(notifier, Announcer)
        await notifier.announce(LETTER)
    by_sms, plain, by_template = server.heard
    assert by_sms.body == b"to=%2B254207621234&text=Accept+number+3%3A+https%3A%2F%2Fnoc.example.org%2Foncall"
    told = plain.json()
    assert (told["version"], told["alerts"], told["groupKey"]) == ("4", [], "handover-3")
    assert told["noc"]["kind"] == "letter"
    assert told["commonAnnotations"]["short"] == LETTER.short
    assert plain.headers["webhook-id"] == plain.headers["idempotency-key"] == "handover-3"
    assert by_template.json() == {"say": LETTER.short, "link": LETTER.url}


async def test_a_template_that_wants_an_incident_refuses_letters_for_good(server: WebServer, tmp_path: Path) -> None:
    notifier = made(webhook, tmp_path, url=f"{server.url}/own", json={"id": "{{ incident.id }}"})
    assert isinstance(notifier, Announcer)
    with pytest.raises(NotifyError, match="template: json") as caught:
        await notifier.announce(LETTER)
    assert caught.value.permanent
    assert server.heard == []
