"""`noc event`: what devices sent by themselves; on the state database, whether the daemon runs or not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.text import Text

from noc.app.statefile import state_file
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.model.errors import UsageError
from noc.model.event import EVENT_CLASSES, EventClass
from noc.model.finding import did_you_mean
from noc.model.instants import from_ms, length_ms, to_ms
from noc.settings.schema import parse_duration
from noc.state import events, senders
from noc.state.database import Database, Transaction
from noc.state.events import Kept
from noc.state.senders import Sender

app = typer.Typer(no_args_is_help=True, help="List traps and syslog, and unknown senders.", rich_markup_mode=None)

_Result = TypeVar("_Result")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("list")
def list_events(
    config: Config = None,
    device: Annotated[str | None, typer.Option(help="Only of this one, such as nbo-rtr-1.")] = None,
    classes: Annotated[
        list[str] | None, typer.Option("--class", help=f"Only of these: {', '.join(EVENT_CLASSES)}.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only of the last so long: 30m, 6h.", show_default=False)] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List events, those that came last first.

    `--json`: a list of {id, source, device, about, kind, name, class, severity, count, first, last, device_time, facts,
    text}.
    """
    wanted = _classes(classes)
    since_ms = _since_ms(since)

    async def read(connection: Transaction) -> list[Kept]:
        entity = None if device is None else f"device/{device.removeprefix('device/')}"
        return await events.page(connection, device=entity, classes=wanted, since_ms=since_ms, limit=last)

    found = _on(config, read)
    if as_json:
        print_json([_plain(one) for one in found])
        return
    if not found:
        complain("there are no such events")
        return
    columns = [
        Column("last"),
        Column("device", shrinks_to=12),
        Column("class"),
        Column("severity"),
        Column("event", shrinks_to=16),
    ]
    columns += [Column("times", right=True), Column("text", shrinks_to=20, drops=1)]
    _print(columns, [_cells(one) for one in found])


@app.command("senders")
def list_senders(config: Config = None, as_json: Json = False) -> None:
    """List who sends traps or syslog and is no device of the inventory.

    `--json`: a list of {address, kind, count, first, last, sample}.
    """
    found = _on(config, lambda connection: senders.page(connection, limit=senders.SENDERS_AT_MOST))
    if as_json:
        print_json([_plain_sender(one) for one in found])
        return
    if not found:
        complain("there are no unknown senders")
        return
    columns = [Column("address"), Column("kind"), Column("times", right=True), Column("last")]
    columns += [Column("sample", shrinks_to=20, drops=1)]
    rows = [
        [
            Text(one.address),
            Text(one.kind),
            Text(str(one.count)),
            Text(_time(one.last_ms, "seconds")),
            Text(printable(one.sample)),
        ]
        for one in found
    ]
    _print(columns, rows)


def _classes(given: list[str] | None) -> list[EventClass] | None:
    """Return the classes that are asked for. Raises UsageError."""
    if not given:
        return None
    for word in given:
        if word not in EVENT_CLASSES:
            hint = did_you_mean(word, EVENT_CLASSES)
            raise UsageError(f"--class: '{word}' is not one of {', '.join(EVENT_CLASSES)}{hint}")
    return [one for one in EVENT_CLASSES if one in given]


def _since_ms(given: str | None) -> int | None:
    if given is None:
        return None
    try:
        return to_ms(SystemClock().now()) - length_ms(parse_duration(given))
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error


def _on(config: Path | None, do: Callable[[Transaction], Awaitable[_Result]]) -> _Result:
    database = Database(state_file(config or default_config(), os.environ, "events"))

    async def run() -> _Result:
        await database.start()
        try:
            async with database.read() as connection:
                return await do(connection)
        finally:
            await database.stop()

    return asyncio.run(run())


def _cells(kept: Kept) -> list[Text]:
    event = kept.event
    device = (event.device or event.source).removeprefix("device/")
    cells = (
        _time(event.last_ms, "seconds"),
        device,
        event.event_class,
        event.severity,
        event.name,
        str(event.count),
        event.text,
    )
    return [Text(printable(cell)) for cell in cells]


def _print(columns: list[Column], rows: list[list[Text]]) -> None:
    print_rows(columns, rows)


def _plain(kept: Kept) -> dict[str, object]:
    event = kept.event
    return {
        "id": kept.id,
        "source": event.source,
        "device": event.device,
        "about": event.about,
        "kind": event.kind,
        "name": event.name,
        "class": event.event_class,
        "severity": event.severity,
        "count": event.count,
        "first": _time(event.first_ms),
        "last": _time(event.last_ms),
        "device_time": None if event.device_ms is None else _time(event.device_ms),
        "facts": dict(event.facts),
        "text": event.text,
    }


def _plain_sender(one: Sender) -> dict[str, object]:
    return {
        "address": one.address,
        "kind": one.kind,
        "count": one.count,
        "first": _time(one.first_ms),
        "last": _time(one.last_ms),
        "sample": one.sample,
    }


def _time(milliseconds: int, precision: str = "milliseconds") -> str:
    return from_ms(milliseconds).isoformat(timespec=precision).replace("+00:00", "Z")
