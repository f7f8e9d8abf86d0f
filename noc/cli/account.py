"""`noc account`: people who may log in, on the state database, whether the daemon runs or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from noc.access.people import People, folded
from noc.access.scripts import Scripts
from noc.cli._access import acting, base_url, on_access, regions_of, role_of
from noc.cli._config import Config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, time_text
from noc.cli._table import Column, print_rows
from noc.http.entry import welcome_path
from noc.model.account import Account
from noc.state import accounts
from noc.state.database import Database

app = typer.Typer(
    no_args_is_help=True, help="Let people in, and shut them out: accounts, roles, invitations.", rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="With which they log in.", show_default=False)]
Regions = Annotated[
    list[str] | None, typer.Option("--region", help="Which they may see; again for more. Default: all.")
]


@app.command("list")
def list_accounts(config: Config = None, as_json: Json = False) -> None:
    """List accounts.

    `--json`: a list of {name, person, role, regions, email, password, second_factor, created, created_by, last_seen,
    disabled}; regions: null for all.

    Exit codes: 0 listed · 2 there is no state yet.
    """

    async def found(_: People, __: Scripts, database: Database) -> tuple[Account, ...]:
        async with database.read() as connection:
            return await accounts.everyone(connection)

    rows = on_access(config, "account", found)
    if as_json:
        print_json([_document(one) for one in rows])
        return
    if not rows:
        complain("there is no account: noc account add NAME --role admin")
        return
    head = (Column("name"), Column("person", shrinks_to=12), Column("role"), Column("regions", shrinks_to=12))
    columns = (*head, Column("second factor"), Column("last seen", drops=2), Column("state"))
    print_rows(columns, [[Text(printable(text)) for text in _row(one)] for one in rows])


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="viewer, operator, engineer, manager or admin.")] = "viewer",
    person: Annotated[str, typer.Option("--person", help="As timelines call them. Default: NAME.")] = "",
    email: Annotated[str, typer.Option("--email", help="Where to reach them.")] = "",
    region: Regions = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make an account, and print a link with which its person chooses a password. It works once, for a day.

    `--json`: {name, role, invitation}.

    Exit codes: 0 made · 2 it can't be: the name is another's, or a region isn't there.
    """
    regions = regions_of(config, region or [])
    wanted, by = role_of(role), acting()

    async def do(people: People, _: Scripts, __: Database) -> tuple[Account, str]:
        made = await people.add(name, person or name, wanted, regions, email, by)
        return made, await people.invite(made.id, by)

    made, secret = on_access(config, "account", do)
    _tell_invitation(config, made, secret, as_json=as_json)


@app.command()
def invite(name: Name, config: Config = None, as_json: Json = False) -> None:
    """Print another link with which somebody chooses a password; links before it end.

    `--json`: {name, role, invitation}.

    Exit codes: 0 made · 2 there is no such account.
    """

    async def do(people: People, _: Scripts, database: Database) -> tuple[Account, str]:
        known = await _known(database, name)
        return known, await people.invite(known.id, acting())

    known, secret = on_access(config, "account", do)
    _tell_invitation(config, known, secret, as_json=as_json)


@app.command()
def change(
    name: Name,
    role: Annotated[str | None, typer.Option("--role", help="Another role.", show_default=False)] = None,
    person: Annotated[str | None, typer.Option("--person", help="Another name.", show_default=False)] = None,
    email: Annotated[str | None, typer.Option("--email", help="Another address.", show_default=False)] = None,
    region: Regions = None,
    all_regions: Annotated[bool, typer.Option("--all-regions", help="They may see all regions.")] = False,
    config: Config = None,
) -> None:
    """Change what somebody is, and which regions they may see. It holds within seconds, for who is logged in too.

    Exit codes: 0 done · 2 there is no such account, or it is the last admin.
    """
    regions, wanted = regions_of(config, region or []), None if role is None else role_of(role)

    async def do(people: People, _: Scripts, database: Database) -> None:
        number = (await _known(database, name)).id
        if wanted is not None or person is not None or email is not None:
            await people.change(number, acting(), role=wanted, person=person, email=email)
        if regions is not None or all_regions:
            await people.limit(number, None if all_regions else regions, acting())

    on_access(config, "account", do)
    complain(f"{folded(name)}: changed")


@app.command()
def disable(name: Name, config: Config = None) -> None:
    """Shut somebody out: all their sessions end within seconds.

    Exit codes: 0 done · 2 there is no such account, or it is the last admin.
    """
    _do(config, name, lambda people, number: people.disable(number, acting(), disabled=True))
    complain(f"{folded(name)} is shut out")


@app.command()
def enable(name: Name, config: Config = None) -> None:
    """Let somebody in again.

    Exit codes: 0 done · 2 there is no such account.
    """
    _do(config, name, lambda people, number: people.disable(number, acting(), disabled=False))
    complain(f"{folded(name)} may log in again")


@app.command()
def reset(name: Name, config: Config = None, as_json: Json = False) -> None:
    """Take away password, one-time codes and passkeys, for one who lost a phone, and print a new link.

    `--json`: {name, role, invitation}.

    Exit codes: 0 done · 2 there is no such account.
    """
    _do(config, name, lambda people, number: people.reset(number, acting()))
    invite(name, config, as_json)


def _do(config: Path | None, name: str, act: Callable[[People, int], Awaitable[None]]) -> None:
    async def do(people: People, _: Scripts, database: Database) -> None:
        await act(people, (await _known(database, name)).id)

    on_access(config, "account", do)


async def _known(database: Database, name: str) -> Account:
    async with database.read() as connection:
        found = await accounts.by_name(connection, folded(name))
    if found is None:
        raise LookupError(f"there is no account '{folded(name)}'; noc account list")
    return found


def _tell_invitation(config: Path | None, one: Account, secret: str, *, as_json: bool) -> None:
    link = f"{base_url(config)}{welcome_path(secret)}"
    if as_json:
        print_json({"name": one.name, "role": one.role, "invitation": link})
        return
    complain(f"{one.name} ({one.role}) chooses a password here, once:")
    typer.echo(link)


def _row(one: Account) -> tuple[str, ...]:
    regions = "all" if one.regions is None else ", ".join(sorted(one.regions))
    second = "provider" if one.subject else ", ".join(_factors(one)) or "none"
    seen = "never" if one.seen_ms is None else time_text(one.seen_ms)[:16].replace("T", " ")
    state = "shut out" if one.disabled_ms else "" if one.has_password or one.subject or one.passkeys else "invited"
    return (one.name, one.person, one.role, regions, second, seen, state)


def _factors(one: Account) -> list[str]:
    return [*(["codes"] if one.has_totp else []), *([f"{one.passkeys} passkeys"] if one.passkeys else [])]


def _document(one: Account) -> dict[str, object]:
    return {
        "name": one.name,
        "person": one.person,
        "role": one.role,
        "regions": None if one.regions is None else sorted(one.regions),
        "email": one.email or None,
        "password": one.has_password,
        "second_factor": one.has_second_factor,
        "created": time_text(one.created_ms),
        "created_by": one.created_by,
        "last_seen": None if one.seen_ms is None else time_text(one.seen_ms),
        "disabled": None if one.disabled_ms is None else time_text(one.disabled_ms),
    }
