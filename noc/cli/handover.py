"""`noc handover`: the outgoing write what is going on, the incoming accept it and are responsible."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from alerts import oncalldesk as desk
from alerts.oncalldocuments import handover_document
from alerts.oncalltargets import Directory
from noc.app.oncall import roster_of
from noc.cli import _oncall as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json, on_state, time_text
from noc.clock import SystemClock
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.model.oncall import Handover
from noc.state import handovers
from noc.state.database import Transaction

app = typer.Typer(
    no_args_is_help=True, help="Hand over from one shift to the next: write, accept, list.", rich_markup_mode=None
)

By = Annotated[
    str | None,
    typer.Option("--by", help="Who, by the key in `people`. Default: the user of this shell.", show_default=False),
]
Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The hand-over.", show_default=False)]


@app.command("write")
def write_handover(
    schedule: Annotated[str, typer.Argument(help="The schedule, by its key.", show_default=False)],
    text: Annotated[str, typer.Argument(help="What the next should know.", show_default=False)],
    by: By = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Write a hand-over for the nearest hand-off of a schedule; all open incidents are listed in it with their owners.

    `--json`: {id, schedule, at, outgoing, incoming, text, incidents: [{id, owner}], written, written_by, accepted,
    accepted_by}.

    Exit codes: 0 written · 2 there is no such schedule, or you hand over nothing.
    """
    if not text.strip():
        raise UsageError("the hand-over is empty; write what is going on, or that it is quiet")
    directory, now_ms = _directory(config), _now_ms()

    async def write(connection: Transaction) -> Handover:
        return await desk.write_handover(connection, directory, schedule, _who(by), text.strip(), now_ms)

    made = on_state(config, "hand-over", write, writes=True)
    if as_json:
        print_json(handover_document(made, time_text))
        return
    unowned = [number for number, owner in made.incidents.items() if not owner]
    complain(f"hand-over {made.id} from {made.outgoing} to {made.incoming}, at {time_text(made.at_ms)}")
    if unowned:
        complain(f"nobody owns incident {', '.join(map(str, unowned))}; take it, or say whose it is, before you go")


@app.command()
def accept(number: Number, by: By = None, config: Config = None) -> None:
    """Accept a hand-over: you are responsible, and own the open incidents that the outgoing owned.

    Exit codes: 0 done · 2 there is no such hand-over, it is for somebody else, or it is accepted already.
    """
    directory, now_ms = _directory(config), _now_ms()

    async def write(connection: Transaction) -> tuple[Handover, list[int]]:
        return await desk.accept_handover(connection, directory, number, _who(by), now_ms)

    try:
        found, owned = on_state(config, "hand-over", write, writes=True)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error
    complain(f"hand-over {number}: {found.incoming} is responsible for {found.schedule}")
    if owned:
        complain(f"incident {', '.join(map(str, owned))} went from {found.outgoing} to {found.incoming}")


@app.command("list")
def list_handovers(
    schedule: Annotated[str | None, typer.Option("--schedule", help="Only of this one.", show_default=False)] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest.")] = 20,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List hand-overs, the newest first.

    `--json`: a list of what `write` prints.
    """

    async def fetch(connection: Transaction) -> list[Handover]:
        return await handovers.page(connection, schedule=schedule, limit=last)

    found = on_state(config, "hand-over", fetch)
    if as_json:
        print_json([handover_document(one, time_text) for one in found])
    elif found:
        page.print_handovers(found)
    else:
        complain("there are no hand-overs")


@app.command()
def show(number: Number, config: Config = None, as_json: Json = False) -> None:
    """Show one hand-over.

    `--json`: as `write` prints it.

    Exit codes: 0 shown · 2 there is no such hand-over.
    """

    async def fetch(connection: Transaction) -> Handover | None:
        return await handovers.get(connection, number)

    found = on_state(config, "hand-over", fetch)
    if found is None:
        raise UsageError(f"there is no hand-over {number}")
    if as_json:
        print_json(handover_document(found, time_text))
    else:
        page.print_handover(found)


def _directory(config: Path | None) -> Directory:
    return roster_of(config or default_config(), os.environ, _now_ms()).directory


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now_ms() -> int:
    return to_ms(SystemClock().now())
