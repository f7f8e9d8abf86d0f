"""The whole daemon on a full disk: it says what isn't well, loses nothing, and goes on when there is room."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.live.house import House, noc
from tests.live.mailserver import MailServer
from tests.live.test_story import ALERTS, incidents, until, values
from tests.surroundings import leave_out

pytestmark = pytest.mark.live


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def house(tmp_path: Path, mail: MailServer) -> Iterator[House]:
    if os.geteuid() != 0:
        leave_out("a full disk", "only root can mount one")
    state = tmp_path / "state"
    state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(state)], check=True)
    house = House(tmp_path, ALERTS.format(port=mail.port))
    yield house
    house.close()
    subprocess.run(["umount", str(state)], check=True)


def wrong(house: House) -> set[str]:
    """Return the parts that are not well."""
    url, _ = house.login()
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        told = json.loads(answer.read())
        found = {part["part"] for part in told["parts"] if not part["ok"]}
        assert answer.status == (200 if told["ready"] else 503)
        assert not told["ready"] or found <= {"store"}  # samples may wait safely for it
        return found


async def test_nothing_is_lost_on_a_full_disk(house: House, mail: MailServer) -> None:
    await asyncio.to_thread(house.agent_on)
    await asyncio.to_thread(house.start)
    await until(lambda: house.ask("/devices/agent")["status"] == "up" and values(house) > 1)
    ballast = house.folder / "state" / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(8 * 1024 * 1024))
    await until(lambda: "store" in wrong(house))
    house.agent_off()
    await until(lambda: wrong(house) >= {"ledger", "store"})
    assert await asyncio.to_thread(house.ask, "/devices/agent")  # pages and API go on
    assert mail.mails == []
    ballast.unlink()
    await until(lambda: mail.told() == [("page", "achieng@example.org")])
    await until(lambda: not wrong(house))
    assert await asyncio.to_thread(incidents, house) == [("device/agent", "new")]
    # Room goes again, and an answer of a person isn't taken for granted: it is refused.
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(8 * 1024 * 1024))
    await until(lambda: refused(house))
    ballast.unlink()
    await until(lambda: not wrong(house))
    await asyncio.to_thread(house.ask, "/incidents/1/acknowledge", {"note": "on it"})
    await asyncio.to_thread(house.agent_on)
    await until(lambda: ("resolved", "achieng@example.org") in mail.told())
    assert await asyncio.to_thread(house.stop, signal.SIGTERM) == 0
    assert await asyncio.to_thread(house.verdicts) == ["up", "down", "up"]
    assert (await asyncio.to_thread(noc, house, "ledger", "verify")).returncode == 0
    text = house.log.read_text()
    assert "Traceback" not in text
    assert 1 <= text.count("the ledger can't be written") == text.count("the ledger is written again") <= 2
    # Spool and store share the disk: which of them finds it full first is chance.
    pairs = (("the store takes no", "the store takes samples again"), ("spool: can't be written", "spool: is written"))
    fell, rose = ([text.count(words[n]) for words in pairs] for n in (0, 1))
    assert fell == rose
    assert 1 <= sum(fell) <= 4


def refused(house: House) -> bool:
    """Return whether a person's word is refused because it can't be kept."""
    url, token = house.login()
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/incidents/1/notes", json.dumps({"note": "x" * 3000}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 503
