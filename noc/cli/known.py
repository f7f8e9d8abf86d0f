"""`noc known`: what people know of entities, shown with each of their incidents; on the state database."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.text import Text

from alerts.documents import note_document
from noc.cli._config import Config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, on_state, time_text
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.model.errors import UsageError
from noc.model.instants import length_ms, to_ms
from noc.settings.schema import parse_duration
from noc.state import notes
from noc.state.database import Transaction
from noc.state.notes import EntityNote

app = typer.Typer(
    no_args_is_help=True,
    help="Write down what is known of an entity; it is shown with each of its incidents.",
    rich_markup_mode=None,
)

By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]


@app.command("list")
def list_known(
    entity: Annotated[
        str | None, typer.Argument(help="Only of this one, such as device/nbo-rtr-1.", show_default=False)
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List what is known now, the newest first.

    `--json`: a list of {id, entity, at, who, text, until}.
    """
    now_ms = _now_ms()

    async def read(connection: Transaction) -> list[EntityNote]:
        return await (notes.standing(connection, now_ms) if entity is None else notes.of(connection, [entity], now_ms))

    found = on_state(config, "state", read)
    if as_json:
        print_json([note_document(note, time_text) for note in found])
    elif not found:
        complain("nothing is written down")
    else:
        columns = [Column("id", right=True), Column("entity", shrinks_to=16), Column("text", shrinks_to=20)]
        columns += [Column("who", shrinks_to=8), Column("at"), Column("until", drops=1)]
        rows = [
            (
                str(n.id),
                n.entity,
                n.text,
                n.who,
                time_text(n.at_ms),
                "" if n.until_ms is None else time_text(n.until_ms),
            )
            for n in found
        ]
        print_rows(columns, [[Text(printable(cell)) for cell in row] for row in rows])


@app.command()
def add(
    entity: Annotated[str, typer.Argument(help="Such as device/nbo-rtr-1.", show_default=False)],
    text: Annotated[str, typer.Argument(help="What is known of it.", show_default=False)],
    config: Config = None,
    by: By = None,
    lasting: Annotated[
        str | None, typer.Option("--for", help="How long it is shown: 30d. Default: until removed.", show_default=False)
    ] = None,
) -> None:
    """Write down what is known of an entity.

    Exit codes: 0 done · 2 the text is empty, or the entity is none.
    """
    if not text.strip():
        raise UsageError("the text is empty")
    if not all(entity.partition("/")):
        raise UsageError(f"'{entity}' is no entity; write device/nbo-rtr-1")
    now_ms = _now_ms()
    try:
        until_ms = None if lasting is None else now_ms + length_ms(parse_duration(lasting))
    except ValueError as error:
        raise UsageError(f"--for: {error}") from error

    async def write(connection: Transaction) -> EntityNote:
        return await notes.put(connection, entity, now_ms, by or getpass.getuser(), text, until_ms)

    complain(f"note {on_state(config, 'state', write, writes=True).id} of {entity} is kept")


@app.command()
def remove(
    note: Annotated[int, typer.Argument(metavar="ID", min=1, help="The note.", show_default=False)],
    config: Config = None,
    by: By = None,
) -> None:
    """Show a note no more.

    Exit codes: 0 done · 2 there is no such note, or it was removed already.
    """

    async def write(connection: Transaction) -> bool:
        return await notes.remove(connection, note, _now_ms(), by or getpass.getuser())

    if not on_state(config, "state", write, writes=True):
        raise UsageError(f"there is no note {note}, or it was removed already")
    complain(f"note {note} is shown no more")


def _now_ms() -> int:
    return to_ms(SystemClock().now())
