"""A centre whose broker is away says which groups nobody sees by that, how much that is, and since when."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.live.house import House
from tests.live.mailserver import MailServer
from tests.live.mosquitto import broker
from tests.live.standin_poller import standing_in, until
from tests.live.test_tales import house_at

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

SAID = re.compile(
    r"no poller is heard: mqtt://127\.0\.0\.1:\d+: .+; not seen: group east, 1 device at 1 site, since 20\d\d-[-\d]+T"
)


async def test_it_says_what_nobody_sees_while_the_broker_is_away(tmp_path: Path) -> None:
    mails = MailServer()
    await mails.start()
    house: House | None = None
    try:
        async with broker(tmp_path) as port:
            house = house_at(tmp_path, port, mails.port, autonomy="false")
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller:
                await until(lambda: poller.plans, "a plan")
                await poller.here()
                await until(lambda: "no poller is heard" not in ready(house), "the poller to be heard")
        await until(lambda: SAID.search(ready(house)), "what nobody sees")
    finally:
        if house is not None:
            house.close()
        await mails.stop()


def ready(house: House) -> str:
    return house.content("/readyz").decode()
