"""Text of commands to rows, in a process of its own with a deadline (`noc/wire/clitemplates.py`).

A thread would not do: while one regular expression runs, all of Python waits, and text can be made such that it runs
for years. The process is started at the first text, and ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.model.command import Platform
from noc.model.errors import NocError
from noc.model.reading import CliRow
from noc.processes import ended

log = logging.getLogger(__name__)

DEADLINE_S: Final = 10.0
"""For one text; 1 MiB of an interface list takes a third of a second (docs/performance.md)."""

TEXT_AT_MOST: Final = 1024 * 1024
ANSWER_AT_MOST: Final = 64 * 1024 * 1024

_FAMILIES: Final[dict[Platform, str]] = {
    "cisco-ios": "cisco_ios",
    "cisco-iosxe": "cisco_ios",
    "cisco-iosxr": "cisco_xr",
    "cisco-nxos": "cisco_nxos",
    "cisco-asa": "cisco_asa",
    "arista-eos": "arista_eos",
    "juniper-junos": "juniper_junos",
    "hp-comware": "hp_comware",
    "huawei-vrp": "huawei_vrp",
    "fortinet": "fortinet",
    "mikrotik": "mikrotik_routeros",
    "paloalto-panos": "paloalto_panos",
    "checkpoint-gaia": "checkpoint_gaia",
    "aruba-aoscx": "aruba_aoscx",
    "linux": "linux",
    "frr": "frr",
}
"""What ntc-templates calls each platform."""


class CliParseError(NocError):
    """A text can't be read as rows. The reason is a sentence for an operator."""


@dataclass(slots=True)
class ParserTally:
    """Texts: given = read + refused. restarts: of the process, after it was ended or died."""

    given: int = 0
    read: int = 0
    refused: int = 0
    restarts: int = 0


class CliParser:
    """A service. templates: folders of templates of noc's own, which count before those of ntc-templates."""

    def __init__(self, templates: Sequence[Path] = (), deadline_s: float = DEADLINE_S) -> None:
        self._templates = tuple(templates)
        self._deadline_s = deadline_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._stopped = False
        self.tally = ParserTally()

    async def start(self) -> None:
        """Be ready; the process comes with the first text."""
        self._stopped = False

    async def stop(self) -> None:
        """End the process."""
        self._stopped = True
        await self._end()

    async def rows(
        self, platform: Platform, command: str, text: str, template: str | None = None, family: str | None = None
    ) -> tuple[CliRow, ...]:
        """Return the rows that the output of a command holds, column names in small letters.

        template: its name, where it isn't the one of the command. family: what ntc-templates calls the platform, where
        it isn't one of PLATFORMS. Raises CliParseError.
        """
        self.tally.given += 1
        try:
            _fits(text)
            async with self._turn:
                found = await self._asked([family or _FAMILIES.get(platform, platform), command, template, text])
        except CliParseError:
            self.tally.refused += 1
            raise
        self.tally.read += 1
        return found

    async def _asked(self, question: list[str | None]) -> tuple[CliRow, ...]:
        try:
            async with asyncio.timeout(self._deadline_s):
                rows, reason = json.loads(await self._exchange(json.dumps(question).encode()))
        except TimeoutError as error:
            await self._end()
            raise CliParseError(f"reading it took more than {self._deadline_s:g} s and was broken off") from error
        except (OSError, EOFError) as error:
            await self._end()
            raise CliParseError("the parser of command output has died; it is started again") from error
        except asyncio.CancelledError:
            await self._end()  # its answer would be taken for the next one's
            raise
        if reason is not None:
            raise CliParseError(str(reason))
        return tuple({name: _cell(value) for name, value in row.items()} for row in rows)

    async def _exchange(self, question: bytes) -> bytes:
        process = self._process or await self._spawn()
        if process.stdin is None or process.stdout is None:
            raise CliParseError("the parser of command output has no pipes")
        process.stdin.write(len(question).to_bytes(4) + question)
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(4))
        if length > ANSWER_AT_MOST:
            raise EOFError
        return await process.stdout.readexactly(length)

    async def _spawn(self) -> asyncio.subprocess.Process:
        if self._stopped:
            raise CliParseError("the parser of command output was stopped")
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "noc.wire.clitemplates", *map(str, self._templates), stdin=pipe, stdout=pipe
        )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self.tally.restarts += not self._stopped
        await ended(process)


def _fits(text: str) -> None:
    if len(text) > TEXT_AT_MOST:
        raise CliParseError(f"{len(text)} characters are more than noc reads")


def _cell(value: object) -> str | tuple[str, ...]:
    """Return a cell: text, or the texts of a list; of a list's own columns the parts, joined."""
    if isinstance(value, list):
        return tuple(" ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in value)
    return str(value)
