"""What noc tells of itself, and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from noc.http.settings import HttpSettings
from noc.http.sources import Health
from tests.unit.noc.http.house import House, build


async def test_it_lives(house: House) -> None:
    async with house.http.get(f"{house.url}/healthz") as response:
        assert (response.status, await response.json()) == (200, {"alive": True})


async def test_it_is_ready_only_when_all_parts_are(house: House) -> None:
    async with house.http.get(f"{house.url}/readyz") as response:
        assert response.status == 200
    house.health.append(Health("store", ok=False, said="http://influx:8086 refuses the token"))
    async with house.http.get(f"{house.url}/readyz") as response:
        assert response.status == 503
        assert await response.json() == {
            "ready": False,
            "parts": [
                {"part": "state database", "ok": True, "said": ""},
                {"part": "store", "ok": False, "said": "http://influx:8086 refuses the token"},
            ],
        }


async def test_what_is_somebody_elses_is_told_and_leaves_it_ready(house: House) -> None:
    house.health.append(Health("tickets", ok=False, said="the desk is away", needed=False))
    async with house.http.get(f"{house.url}/readyz") as response:
        found = await response.json()
    assert (response.status, found["ready"]) == (200, True)
    assert found["parts"][-1] == {"part": "tickets", "ok": False, "said": "the desk is away"}


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        (HttpSettings(listen="0.0.0.0", port=0), {}),
        (HttpSettings(port=0), {"X-Forwarded-For": "192.0.2.7"}),
        (HttpSettings(port=0, base_url="https://noc.example.org"), {"Host": "noc.example.org"}),
    ],
)
async def test_strangers_learn_which_part_but_not_why(
    tmp_path: Path, settings: HttpSettings, headers: dict[str, str]
) -> None:
    house = await build(tmp_path, settings)
    house.health.append(Health("store", ok=False, said="insides"))
    url = f"http://127.0.0.1:{house.server.port}"
    async with house.http.get(f"{url}/readyz", headers=headers) as response:
        assert response.status == 503
        assert "insides" not in await response.text()
    async with house.http.get(f"{url}/metrics", headers=headers) as response:
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    for path in ("/readyz", "/metrics"):
        async with house.http.get(url + path, headers={**headers, **house.bearer}) as response:
            assert ("insides" in await response.text()) == (path == "/readyz")
    await house.stack.aclose()


async def test_figures_are_read_when_they_are_asked_for(house: House) -> None:
    waiting = [3.0]
    house.telemetry.gauge("queue_depth", "Things that wait.", lambda: waiting[0])
    for depth in (3.0, 5.0):
        waiting[0] = depth
        async with house.http.get(f"{house.url}/metrics") as response:
            families = {family.name: family for family in text_string_to_metric_families(await response.text())}
        assert families["noc_queue_depth"].samples[0].value == depth
    assert {"process_resident_memory_bytes", "python_info"} <= families.keys()
