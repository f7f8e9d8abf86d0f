"""The state database for commands beside the daemon, which may run or not; and what these commands have in common."""

from __future__ import annotations

import asyncio
import getpass
import os
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from noc.app.statefile import state_file
from noc.cli._config import default_config
from noc.clock import SystemClock
from noc.model.instants import from_ms, to_ms
from noc.state import auditlog
from noc.state.auditlog import Done
from noc.state.database import Database, Transaction

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

_Result = TypeVar("_Result")

COMMAND: Final = "command"
COMMAND_WORDS: Final = 2
ARGUMENTS_AT_MOST: Final = 500
"""Characters. No command that writes state takes a secret as an argument: others see these in the list of processes."""


def on_state(
    config: Path | None, what: str, do: Callable[[Transaction], Awaitable[_Result]], *, writes: bool = False
) -> _Result:
    """Do something in one transaction of the state database. what: is looked for there, in a word for messages.

    What writes is a record of the audit, in the same transaction: the command, with its arguments, and who called it.
    Raises UsageError where there is no such database or it can't be opened, StateError, and what `do` raises.
    """
    database = Database(state_file(config or default_config(), os.environ, what))

    async def run() -> _Result:
        await database.start()
        try:
            async with database.write() if writes else database.read() as connection:
                result = await do(connection)
                if writes:
                    await auditlog.append(connection, called(sys.argv[1:]))
                return result
        finally:
            await database.stop()

    return asyncio.run(run())


def called(arguments: Sequence[str]) -> Done:
    """Return what this process was called to do, and by whom, for the audit. arguments: behind `noc`."""
    words = list(takewhile(lambda word: not word.startswith("-"), arguments))[:COMMAND_WORDS]
    rest = shlex.join(arguments[len(words) :])[:ARGUMENTS_AT_MOST]
    detail = {"arguments": rest} if rest else {}
    now_ms = to_ms(SystemClock().now())
    return Done(now_ms, getpass.getuser(), "", COMMAND, " ".join(("noc", *words)), detail=detail)


async def noted(database: Database) -> None:
    """Write down that this process was called to do something, where that is more than one transaction."""
    async with database.write() as connection:
        await auditlog.append(connection, called(sys.argv[1:]))


def time_text(milliseconds: int) -> str:
    """Return a time in UTC with milliseconds, `2026-03-01T00:00:10.000Z`."""
    return from_ms(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
