"""Text of commands becomes rows in a process of its own, in bounded time; recorded texts give the rows expected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from noc.wire.cliparser import _FAMILIES, TEXT_AT_MOST, CliParseError, CliParser
from tests.live.cli_recordings import CliRecording, cli_recordings

pytestmark = pytest.mark.live

NTP = """\
Value SERVER (\\S+)
Value List WORD (\\w+)

Start
  ^server\\s+${SERVER}
  ^word\\s+${WORD}
  ^\\s*$$
  ^. -> Error
"""
ENDLESS = "Value X ((a+)+b)\n\nStart\n  ^${X} -> Record\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "cisco_ios_show_ntp_peers.textfsm").write_text(NTP)
    (tmp_path / "endless.textfsm").write_text(ENDLESS)
    (tmp_path / "broken.textfsm").write_text("Value X\n")
    return tmp_path


@pytest.fixture
async def parsers() -> AsyncIterator[Callable[..., CliParser]]:
    made: list[CliParser] = []

    def make(*folders: Path, deadline_s: float = 20.0) -> CliParser:
        made.append(CliParser(folders, deadline_s))
        return made[-1]

    yield make
    for parser in made:
        await parser.stop()


async def test_a_text_becomes_rows_by_the_template_of_its_command(parsers: Callable[..., CliParser], own: Path) -> None:
    parser = parsers(own)
    text = "server 192.0.2.1\nword a\nword b\n"
    assert await parser.rows("cisco-iosxe", "show ntp peers", text) == ({"server": "192.0.2.1", "word": ("a", "b")},)
    assert await parser.rows("cisco-ios", "show x", text, "cisco_ios_show_ntp_peers") != ()
    assert (parser.tally.given, parser.tally.read, parser.tally.restarts) == (2, 2, 0)


@pytest.mark.parametrize(
    ("command", "template", "text", "reason"),
    [
        ("show ntp peers", None, "what is this", "the text doesn't look as it should"),
        ("show what nobody reads", None, "", "there is no template for `show what nobody reads` on cisco_ios"),
        ("show x", "missing", "", "there is no template 'missing'"),
        ("show x", "broken", "", "not a TextFSM template"),
        ("show x", "endless", "x" * (TEXT_AT_MOST + 1), "more than noc reads"),
    ],
)
async def test_what_cannot_be_read_says_why(
    parsers: Callable[..., CliParser], own: Path, command: str, template: str | None, text: str, reason: str
) -> None:
    parser = parsers(own)
    with pytest.raises(CliParseError, match=reason):
        await parser.rows("cisco-ios", command, text, template)
    assert (parser.tally.given, parser.tally.refused) == (1, 1)


async def test_a_text_that_would_take_for_ever_is_broken_off_and_the_next_is_read(
    parsers: Callable[..., CliParser], own: Path
) -> None:
    parser = parsers(own, deadline_s=3.0)
    assert await parser.rows("cisco-ios", "show ntp peers", "server a") != ()
    with pytest.raises(CliParseError, match="took more than 3 s and was broken off"):
        await parser.rows("cisco-ios", "show x", "a" * 60, "endless")
    assert await parser.rows("cisco-ios", "show ntp peers", "server a") != ()
    assert parser.tally.restarts == 1


async def test_who_stops_waiting_leaves_no_answer_behind(parsers: Callable[..., CliParser], own: Path) -> None:
    parser = parsers(own)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await parser.rows("cisco-ios", "show x", "a" * 60, "endless")
    assert await parser.rows("cisco-ios", "show ntp peers", "server a") == ({"server": "a", "word": ()},)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[CliParser]:
    parser = CliParser()
    yield parser
    await parser.stop()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("recording", cli_recordings(), ids=str)
async def test_recorded_text_gives_the_rows_expected(reader: CliParser, recording: CliRecording) -> None:
    rows = await reader.rows(recording.platform, recording.command, recording.text)
    found: list[dict[str, Any]] = [
        {name: list(cell) if isinstance(cell, tuple) else cell for name, cell in row.items()} for row in rows
    ]
    assert found == recording.expected
    assert found


def test_the_recordings_are_of_platforms_that_noc_knows() -> None:
    assert {recording.platform for recording in cli_recordings()} <= set(_FAMILIES)
