"""What commands about accounts, tokens and the audit have in common."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, get_args

from noc.access.people import Acting, People
from noc.access.scripts import Scripts
from noc.app.check import check
from noc.app.includes import read_merged
from noc.app.paths import near
from noc.app.settings import validated
from noc.app.statefile import state_file
from noc.cli._config import default_config
from noc.clock import SystemClock
from noc.http.settings import HttpSettings
from noc.model.account import ROLES, Role
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.state.database import Database

_Result = TypeVar("_Result")


def on_access(config: Path | None, what: str, do: Callable[[People, Scripts, Database], Awaitable[_Result]]) -> _Result:
    """Do something with accounts, on the state database, whether the daemon runs or not. what: as of `state_file`.

    Raises UsageError, also for what isn't there, ConflictError, StateError.
    """
    file, clock = state_file(config or default_config(), os.environ, what), SystemClock()
    database, accounts = Database(file), _http(config).accounts

    async def run() -> _Result:
        await database.start()
        try:
            return await do(People(database, clock, file.parent, accounts), Scripts(database, clock), database)
        finally:
            await database.stop()

    try:
        return asyncio.run(run())
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error


def _http(config: Path | None) -> HttpSettings:
    """Return what the settings say of the web server; what is wrong elsewhere in them keeps nobody from accounts."""
    merged, _, _ = read_merged(near(config or default_config()), os.environ)
    found = validated(merged).settings
    return found.http


def acting() -> Acting:
    """Return on whose word it is done: the user of this shell."""
    return Acting(getpass.getuser())


def role_of(word: str) -> Role:
    """Return a role. Raises UsageError."""
    for role in get_args(Role):
        if word == role:
            found: Role = role
            return found
    raise UsageError(f"--role: '{word}' is not one of {', '.join(ROLES)}{did_you_mean(word, ROLES)}")


def regions_of(config: Path | None, words: list[str]) -> frozenset[str] | None:
    """Return regions by their ids; None: all, where none is named. Raises UsageError where there is no such region."""
    if not words:
        return None
    inventory = check(config or default_config(), os.environ).inventory
    known = () if inventory is None else tuple(inventory.regions)
    for word in words:
        if word not in known:
            raise UsageError(f"--region: there is no region '{word}'{did_you_mean(word, known)}")
    return frozenset(words)


def base_url(config: Path | None) -> str:
    """Return how browsers reach noc, as far as the settings tell."""
    http = _http(config)
    return http.base_url or f"http://{http.listen}:{http.port}"
