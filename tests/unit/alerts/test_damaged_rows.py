"""A damaged row of the queue: set aside and counted, or read from the ledger; the others go on."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.unit.alerts.alerting import START_MS, House, changed, ruled

GOOD = {
    "rule": "cpu-high",
    "entity": "device/a",
    "status": "raised",
    "severity": "minor",
    "since_ms": START_MS,
    "decided_ms": START_MS,
    "poller": "p",
    "facts": {},
}


def damage(house: House, row: int, body: object) -> None:
    connection = sqlite3.connect(house.path)
    with connection:
        connection.execute("UPDATE handling SET body = ? WHERE id = ?", (body, row))
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{rubbish",
        b"\xff\xfe",
        "[1, 2]",
        "{}",
        json.dumps({**GOOD, "more": 1}),
        json.dumps({**GOOD, "status": "sideways"}),
        json.dumps({**GOOD, "severity": ["minor"]}),
        json.dumps({**GOOD, "since_ms": "yesterday"}),
        json.dumps({**GOOD, "facts": [1]}),
    ],
)
async def test_a_damaged_row_is_set_aside_and_the_others_go_on(
    house: House, body: object, caplog: pytest.LogCaptureFixture
) -> None:
    await house.put(ruled("raised"), ruled("raised", "device/b"))
    damage(house, 1, body)
    await house.engine.work()
    assert [one.entity for one in await house.incidents()] == ["device/b"]
    assert house.engine.set_aside == 1
    assert "row 1 of the table handling is damaged and set aside, of this change of device/a" in caplog.text
    assert await house.waiting() == 0
    caplog.clear()
    await house.restart()
    await house.handle(changed("down"))
    assert len(await house.incidents()) == 2
    assert house.engine.set_aside == 1
    assert caplog.text == ""


async def test_a_row_of_an_unknown_kind_is_damaged_too(house: House) -> None:
    await house.put(ruled("raised"))
    connection = sqlite3.connect(house.path)
    with connection:
        connection.execute("UPDATE handling SET kind = 'weather'")
    connection.close()
    await house.engine.work()
    assert (await house.incidents(), house.engine.set_aside) == ([], 1)


async def test_a_change_that_stands_in_the_ledger_is_read_there(house: House) -> None:
    await house.put(changed("down"), changed("down", entity="device/b"))
    damage(house, 1, "rubbish")
    await house.engine.work()
    assert [one.entity for one in await house.incidents()] == ["device/a", "device/b"]
    assert house.engine.set_aside == 0


async def test_a_change_that_is_damaged_in_the_ledger_as_well_is_set_aside(house: House) -> None:
    await house.put(changed("down"), changed("down", entity="device/b"))
    damage(house, 1, "rubbish")
    connection = sqlite3.connect(house.path)
    with connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE ledger SET body = '{}' WHERE seq = 1")
    connection.close()
    await house.engine.work()
    assert [one.entity for one in await house.incidents()] == ["device/b"]
    assert house.engine.set_aside == 1
