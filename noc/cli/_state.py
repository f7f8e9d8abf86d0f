"""The state database for commands beside the daemon, which may run or not; and what these commands have in common."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from noc.app.statefile import state_file
from noc.cli._config import default_config
from noc.model.instants import from_ms
from noc.state.database import Database, Transaction

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

_Result = TypeVar("_Result")


def on_state(
    config: Path | None, what: str, do: Callable[[Transaction], Awaitable[_Result]], *, writes: bool = False
) -> _Result:
    """Do something in one transaction of the state database. what: is looked for there, in a word for messages.

    Raises UsageError where there is no such database or it can't be opened, StateError, and what `do` raises.
    """
    database = Database(state_file(config or default_config(), os.environ, what))

    async def run() -> _Result:
        await database.start()
        try:
            async with database.write() if writes else database.read() as connection:
                return await do(connection)
        finally:
            await database.stop()

    return asyncio.run(run())


def time_text(milliseconds: int) -> str:
    """Return a time in UTC with milliseconds, `2026-03-01T00:00:10.000Z`."""
    return from_ms(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
