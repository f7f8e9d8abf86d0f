"""`noc status`: how the network stands, on one page."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Annotated, Final

import typer
from rich.text import Text

from noc.app.check import check
from noc.app.objectives import Promised, asked_for
from noc.app.paths import state_folder
from noc.app.statefile import state_file
from noc.app.status import Overall, Row, overall
from noc.availability.figures import Exact
from noc.availability.objectivedocument import objective_fields, period_fields
from noc.availability.objectives import NETWORK, Standing
from noc.availability.standings import PeriodError
from noc.availability.timeline import State
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, time_text
from noc.cli._table import MISSING, Column, print_rows, wide_console
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.counting import counted
from noc.model.errors import InputError, UsageError
from noc.model.incident import SEVERITIES
from noc.state.claim import is_held
from noc.state.database import Database

SOMETHING_WRONG = 1

_ORDER: Final = (State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN)


def command(
    config: Config = None,
    period: Annotated[
        str, typer.Option(help="Of the objectives: 2026-10, 2026-Q4, 2026, 2026-2027, 30d, or month, quarter, year.")
    ] = "month",
    zone: Annotated[
        str | None, typer.Option(help="Where the period begins at midnight. Default: objectives.time_zone.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how the network stands: what is down, open incidents, objectives and what is left of their budgets.

    From the state database, whether the daemon runs or not; where it doesn't, as things stood when it ended.

    `--json`: {at, running, known_until, states, incidents, ledger, period, network, regions, missed, worst}.

    Exit codes: 0 all is well · 1 something is down, an objective is missed, or noc isn't running · 2 wrong use.
    """
    checked = check(config or default_config(), os.environ)
    if checked.settings is None or checked.inventory is None:
        raise InputError(checked.findings)
    inventory, now = checked.inventory, SystemClock().now()
    targets = Promised(checked.settings, inventory)()
    is_running = is_held(state_folder(checked.folder, checked.settings))

    try:
        one = asked_for(period, zone or targets.zone, now)
    except PeriodError as error:
        raise UsageError(f"--{error.asked}: {error}") from error

    database = Database(state_file(config or default_config(), os.environ, "ledger"))

    async def read() -> Overall:
        await database.start()
        try:
            return await overall(database, inventory, targets, now, period=one, is_running=is_running)
        finally:
            await database.stop()

    found = asyncio.run(read())
    if as_json:
        print_json({"at": now.isoformat(timespec="seconds").replace("+00:00", "Z"), **document(found)})
    else:
        _show(found, inventory)
    if not found.is_well:
        raise typer.Exit(SOMETHING_WRONG)


def document(found: Overall) -> dict[str, object]:
    """Return how the network stands as plain data, for JSON."""
    states = [one.state for one in found.unresolved]
    return {
        "running": found.is_running,
        "known_until": time_text(found.known_ms),
        "states": {kind: _by_state(counts) for kind, counts in found.states.items()},
        "incidents": {
            "open": states.count("new"),
            "acknowledged": states.count("acknowledged") + states.count("in_progress"),
            "by_severity": {word: sum(one.severity == word for one in found.unresolved) for word in SEVERITIES},
        },
        "ledger": None if found.last is None else {"record": found.last.seq, "hash": found.last.hash.hex()},
        "period": period_fields(found.standings.named, found.standings.now),
        "network": next((objective_fields(*row) for row in found.sums if row[0] == NETWORK), None),
        "regions": [objective_fields(*row) for row in found.sums if row[0] != NETWORK],
        "missed": [objective_fields(*row) for row in found.missed],
        "worst": [objective_fields(*row) for row in found.worst],
    }


def _by_state(counts: Mapping[State, int]) -> dict[str, int]:
    return {state.value: counts.get(state, 0) for state in _ORDER}


def _show(found: Overall, inventory: Inventory) -> None:
    if not found.is_running:
        complain(f"noc isn't running; this is how things stood at {time_text(found.known_ms)}")
    console = wide_console()
    for kind, counts in found.states.items():
        if sum(counts.values()):
            said = ", ".join(f"{number:,} {word}" for word, number in _by_state(counts).items() if number)
            console.print(f"{kind + 's':<10} {said}")
    unowned = sum(one.state == "new" for one in found.unresolved)
    owned = counted(len(found.unresolved) - unowned, "acknowledged", "acknowledged")
    console.print(f"{'incidents':<10} {unowned:,} that nobody owns yet, {owned}")
    if found.last is not None:
        console.print(f"{'ledger':<10} {found.last.seq:,} records, the last hash {found.last.hash.hex()[:16]}…")
    named = found.standings.named
    console.print()
    console.print(f"Objectives, {named.text} in {named.zone}, up to {time_text(found.standings.now)}", style="bold")
    _table([*found.sums, *found.worst], inventory)
    if found.missed:
        console.print(f"\n{len(found.missed):,} of the sites, circuits and services can't meet their target any more.")


def _table(rows: Iterable[Row], inventory: Inventory) -> None:
    columns = [
        Column("of", shrinks_to=12),
        Column("target %", right=True),
        Column("available %", right=True),
        Column("floor %", right=True, drops=5),
        Column("ceiling %", right=True, drops=4),
        Column("so far"),
        Column("certain"),
        Column("minutes left", right=True),
        Column("burn 1h", right=True, drops=3),
        Column("burn 6h", right=True, drops=3),
        Column("burn 3d", right=True, drops=3),
        Column("at the end %", drops=2),
    ]
    cells = [[Text(cell) if cell else MISSING for cell in _cells(name, one, inventory)] for name, one in rows]
    print_rows(columns, cells)


def _cells(name: str, one: Standing, inventory: Inventory) -> list[str]:
    thing, end = inventory.entity(name), one.forecast
    low, high = _percent(end.low_pct), _percent(end.high_pct)
    return [
        printable(name if thing is None else thing.name),
        f"{float(one.target.percent):g}",
        *(_percent(value) for value in (one.so_far.availability_pct, one.so_far.floor_pct, one.so_far.ceiling_pct)),
        one.verdict_so_far.value,
        one.verdict.value,
        _minutes(one.budget.left),
        *("" if rate is None else f"{float(rate):.1f}" for rate in one.burns.values()),
        f"{low} to {high}" if low else "",
    ]


def _percent(value: Fraction | None) -> str:
    """Return a percentage with three decimals, cut and not rounded: 99.9996 is not 100."""
    return "" if value is None else f"{int(value * 1000) / 1000:.3f}"


def _minutes(milliseconds: Exact) -> str:
    return f"{float(Fraction(milliseconds) / 60_000):,.0f}"
