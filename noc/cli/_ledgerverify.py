"""`noc ledger verify`: the proof of the ledger, for people and for programs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from noc.app.check import check
from noc.app.madeagain import MadeAgain, issued, made_again
from noc.app.statefile import state_file
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, stderr
from noc.cli._state import Json, on_state
from noc.model.counting import counted
from noc.model.errors import UsageError
from noc.state.chain import OutsideSeal
from noc.state.ledger import newest
from noc.state.verify import Proof, Stage, proof

SOMETHING_WRONG: Final = 1
SHOWN: Final = 20
AT_MOST: Final = 25
QUICK_RECORDS: Final = 250_000
"""A ledger with more of them takes seconds to be read for figures, and each report some more."""

_SEAL: Final = re.compile(r"(?:(\d{4}-\d\d-\d\d):)?(\d{1,15}):([0-9a-fA-F]{64})\Z")


def verify(
    seal: Annotated[
        list[str] | None,
        typer.Option(help="A seal that was kept elsewhere, DAY:RECORD:HASH; may be repeated.", show_default=False),
    ] = None,
    seals: Annotated[
        Path | None,
        typer.Option(help="A file of such seals, one a line, as `seal: file:` writes it.", show_default=False),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--reports",
            help="Make all reports again that were issued; else the newest, and none where the ledger is long.",
        ),
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Recompute the ledger from the first record to the last, and all that stands beside it.

    The chain of hashes; each day's seal, and those kept elsewhere; the rows of each hour of coverage, and whether they
    support what the ledger calls known; policies; windows and corrections; the figures of reports that were issued.
    docs/ledger.md tells more.

    Exit codes: 0 the ledger is whole, 1 something was changed, removed, moved or made up (the first is named), 2 wrong
    use.
    """
    outside = [_seal(text, "--seal") for text in seal or ()]
    if seals is not None:
        outside += _seals(seals)
    on_state(config, "ledger", lambda connection: newest(connection, 1))  # brings an older file up to date
    file = state_file(config or default_config(), os.environ, "ledger")
    progress = _bar() if stderr.is_terminal and not json else nullcontext(None)
    with progress as bar:
        told = _Told(bar)
        found = proof(file, outside, told)
        again = _reports(config, found, None if every else AT_MOST, told)
    found = replace(found, faults=(*found.faults, *again.faults))
    if json:
        print_json(_document(found, again))
    else:
        _tell(found, again)
    if not found.whole:
        raise typer.Exit(SOMETHING_WRONG)


def _reports(config: Path | None, found: Proof, at_most: int | None, told: _Told) -> MadeAgain:
    """Make reports again. at_most: the newest so many, and none where that takes long; None: all."""
    if found.broken is not None:
        return MadeAgain()
    newest = 0 if at_most is not None and found.records > QUICK_RECORDS else at_most
    kept = len(on_state(config, "ledger", issued))
    if not kept or newest == 0:
        return MadeAgain(left_out=kept)
    inventory = check(config or default_config(), os.environ).inventory
    if inventory is None:
        complain("figures of reports are not recomputed: the configuration has mistakes; `noc check` names them")
        return MadeAgain(left_out=kept)
    return on_state(
        config,
        "ledger",
        lambda connection: made_again(connection, inventory, newest, lambda done, of: told("reports", done, of)),
    )


def _bar() -> AbstractContextManager[Progress | None]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=stderr, transient=True)


class _Told:
    """Moves the bar of a stage."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: Stage | Literal["reports"], done: int, total: int) -> None:
        if self._bar is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total)
        self._bar.update(self._tasks[stage], completed=done, total=total)


def _seal(text: str, where: str) -> OutsideSeal:
    match = _SEAL.match(text.strip())
    if match is None:
        raise UsageError(f"{where}: '{text[:80]}' is no seal; write 2026-11-20:12345:HASH, as the log has it")
    return OutsideSeal(match[1] or "", int(match[2]), match[3].lower())


def _seals(path: Path) -> Sequence[OutsideSeal]:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read: {error}") from error
    return [_seal(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _document(found: Proof, again: MadeAgain) -> dict[str, object]:
    broken = found.broken
    return {
        "whole": found.whole,
        "records": found.records,
        "last_hash": found.last_hash.hex(),
        "broken": None if broken is None else {"record": broken.seq, "reason": broken.reason},
        "faults": list(found.faults),
        "compared": {
            "seals": found.seals,
            "hours_of_coverage": found.hours,
            "policies": found.policies,
            "decisions": found.decisions,
            "reports": again.made,
        },
        "reports_left_out": again.left_out,
    }


def _tell(found: Proof, again: MadeAgain) -> None:
    if found.broken is not None:
        complain(
            f"the ledger is broken at record {found.broken.seq}: {found.broken.reason}; {found.records:,} before it "
            "are whole"
        )
    for fault in found.faults[:SHOWN]:
        complain(fault)
    if len(found.faults) > SHOWN:
        complain(f"and {len(found.faults) - SHOWN:,} more; --json lists them")
    if found.whole:
        compared = (
            counted(found.seals, "seal"),
            counted(found.hours, "hour of coverage", "hours of coverage"),
            counted(found.policies, "policy", "policies"),
            f"{counted(found.decisions, 'decision')} about windows and corrections",
            f"the figures of {counted(again.made, 'report')}",
        )
        complain(f"the ledger is whole: {counted(found.records, 'record')}, last hash {found.last_hash.hex()}")
        complain(f"compared with it: {', '.join(compared)}")
    if again.left_out:
        complain(f"the figures of {counted(again.left_out, 'more report')} were not recomputed; --reports does it")
    if again.without:
        complain(
            f"{counted(again.without, 'report')} can't be made again: issued before the ledger kept what figures are "
            "made by, or of something that is no more"
        )
