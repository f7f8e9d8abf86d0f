"""`noc token`: tokens with which scripts use the API, on the state database, whether the daemon runs or not."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from noc.access.people import People
from noc.access.scripts import Scripts, Wanted
from noc.cli._access import acting, on_access, regions_of, role_of
from noc.cli._config import Config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, time_text
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.model.account import RIGHTS_OF_NOC, ApiToken, Right
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import length_ms, to_ms
from noc.settings.schema import parse_duration
from noc.state.database import Database

app = typer.Typer(
    no_args_is_help=True, help="Tokens with which scripts use the API: made, listed, revoked.", rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the token: what uses it.", show_default=False)]


@app.command("list")
def list_tokens(config: Config = None, as_json: Json = False) -> None:
    """List tokens, also those that are over. Their secrets are nowhere.

    `--json`: a list of {name, role, regions, rights, speaks_for, created, created_by, expires, last_used, revoked}.

    Exit codes: 0 listed · 2 there is no state yet.
    """

    async def found(_: People, scripts: Scripts, __: Database) -> tuple[ApiToken, ...]:
        return await scripts.everyone()

    rows = on_access(config, "token", found)
    if as_json:
        print_json([_document(one) for one in rows])
        return
    if not rows:
        complain("there is no token: noc token add NAME --role viewer")
        return
    head = (Column("name"), Column("role"), Column("rights", shrinks_to=12), Column("regions", shrinks_to=12))
    columns = (*head, Column("last used", drops=1), Column("ends"))
    print_rows(columns, [[Text(printable(text)) for text in _row(one)] for one in rows])


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="viewer, operator, engineer, manager or admin.")] = "viewer",
    right: Annotated[
        list[str] | None, typer.Option("--right", help="Only this one of the role's rights; again for more.")
    ] = None,
    region: Annotated[list[str] | None, typer.Option("--region", help="Only these regions; again for more.")] = None,
    lives: Annotated[
        str | None,
        typer.Option("--lives", help="How long it is good: 90d; never: it doesn't end. Default 365d; of a wall never."),
    ] = None,
    speaks_for: Annotated[
        bool, typer.Option("--speaks-for", help="Requests with it may say who did it, as a chat bot's do.")
    ] = False,
    wall: Annotated[
        bool, typer.Option("--wall", help="The key of a wall, a screen that shows /wall: it may see, and doesn't end.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it, once: nobody can read it again.

    A wall is opened at `/wall?key=TOKEN`. `--json`: {name, role, token}.

    Exit codes: 0 made · 2 it can't be: the name is taken, or the role hasn't that right.
    """
    if wall and (right or speaks_for or role != "viewer"):
        raise UsageError("--wall may see and nothing else: leave --role, --right and --speaks-for out")
    rights = None if not (right or wall) else frozenset(_right(word) for word in right or ["see"])
    lives_ms = _lives_ms(lives or ("never" if wall else "365d"))
    wanted = Wanted(name, role_of(role), regions_of(config, region or []), rights, speaks_for, lives_ms)

    async def do(_: People, scripts: Scripts, __: Database) -> str:
        return (await scripts.add(wanted, acting()))[1]

    secret = on_access(config, "token", do)
    if as_json:
        print_json({"name": name, "role": role, "token": secret})
        return
    what_for = "; open /wall?key=… with it" if wall else ""
    complain(f"{name} ({role}){what_for}; keep it where nobody else reads it:")
    typer.echo(secret)


@app.command()
def revoke(name: Name, config: Config = None) -> None:
    """End a token. It holds within seconds.

    Exit codes: 0 done · 2 there is no such token, or it is over.
    """

    async def do(_: People, scripts: Scripts, __: Database) -> None:
        await scripts.revoke(name, acting())

    on_access(config, "token", do)
    complain(f"{name} is revoked")


def _right(word: str) -> Right:
    for right in RIGHTS_OF_NOC:
        if word == right:
            return right
    raise UsageError(f"--right: '{word}' is not one of {', '.join(RIGHTS_OF_NOC)}{did_you_mean(word, RIGHTS_OF_NOC)}")


def _lives_ms(text: str) -> int | None:
    if text == "never":
        return None
    try:
        return length_ms(parse_duration(text))
    except ValueError as error:
        raise UsageError(f"--lives: {error}") from error


def _row(one: ApiToken) -> tuple[str, ...]:
    rights = "all of it" if one.rights is None else ", ".join(sorted(one.rights))
    regions = "all" if one.regions is None else ", ".join(sorted(one.regions))
    used = "never" if one.seen_ms is None else time_text(one.seen_ms)[:16].replace("T", " ")
    return (one.name, one.role, rights, regions, used, _ends(one))


def _ends(one: ApiToken) -> str:
    if one.revoked_ms is not None:
        return "revoked"
    if one.expires_ms is None:
        return "never"
    day = time_text(one.expires_ms)[:10]
    return f"ended {day}" if one.expires_ms <= to_ms(SystemClock().now()) else day


def _document(one: ApiToken) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role,
        "regions": None if one.regions is None else sorted(one.regions),
        "rights": None if one.rights is None else sorted(one.rights),
        "speaks_for": one.speaks_for,
        "created": time_text(one.created_ms),
        "created_by": one.created_by,
        "expires": None if one.expires_ms is None else time_text(one.expires_ms),
        "last_used": None if one.seen_ms is None else time_text(one.seen_ms),
        "revoked": None if one.revoked_ms is None else time_text(one.revoked_ms),
    }
