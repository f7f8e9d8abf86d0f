"""The ledger: pages in the order of the chain, and hashes that anybody can work out."""

from __future__ import annotations

import hashlib
import json
from itertools import product

import pytest

from noc.state.ledger import FIRST_HASH
from tests.unit.noc.api.answers import refused, whole
from tests.unit.noc.http.house import House, transition


@pytest.fixture
async def written(house: House) -> House:
    entities = ["device/nbo-rtr-1", "device/وصل", "device/nbo-rtr-1", "device/bds-rtr-1"]
    await house.write(*(transition(entity, 40 - 10 * number) for number, entity in enumerate(entities)))
    return house


async def test_anybody_can_work_out_the_chain(written: House) -> None:
    before = FIRST_HASH
    for item in await whole(written, "/ledger", 2):
        body = json.dumps(item["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(before + body.encode()).digest()
        assert item["hash"] == before.hex()
        assert item["seq"] == item["record"]["seq"]


QUERIES = [
    ("", [1, 2, 3, 4]),
    ("entity=device/nbo-rtr-1", [1, 3]),
    ("entity=device/%D9%88%D8%B5%D9%84", [2]),
    ("entity=device/nbo-ups-1", []),
    ("from=2026-03-01T11:30:00Z", [2, 3, 4]),
    ("from=2026-03-01T14:30:00%2B03:00", [2, 3, 4]),
    ("from=2026-03-01T14:30:00+03:00", [2, 3, 4]),
    ("from=now-30m&to=now-10m", [2, 3]),
    ("to=2026-03-01T11:30:00Z", [1]),
]


async def test_records_by_entity_and_time(written: House) -> None:
    for (query, expected), limit in product(QUERIES, (1, 100)):
        assert [item["seq"] for item in await whole(written, f"/ledger?{query}", limit)] == expected, query


TIMES = ("", "x", "2026-03-01", "2026-03-01T00:00:00", "now-", "now-5", "now-9999d", "now-0.5h", "1772323200000")


async def test_bad_times_are_refused(house: House) -> None:
    for time in TIMES:
        assert "now" in await refused(house, f"/ledger?from={time}", "/query/from"), time
