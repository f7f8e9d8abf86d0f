"""`noc ask ENDPOINT`: one end point of the inventory, now, by the same code that the daemon runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated

import typer

from collectors._endpoints import Prober
from noc import plugins
from noc.app.check import check
from noc.app.probeplan import ProbePlan, check_of, probe_plan_of
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.clock import Clock, SystemClock
from noc.inventory.endpoints import Endpoint
from noc.model.counting import counted
from noc.model.errors import InputError, ReachError, UsageError
from noc.model.finding import did_you_mean
from noc.model.reading import FailureKind, Reading
from noc.model.replies import Certificate, Reply
from noc.pipeline.endpoints import faults

SOMETHING_WRONG = 1
_TEXT_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Doors:
    clock: Clock
    poller: str = "cli"


def command(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="Id of an end point of the inventory.")],
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Ask one end point, now, and print what it answers and what is wrong by it.

    Exit codes: 0 all is right, 1 it is not, 2 wrong use or invalid settings, 3 no answer.
    """
    checked = check(config or default_config(), dict(os.environ))
    if checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    known = checked.inventory.endpoints
    name = endpoint.removeprefix("endpoint/")
    if name not in known:
        hint = did_you_mean(name, known) or f"; the inventory has {counted(len(known), 'end point')}"
        raise UsageError(f"there is no end point '{name}'{hint}")
    reading = asyncio.run(_ask(probe_plan_of(checked.inventory, checked.folder), known[name]))
    wrong = faults(known[name], reading)
    told = _told(known[name], reading, wrong)
    if json:
        print_json(told)
    else:
        _show(told)
    for fault in wrong:
        complain(fault)
    if reading.failure is not None and reading.failure.kind is not FailureKind.PROTOCOL:
        raise typer.Exit(ReachError.exit_code)
    if wrong:
        raise typer.Exit(SOMETHING_WRONG)


async def _ask(plan: ProbePlan, endpoint: Endpoint) -> Reading:
    prober: Prober = plugins.load("collectors", endpoint.kind).build(_Doors(SystemClock()))
    return await prober.probe(plan.question(check_of(endpoint)))


def _told(endpoint: Endpoint, reading: Reading, wrong: tuple[str, ...]) -> dict[str, object]:
    return {
        "endpoint": endpoint.id,
        "kind": endpoint.kind,
        "address": endpoint.probe.address,
        "duration_ms": round(reading.duration_s * 1000, 3),
        "ok": not wrong,
        "faults": list(wrong),
        "reply": None if reading.reply is None else _plain(reading.reply),
    }


def _plain(told: Reply | Certificate) -> dict[str, object]:
    """Return a reply as plain data; of texts their beginning, without control characters."""
    found: dict[str, object] = {}
    for one in fields(told):
        value = getattr(told, one.name)
        if isinstance(value, Certificate):
            value = _plain(value)
        elif isinstance(value, datetime):
            value = value.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif isinstance(value, str):
            value = _printable(value)
        elif isinstance(value, tuple):
            value = [_printable(str(item)) for item in value]
        elif isinstance(value, Mapping):
            value = {_printable(key): _printable(str(item)) for key, item in value.items()}
        found[one.name] = value
    return found


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text[:_TEXT_SHOWN])


def _show(told: Mapping[str, object], indent: str = "") -> None:
    for name, value in told.items():
        if isinstance(value, Mapping):
            typer.echo(f"{indent}{name}:")
            _show(value, f"{indent}  ")
        elif value not in (None, "", []):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            typer.echo(f"{indent}{name}: {shown}")
