"""Every notifier on disk: it is a file of its own, says what it needs, starts nothing by itself, and fails as data."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import ValidationError

from alerts.notifiers._ports import Message, Notifier, NotifyError
from docs.reference_fields import written_below
from noc import plugins
from noc.clock import ManualClock
from noc.model.incident import Incident
from noc.settings.schema import Settings
from tests.unit.alerts.alerting import START, START_MS

PACKAGE = "alerts.notifiers"
FOLDER = Path(__file__).parents[2] / "alerts" / "notifiers"
NAMES = plugins.names(PACKAGE)
PORT = 0
"""Stands for a port until there is one."""

SECRET = 's3cr3t/+ of "ours"'

NEAR = {"allow_networks": ["127.0.0.1"]}
NOWHERE: dict[str, dict[str, object]] = {
    "apprise": {
        "url": "json://127.0.0.1:PORT/{{ secrets.key }}",
        "secrets": {"key": {"!secret": "env:NOC_TEST_SECRET"}},
        **NEAR,
    },
    "email": {"host": "127.0.0.1", "port": PORT, "security": "none", "from": "noc@example.org"},
    "mqtt": {"host": "127.0.0.1", "port": PORT, "tls": False},
    "pagerduty": {"url": "http://127.0.0.1:PORT/", "routing_key": {"!secret": "env:NOC_TEST_SECRET"}, **NEAR},
    "rest": {"url": "http://127.0.0.1:PORT", "user": "noc", "password": {"!secret": "env:NOC_TEST_SECRET"}, **NEAR},
    "sms": {
        "url": "http://127.0.0.1:PORT/?key={{ secrets.key }}",
        "form": {"to": "{{ to }}", "text": "{{ text }}"},
        "secrets": {"key": {"!secret": "env:NOC_TEST_SECRET"}},
        **NEAR,
    },
    "ticketmail": {"host": "127.0.0.1", "port": PORT, "security": "none", "from": "noc@example.org"},
    "webhook": {
        "url": "http://127.0.0.1:PORT/{{ secrets.key }}",
        "secrets": {"key": {"!secret": "env:NOC_TEST_SECRET"}},
        "signing_key": {"!secret": "env:NOC_TEST_SECRET"},
        **NEAR,
    },
}
"""Settings of each notifier with which only a port of this machine can be reached. A new notifier adds its own."""

ADDRESSES = {"sms": "+254 20 762 1234"}
"""Of a reader, where it isn't one of e-mail."""

INCIDENT = Incident(7, "device/a", "device-down", "critical", "standard", START_MS, START_MS, {"status": "down"})
MESSAGE = Message("7-abc", "7-abc", "a@example.org", "Achieng", "subject", "text\n", "<p>html</p>", "page", INCIDENT)


@pytest.fixture(params=NAMES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    return plugins.load(PACKAGE, str(request.param))


def name_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOC_TEST_SECRET", SECRET)


def written(module: ModuleType, port: int, timeout: str = "5s") -> dict[str, object]:
    found = {key: port if value is PORT else value for key, value in NOWHERE[name_of(module)].items()}
    return {**json.loads(json.dumps(found).replace(":PORT", f":{port}")), "timeout": timeout}


def build(module: ModuleType, folder: Path, port: int = 1, timeout: str = "5s") -> Notifier:
    model: type[Settings] = module.Settings
    settings = model.model_validate_json(json.dumps(written(module, port, timeout)))
    notifier: Notifier = module.build(settings, folder, ManualClock(START))
    return notifier


def message_for(module: ModuleType) -> Message:
    return replace(MESSAGE, to=ADDRESSES.get(name_of(module), MESSAGE.to))


def test_there_are_notifiers_and_each_has_settings_to_be_tested_with() -> None:
    assert "email" in NAMES
    assert set(NAMES) == NOWHERE.keys()


def test_settings_are_the_houses_own_and_say_what_they_mean(module: ModuleType) -> None:
    model: type[Settings] = module.Settings
    assert issubclass(model, Settings)
    assert model.model_fields["kind"].default == name_of(module)
    assert [field for field in model.model_fields if not written_below(model, field)] == []
    with pytest.raises(ValidationError):
        model.model_validate_json(json.dumps({**written(module, 1), "no_such_key": 1}))
    with pytest.raises(ValidationError):
        model.model_validate_json(json.dumps({**written(module, 1), "kind": "other"}))


def test_a_notifier_is_inert_until_it_is_asked(module: ModuleType, tmp_path: Path) -> None:
    # There is no event loop here: whatever it would start would fail.
    notifier = build(module, tmp_path)
    assert inspect.iscoroutinefunction(notifier.send)
    assert list(tmp_path.iterdir()) == []


async def test_what_can_not_be_reached_is_told_in_a_sentence_and_may_be_tried_again(
    module: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(NotifyError) as caught:
        await build(module, tmp_path, timeout="60s").send(message_for(module))
    assert not caught.value.permanent
    assert "127.0.0.1" in str(caught.value)
    assert str(caught.value).isprintable()


async def test_it_can_be_cut_off(module: ModuleType, tmp_path: Path) -> None:
    connected, hung_up = asyncio.Event(), asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sending = asyncio.create_task(build(module, tmp_path, port, "60s").send(message_for(module)))
    async with asyncio.timeout(20):
        await connected.wait()
    await asyncio.wait([sending], timeout=0.2)
    assert not sending.done()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    async with asyncio.timeout(5):
        await hung_up.wait()  # whoever is cut off leaves no connection behind
    server.close()
    await server.wait_closed()


async def test_what_a_server_repeats_of_a_secret_is_not_told(module: ModuleType, tmp_path: Path) -> None:
    """The server answers with all that it heard: a wrong gateway, a debug page."""

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while more := await reader.read(65_536):
                    heard += more
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(heard)}\r\n\r\n"
        writer.write(head.encode() + heard)
        writer.close()

    server = await asyncio.start_server(repeat, "127.0.0.1", 0)
    timeout = "2s" if module.__name__.endswith(".mqtt") else "60s"  # in MQTT this is no answer, and waited for
    with pytest.raises(NotifyError) as caught:
        await build(module, tmp_path, server.sockets[0].getsockname()[1], timeout).send(message_for(module))
    assert "s3cr3t" not in str(caught.value)
    assert str(caught.value).isprintable()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("name", NAMES)
def test_notifiers_do_not_know_each_other(name: str) -> None:
    others = {f"{PACKAGE}.{other}" for other in NAMES if other != name}
    imported = set()
    for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    assert imported & others == set()
    assert {
        module for module in imported if module.startswith(("alerts.engine", "alerts.dispatch", "noc.state"))
    } == set()


def test_the_package_itself_loads_none_of_them() -> None:
    package = importlib.import_module(PACKAGE)
    assert ast.parse(inspect.getsource(package)).body[1:] == []
