"""Apprise for real, in its process: it delivers, it fails in a sentence, and it goes nowhere inside."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from alerts.notifiers import apprise
from alerts.notifiers._ports import Message, Notifier, NotifyError
from noc.clock import ManualClock
from noc.model.incident import Incident
from tests.live.webserver import WebServer
from tests.unit.alerts.alerting import START, START_MS

pytestmark = pytest.mark.live

INCIDENT = Incident(7, "device/a", "device-down", "major", "standard", START_MS, START_MS, {"status": "down"})
MESSAGE = Message("7-a", "7-a", "a b/c", "Desk", "a is down", "text\nmore\n", "<p>h</p>", "page", INCIDENT, "short a")


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    server = WebServer(answer=lambda _: web.Response(text="ok"))
    await server.start()
    yield server
    await server.stop()


def notifier(folder: Path, url: str, **written: object) -> Notifier:
    (folder / "token").write_text("s3cret-token\n")
    base = {"url": url, "secrets": {"token": {"!secret": "file:token"}}, "allow_networks": ["127.0.0.1"]}
    settings = apprise.Settings.model_validate_json(json.dumps({**base, **written}))
    return apprise.build(settings, folder, ManualClock(START))


async def test_a_service_takes_a_message(server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # of others: it is not used
    url = f"json://127.0.0.1:{server.port}/{{{{ secrets.token }}}}/{{{{ to }}}}"
    await notifier(tmp_path, url).send(MESSAGE)
    await notifier(tmp_path, url, short=True).send(MESSAGE)
    first, short = server.heard
    assert first.path == "/s3cret-token/a b/c"
    assert (first.json()["title"], first.json()["message"].strip()) == ("a is down", "text\nmore")
    assert short.json()["message"] == "short a"


async def test_what_fails_is_told_without_the_key(server: WebServer, tmp_path: Path) -> None:
    server.answer = lambda _: web.Response(status=403, text="no")
    url = f"json://noc:{{{{ secrets.token }}}}@127.0.0.1:{server.port}/{{{{ secrets.token }}}}"
    with pytest.raises(NotifyError, match=r"apprise json:// \(127\.0\.0\.1\): .*403") as caught:
        await notifier(tmp_path, url).send(MESSAGE)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(NotifyError, match="knows no service"):
        await notifier(tmp_path, "nosuch://{{ secrets.token }}").send(MESSAGE)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_it_goes_nowhere_inside(server: WebServer, tmp_path: Path, host: str) -> None:
    with pytest.raises(NotifyError, match="allow_networks"):
        await notifier(tmp_path, f"json://{host}:{server.port}/", allow_networks=[]).send(MESSAGE)
    assert server.heard == []


async def test_a_redirect_to_this_machine_is_not_followed(server: WebServer, tmp_path: Path) -> None:
    """127.0.0.1 is allowed, 127.0.0.2 is not."""
    server.answer = lambda heard: web.Response(
        status=307, headers={"Location": f"http://127.0.0.2:{server.port}/inside"}
    )
    with pytest.raises(NotifyError, match=r"127\.0\.0\.2 is this machine|307"):
        await notifier(tmp_path, f"json://127.0.0.1:{server.port}/out").send(MESSAGE)
    assert {heard.path for heard in server.heard} == {"/out"}


async def test_a_service_that_hangs_is_ended(server: WebServer, tmp_path: Path) -> None:
    server.hangs = True
    with pytest.raises(NotifyError, match="took longer than 3 s and was ended") as caught:
        await notifier(tmp_path, f"json://127.0.0.1:{server.port}/", timeout="3s").send(MESSAGE)
    assert caught.value.unknown
