"""Who takes over is told that a hand-over waits: once, in their language, and not in their quiet hours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.handoverpost import HandoverPost
from alerts.notifiers._ports import Letter, Message, NotifyError
from alerts.policies import AlertSettings
from alerts.shorttext import fits
from noc.clock import ManualClock
from noc.model.instants import to_ms
from noc.model.oncall import Handover
from noc.state import handovers
from noc.state.database import Database
from tests.database import empty_database

NOW = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
AT_MS = to_ms(datetime(2026, 3, 3, 8, 0, tzinfo=UTC))
PEOPLE = {
    "achieng": {"name": "Achieng", "email": "achieng@example.org"},
    "berta": {"email": "berta@example.org", "language": "fr", "time_zone": "Africa/Nairobi"},
    "chen": {"email": "chen@example.org", "quiet_hours": {"from": "22:00", "to": "06:00"}},
    "dora": {},
    "eve": {"name": "Eve", "addresses": {"sms": "+254207621234"}},
    "fay": {"email": "fay@example.org", "addresses": {"sms": "+254207621235"}, "channels": ["sms", "email"]},
}


class Post:
    """A notifier that carries letters; `error` is what it says to the next one."""

    def __init__(self) -> None:
        self.got: list[Letter] = []
        self.error: NotifyError | None = None

    async def send(self, message: Message) -> None:
        raise AssertionError(message)

    async def post(self, letter: Letter) -> None:
        if self.error is not None:
            raise self.error
        self.got.append(letter)


class ShortPost:
    """A notifier that carries no letters, and says in short that there is one."""

    def __init__(self) -> None:
        self.got: list[Letter] = []

    async def send(self, message: Message) -> None:
        raise AssertionError(message)

    async def announce(self, letter: Letter) -> None:
        self.got.append(letter)


class Desk:
    """A database, a clock and a post."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.box, self.phone = database, ManualClock(NOW), Post(), ShortPost()
        sms = {"url": "https://sms.example.org/", "form": {"to": "{{ to }}", "text": "{{ text }}"}}
        written = {"people": PEOPLE, "notifiers": {"email": {}, "sms": sms}, "base_url": "https://noc.example.org"}
        self.settings = AlertSettings.model_validate_json(json.dumps(written))
        self.post = self.anew()

    def anew(self) -> HandoverPost:
        return HandoverPost(
            self.database, self.clock, lambda: self.settings, lambda: {"email": self.box, "sms": self.phone}
        )

    async def write(self, incoming: str, text: str = "juba sags in rain") -> Handover:
        one = Handover(0, "day", AT_MS, "achieng", incoming, text, {7: "achieng", 8: ""}, to_ms(NOW), "achieng")
        async with self.database.write() as connection:
            return await handovers.write(connection, one)

    async def later(self, minutes: float) -> list[str]:
        """Let time pass and the post work; return to whom there was a letter by now."""
        self.clock.stall(minutes * 60)
        await self.post.work()
        return [letter.to.partition("@")[0] for letter in self.box.got]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield Desk(database)
    await database.stop()


async def test_the_incoming_are_told_once_in_their_language_also_over_a_restart(desk: Desk) -> None:
    made = await desk.write("berta", "juba sags\x1b[2J in rain\nticket 4711")
    assert await desk.later(0) == ["berta"]
    desk.post = desk.anew()
    assert await desk.later(60) == ["berta"]
    (letter,) = desk.box.got
    assert (letter.key, letter.language) == (f"handover-{made.id}", "fr")
    assert letter.subject.startswith("Achieng transmet day à berta le mar. 3 mars 2026, 08:00 UTC")
    assert "11:00 EAT" in letter.subject
    for part in (
        "juba sags\\x1b[2J in rain\nticket 4711\n",
        "#7  Achieng\n#8  –\n",
        "noc handover accept 1 --by berta",
    ):
        assert part in letter.text
    assert letter.text.endswith("https://noc.example.org/oncall\n")


async def test_what_is_accepted_or_long_ago_is_told_to_nobody(desk: Desk) -> None:
    made = await desk.write("berta")
    async with desk.database.write() as connection:
        await handovers.accept(connection, made, "berta", to_ms(NOW))
    assert await desk.later(0) == []
    await desk.write("berta")
    assert await desk.later(28 * 60) == []


async def test_who_is_not_to_be_disturbed_is_told_when_that_is_over(desk: Desk) -> None:
    await desk.write("chen")
    assert await desk.later(59) == []
    assert await desk.later(1) == ["chen"]


async def test_a_post_that_is_away_is_tried_again_and_one_that_refuses_is_not(desk: Desk) -> None:
    await desk.write("berta")
    desk.box.error = NotifyError("no connection")
    assert await desk.later(0) == []
    desk.box.error = None
    assert await desk.later(0.4) == []
    assert await desk.later(0.1) == ["berta"]
    await desk.write("achieng")
    desk.box.error = NotifyError("no such mailbox", permanent=True)
    await desk.post.work()
    desk.box.error = None
    assert await desk.later(60) == ["berta"]


async def test_who_has_no_mail_is_told_nothing_and_the_log_says_so(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.write("dora")
    await desk.later(0)
    await desk.later(60)
    assert [record.message for record in caplog.records] == [
        "hand-over 1: dora has no notifier that could tell of it, and isn't told"
    ]


async def test_who_has_no_mail_but_a_telephone_is_told_in_one_sms(desk: Desk) -> None:
    await desk.write("eve", "a long story " * 100)
    assert await desk.later(0) == []
    (letter,) = desk.phone.got
    assert (letter.key, letter.to, letter.url) == ("handover-1", "+254207621234", "https://noc.example.org/oncall")
    assert letter.short.endswith("Accept number 1: https://noc.example.org/oncall")
    assert fits(letter.short)


async def test_a_letter_goes_before_a_short_text_and_that_where_mail_is_refused(desk: Desk) -> None:
    await desk.write("fay")
    assert await desk.later(0) == ["fay"]
    assert desk.phone.got == []
    desk.box.error = NotifyError("no such mailbox", permanent=True)
    await desk.write("fay")
    await desk.later(0)
    assert [letter.key for letter in desk.phone.got] == ["handover-2"]
    await desk.later(60)
    assert len(desk.phone.got) == 1
