"""`noc store`: look whether time series can be written and read back; make the databases for them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from noc.app.storebeside import store_settings
from noc.cli import _storemove
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json
from noc.clock import SystemClock
from noc.model.errors import ReachError, StoreError, UsageError
from noc.service import running
from noc.settings.secrets import Secret
from noc.store._looks import Checkable, Level, Look, Preparable
from noc.store._ports import Store

app = typer.Typer(
    no_args_is_help=True,
    help="Check the store of time series, make its databases, and move numbers out of it, into it, to another.",
    rich_markup_mode=None,
)
app.command("export")(_storemove.export_numbers)
app.command("import")(_storemove.import_numbers)
app.command()(_storemove.copy)

ADMIN_VARIABLE: Final = "NOC_STORE_ADMIN"
SOMETHING_WRONG: Final = 1
UNREACHABLE: Final = 3
_MARKS: Final[dict[Level, str]] = {
    "ok": "ok",
    "made": "made",
    "warning": "warning",
    "error": "ERROR",
    "unreachable": "ERROR",
}


@app.command()
def check(config: Config = None, as_json: Json = False) -> None:
    """Write a number to the store, read it back, and say what is wrong.

    Of a server: whether it is there and lets us in, its clock, each place that noc writes to, how long it keeps
    numbers, how many series it has.

    `--json`: a list of {what, level, said}; level is ok, warning, error or unreachable.

    Exit codes: 0 all right, warnings allowed · 1 something is wrong · 2 wrong use · 3 the server can't be reached.
    """
    looks = asyncio.run(_looked(config, lambda store: store.check() if isinstance(store, Checkable) else None))
    _told(looks, as_json)
    levels = {look.level for look in looks}
    if "unreachable" in levels:
        raise typer.Exit(UNREACHABLE)
    if "error" in levels:
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def init(
    config: Config = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="Make a token of 2.x for noc's buckets alone, and write it here.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the databases, retention policies, buckets and mappings that the settings speak of.

    What is there is left alone, and told where it differs. The log-in of the settings is used, or the one in the
    environment variable NOC_STORE_ADMIN: a token, of 1.x `user:password`.

    `--json`: a list of {what, level, said}; level is made, ok, warning or error.

    Exit codes: 0 all is there · 1 something is not as it should be · 2 wrong use · 3 the server can't be reached or
    refuses.
    """
    if token_file is not None and token_file.exists():
        raise UsageError(f"{token_file}: is there already; name another file, or move it away")
    text = os.environ.get(ADMIN_VARIABLE)
    admin = Secret(text) if text else None
    looks = asyncio.run(_prepared(config, admin, token_file))
    _told(looks, as_json)
    if any(look.level == "error" for look in looks):
        raise typer.Exit(SOMETHING_WRONG)


async def _prepared(config: Path | None, admin: Secret | None, token_file: Path | None) -> list[Look]:
    def prepare(store: Store) -> AsyncIterator[Look] | None:
        return _with_token(store, admin, token_file) if isinstance(store, Preparable) else None

    return await _looked(config, prepare)


async def _with_token(store: Preparable, admin: Secret | None, token_file: Path | None) -> AsyncIterator[Look]:
    async for look in store.prepare(admin):
        yield look
    if token_file is not None:
        token = await store.make_token(admin)
        await asyncio.to_thread(_write_secret, token_file, token)
        yield Look("token", "made", f"{token_file}: name it in the settings, token: !secret file:{token_file.name}")


async def _looked(config: Path | None, look: Callable[[Store], AsyncIterator[Look] | None]) -> list[Look]:
    found = store_settings(config or default_config(), os.environ)
    store = found.build(SystemClock())
    looks = look(store)
    if looks is None:
        return [Look("store", "ok", f"the store '{found.kind}' has no server: there is nothing to do")]
    async with running([store]):
        try:
            return [each async for each in looks]
        except StoreError as error:
            raise ReachError(str(error)) from error


def _write_secret(path: Path, token: Secret) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(token.reveal())


def _told(looks: list[Look], as_json: bool) -> None:
    if as_json:
        print_json([{"what": look.what, "level": look.level, "said": look.said} for look in looks])
        return
    for look in looks:
        complain(f"{_MARKS[look.level]:<8} {printable(look.what)}: {printable(look.said)}")
