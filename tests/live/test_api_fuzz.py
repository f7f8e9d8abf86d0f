"""The API is asked all that its document allows, and what it doesn't: each answer is one that the document tells of."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as told

from noc.access.people import Acting
from noc.access.scripts import Wanted
from noc.reports.frame.asked import Asked
from noc.state import configurations
from noc.state.configurations import Fetched
from tests.live.paged import House, paged_house, snapshot_of

pytestmark = pytest.mark.live

CHECKS: Final = [
    not_a_server_error,
    told.status_code_conformance,
    told.content_type_conformance,
    told.response_headers_conformance,
    told.response_schema_conformance,
    told.negative_data_rejection,
]
ENDLESS: Final = "/api/v1/stream"
MINUTE_MS: Final = 60_000
LONGEST_S: Final = 6.0
"""What one operation may take: then the next one is asked, so that all together end in twenty minutes."""

FILES: Final = ("/report", "/file")
"""Each takes a process of its own, and seconds."""

SOON: Final = {"from": "2026-12-01T00:00:00Z", "to": "2026-12-01T01:00:00Z"}

MADE: Final[Mapping[str, Mapping[str, object]]] = {
    "windows": {"entity": "site/nairobi", "why": "new antenna", **SOON},
    "problems": {"title": "rain"},
    "entity-notes": {"entity": "site/nairobi", "text": "sags in rain"},
    "tokens": {"name": "spare", "role": "viewer"},
    "oncall/overrides": {"schedule": "nairobi", "person": "lea", **SOON},
}
"""What is made before, so that there is one with the number 1; by the address that takes it."""

BY_NAME: Final = {
    "regions": "africa",
    "sites": "nairobi",
    "devices": "nairobi-rtr-1",
    "circuits": "nbo-mpls",
    "endpoints": "erp",
    "services": "erp",
    "schedules": "nairobi",
    "people": "lea",
}


@dataclass
class Fuzzed:
    """A house with its server in a thread. crashes: what it logged as errors."""

    url: str = ""
    token: str = ""
    crashes: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(f"{self.url}/api/v1/openapi.json", timeout=10).json()
        return answer


class _Enough(BaseException):
    """An operation was asked for long enough. No Exception: hypothesis would look for a shorter way to it."""


class _Errors(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(self.format(record))


async def _fill(house: House) -> str:
    """Put something of each kind into a house, and return a token that may do all."""
    now = house.now_ms()
    await house.open_incident("device/goma-rtr-1", "device-down", "critical", now - 40 * MINUTE_MS)
    await house.numbers("nairobi-rtr-1", 2)
    router = house.inventory.devices["nairobi-rtr-1"]
    house.present.keep(router.entity, snapshot_of(router))
    async with house.database.write() as connection:
        await configurations.keep(connection, router.id, Fetched("hostname a\nend\n", b"1", None, "amina"), now, 10)
        await configurations.keep(connection, router.id, Fetched("hostname b\nend\n", b"2", None, "kofi"), now, 10)
    reports = house.server._sources.reports
    assert reports is not None
    await reports.issue(Asked(report="availability", period="7d"))
    wanted = Wanted("fuzz", "admin", speaks_for=True)
    _, secret = await house.server.gate.access.scripts.add(wanted, Acting("test"))
    return secret


async def _run(folder: Path, found: Fuzzed, ready: threading.Event, end: threading.Event) -> None:
    async with paged_house(folder) as house:
        found.token, found.url = await _fill(house), house.server.url
        ready.set()
        while not end.is_set():
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    found, ready, end = Fuzzed(), threading.Event(), threading.Event()
    errors = _Errors(found.crashes)
    logging.getLogger("noc").addHandler(errors)
    folder = tmp_path_factory.mktemp("fuzzed")
    thread = threading.Thread(target=lambda: asyncio.run(_run(folder, found, ready, end)), name="house")
    thread.start()
    try:
        assert ready.wait(30)
        for noun, said in MADE.items():
            answer = requests.post(
                f"{found.url}/api/v1/{noun}", json=said, headers={"Authorization": f"Bearer {found.token}"}, timeout=10
            )
            assert answer.status_code == 200, (noun, answer.text)
        yield found
    finally:
        end.set()
        thread.join(30)
        logging.getLogger("noc").removeHandler(errors)


def _there(path: str) -> dict[str, object]:
    """Return parameters of a path behind which there is something."""
    noun = next((part for part in reversed(path.partition("{")[0].split("/")) if part), "")
    return {"id": BY_NAME.get(noun, 1), "name": "spare", "version": 1}


def _ask(
    way: SearchStrategy[schemathesis.Case], at_most: int, long_s: float, one: Callable[[schemathesis.Case], None]
) -> None:
    """Do something with examples: so many, or as many as there is time for."""
    until_s = time.monotonic() + long_s

    @seed(20261122)
    @settings(
        max_examples=at_most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=way)
    def ask(case: schemathesis.Case) -> None:
        if time.monotonic() > until_s:
            raise _Enough
        one(case)

    with suppress(_Enough):
        ask()


def _wrong(fuzzed: Fuzzed, each: int, *, only: str = "") -> list[str]:
    """Ask all operations, and return what came that isn't told of. each: examples of an operation, right and wrong."""
    document, said, session = fuzzed.document(), dict[str, str](), requests.Session()
    document["paths"].pop(ENDLESS)
    headers = {"Authorization": f"Bearer {fuzzed.token}"}
    schema = schemathesis.openapi.from_dict(document)
    schema.config.checks.negative_data_rejection.expected_statuses = ["4xx"]

    def one(case: schemathesis.Case) -> None:
        answer = case.call(base_url=fuzzed.url, session=session, headers=headers, timeout=30)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for fault in group.exceptions:
                key = f"{case.operation.label} {answer.status_code} {type(fault).__name__}"
                said.setdefault(key, f"{key}: {fault}\n{case.as_curl_command()}\n{answer.text[:300]}")

    for found in schema.get_all_operations():
        operation = found.ok()
        if only not in operation.path:
            continue
        names = {one["name"] for one in operation.definition.raw.get("parameters", ()) if one["in"] == "path"}
        known = {key: value for key, value in _there(operation.path).items() if key in names}
        right, wrong = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
        ways = [operation.as_strategy(right, path_parameters=known), operation.as_strategy(right)]
        if operation.definition.raw.get("parameters") or operation.definition.raw.get("requestBody"):
            ways.append(operation.as_strategy(wrong))
        for way in ways:
            _ask(way, 1 if operation.path.endswith(FILES) else each, LONGEST_S / len(ways), one)
    return list(said.values())


def test_all_is_answered_as_the_document_tells(fuzzed: Fuzzed) -> None:
    assert _wrong(fuzzed, 1) == []
    assert fuzzed.crashes == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_much_of_all_is_answered_as_the_document_tells(fuzzed: Fuzzed) -> None:
    assert _wrong(fuzzed, 25) == []
    assert fuzzed.crashes == []
