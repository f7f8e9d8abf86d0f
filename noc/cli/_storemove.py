"""`noc store export`, `import`, `copy`: numbers out of a store, into it, from one to the other."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from noc.app.statefolder import unusable
from noc.app.storebeside import StoreSettings, store_settings
from noc.availability.times import parse
from noc.cli._config import Config, default_config
from noc.cli._console import complain
from noc.cli._state import time_text
from noc.clock import SystemClock
from noc.model.counting import counted
from noc.model.errors import InputError, ReachError, StoreError, UsageError
from noc.service import running
from noc.store import embedded
from noc.store._copying import Progress, forget
from noc.store._copying import copy as copied
from noc.store._exports import CsvWriter, LineWriter, Writer
from noc.store._imports import Imported, Importer
from noc.store._parquet import ParquetWriter
from noc.store._retention import Retention
from noc.store._rows import DAY_MS
from noc.store.embedded.origin import ViewOrigin, export
from noc.store.embedded.view import Selection, View, opened

SOMETHING_WRONG: Final = 1
EMBEDDED: Final = "embedded"
TELL_EVERY: Final = 1_000_000
"""Numbers between two lines of progress."""


class Format(StrEnum):
    """What an export is written as."""

    PARQUET = "parquet"
    CSV = "csv"
    LINES = "line-protocol"


class Precision(StrEnum):
    """Of the times of line protocol."""

    NS = "ns"
    US = "us"
    MS = "ms"
    S = "s"


Since = Annotated[str | None, typer.Option("--from", help="From when on: 2026-03-01T00:00:00Z.", show_default=False)]
Until = Annotated[str | None, typer.Option("--to", help="Until when.", show_default=False)]
Device = Annotated[str, typer.Option(help="Only this device.", show_default=False)]
Site = Annotated[str, typer.Option(help="Only this site.", show_default=False)]
Measurement = Annotated[str, typer.Option(help="Only this measurement.", show_default=False)]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file; `-` for standard output.")]


def export_numbers(
    output: Output,
    form: Annotated[Format, typer.Option("--format", help="What is written.")] = Format.LINES,
    since: Since = None,
    until: Until = None,
    device: Device = "",
    site: Site = "",
    measurement: Measurement = "",
    config: Config = None,
) -> None:
    """Write numbers of the embedded store to a file, as they were stored: whether noc runs or not.

    Line protocol has times in milliseconds. CSV and Parquet have a number a row: time, measurement, field, tags, value.
    All that is on disk is in it, up to the last seconds, which wait in the spool.

    Exit codes: 0 written, 1 written, and a part of the store is damaged and not in it, 2 wrong use.
    """
    selection = _selection(since, until, device, site, measurement)
    if form is Format.PARQUET and str(output) == "-":
        raise UsageError("Parquet can't be written to standard output; name a file")
    values = 0
    with _view(config) as view, _writer(form, output) as writer:
        for piece, count in export(view, selection, writer):
            if (values + count) // TELL_EVERY > values // TELL_EVERY:
                complain(f"{values + count:,} numbers, at {time_text(piece.day * DAY_MS)[:10]}")
            values += count
        damaged = view.source.shelves.damaged
    complain(f"{values:,} numbers written to {'standard output' if str(output) == '-' else output}")
    if damaged:
        complain(f"{damaged} files or chunks are damaged, what they held is not in it")
        raise typer.Exit(SOMETHING_WRONG)


def import_numbers(
    file: Annotated[Path, typer.Argument(help="Line protocol; `-` for standard input.")],
    precision: Annotated[Precision, typer.Option(help="Of its times.")] = Precision.NS,
    rejected: Annotated[
        Path | None,
        typer.Option(help="Where bad lines go. Default: beside the file, `.rejected`.", show_default=False),
    ] = None,
    config: Config = None,
) -> None:
    """Read line protocol into the store of the settings. To read a file again changes nothing.

    Lines that can't be read, and numbers that the store won't take, are kept aside with line number and reason. The
    embedded store belongs to one process: stop noc first.

    Exit codes: 0 all is stored, 1 some of it is kept aside, 2 wrong use, 3 the store can't be reached.
    """
    found = store_settings(config or default_config(), os.environ)
    aside = rejected or Path("import.rejected" if str(file) == "-" else f"{file}.rejected")
    with ExitStack() as stack:
        lines = sys.stdin if str(file) == "-" else stack.enter_context(_reading(file))
        kept = stack.enter_context(_making(aside))
        done = asyncio.run(_imported(found, lines, precision, kept))
    said = f"{counted(done.values, 'number')} of {counted(done.lines, 'line')} stored"
    if done.gaps:
        said = f"{said}; {counted(done.gaps, 'field')} left out: NaN or infinity, which is no number"
    if done.texts:
        said = f"{said}; {counted(done.texts, 'field')} left out: text, and series are numbers"
    if not done.bad and not done.refused:
        aside.unlink(missing_ok=True)
        complain(said)
        return
    bad, refused = counted(done.bad, "line"), counted(done.refused, "number")
    complain(f"{said}; {bad} can't be read, {refused} refused: see {aside}")
    raise typer.Exit(SOMETHING_WRONG)


async def _imported(found: StoreSettings, lines: TextIO, precision: Precision, aside: TextIO) -> Imported:
    if found.kind == EMBEDDED:
        _make_usable(found.state_dir)
    store = found.build(SystemClock())
    told = _Every()
    async with running([store]):
        importer = Importer(store, precision.value, aside)
        try:
            done = await importer.take(
                lines, lambda done: told.say(done.values, f"{done.lines:,} lines, {done.values:,} numbers stored")
            )
        except StoreError as error:
            raise ReachError(f"{error}; {importer.done.values:,} numbers are stored, import the file again") from error
    return done


def copy(
    source: Annotated[str, typer.Argument(help="Where from: embedded.")],
    target: Annotated[str, typer.Argument(help="Where to: the kind of the store in the settings, such as influx.")],
    since: Since = None,
    until: Until = None,
    path: Annotated[
        Path | None,
        typer.Option(help="Folder of the embedded store. Default: series below state_dir.", show_default=False),
    ] = None,
    verify: Annotated[bool, typer.Option(help="Count at the other end what was copied.")] = True,
    restart: Annotated[bool, typer.Option("--restart", help="From the beginning, not from where it was left.")] = False,
    config: Config = None,
) -> None:
    """Copy the numbers of the embedded store to the store of the settings, day by day.

    What was broken off goes on where it was. Each device's day is counted at the other end; differences are told.
    Numbers as they were measured are copied; roll-ups the new store makes by itself.

    Exit codes: 0 all is there, 1 numbers were refused or are missing there, 2 wrong use, 3 the store can't be reached.
    """
    found = store_settings(config or default_config(), os.environ)
    if source != EMBEDDED or target != found.kind or target == EMBEDDED:
        raise UsageError(
            f"copies from '{EMBEDDED}' to the store of the settings, which is '{found.kind}': "
            f"write the new store into the settings, then noc store copy {EMBEDDED} {found.kind}"
        )
    folder = path or found.state_dir / str(embedded.Settings.model_fields["path"].default)
    kept = found.state_dir / f"copy-{source}-{target}.json"
    _make_usable(found.state_dir)
    if restart:
        forget(kept)
    with opened(folder, Retention()) as view:
        origin = ViewOrigin(view, _selection(since, until, "", "", ""))
        done = asyncio.run(_copied(found, origin, kept, verify))
        damaged = view.source.shelves.damaged
    complain(f"{done.values:,} numbers copied, {done.refused:,} refused" + (", counted there" if verify else ""))
    for wrong in done.wrong:
        complain(wrong)
    if damaged:
        complain(f"{damaged} files or chunks are damaged, what they held is not copied")
    if done.wrong or done.refused or damaged:
        raise typer.Exit(SOMETHING_WRONG)
    forget(kept)


async def _copied(found: StoreSettings, origin: ViewOrigin, kept: Path, verify: bool) -> Progress:
    store = found.build(SystemClock())
    told = _Every()

    def progress(done: Progress) -> None:
        day = time_text((done.day or 0) * DAY_MS)[:10]
        told.say(done.values, f"{day}: {done.values:,} numbers copied")

    async with running([store]):
        try:
            return await copied(origin, store, kept, progress, verify=verify)
        except StoreError as error:
            raise ReachError(f"{error}; run it again, it goes on where it was") from error


def _make_usable(folder: Path) -> None:
    reason = unusable(folder)
    if reason is not None:
        raise UsageError(f"{folder}: {reason}")


class _Every:
    """Says how far something has come, after every million numbers."""

    def __init__(self) -> None:
        self._said = 0

    def say(self, values: int, text: str) -> None:
        """Say it, where it is time."""
        if values // TELL_EVERY > self._said:
            self._said = values // TELL_EVERY
            complain(text)


@contextmanager
def _view(config: Path | None) -> Iterator[View]:
    found = store_settings(config or default_config(), os.environ)
    if not isinstance(found.settings, embedded.Settings):
        raise UsageError(f"the store of the settings is '{found.kind}', which has an export of its own")
    with opened(found.state_dir / found.settings.path, found.settings.retention) as view:
        yield view


def _selection(since: str | None, until: str | None, device: str, site: str, measurement: str) -> Selection:
    return Selection(device, site, measurement, _time(since, "--from"), _time(until, "--to"))


def _time(text: str | None, option: str) -> int | None:
    try:
        return None if text is None else parse(text)
    except (ValueError, InputError) as error:
        raise UsageError(f"{option}: {error}") from error


@contextmanager
def _writer(form: Format, output: Path) -> Iterator[Writer]:
    """Write beside the file, and put it in place when it is whole."""
    with ExitStack() as stack:
        finish: Callable[[], object] = sys.stdout.flush
        target = output.with_name(f"{output.name}.part")
        if str(output) == "-":
            file: TextIO = sys.stdout
        else:
            finish = lambda: target.replace(output)  # noqa: E731 one word each
            if form is Format.PARQUET:
                made: Writer = ParquetWriter(target)
            else:
                file = stack.enter_context(_making(target))
        if form is not Format.PARQUET:
            made = LineWriter(file) if form is Format.LINES else CsvWriter(file)
        try:
            yield made
            made.close()
            stack.close()
            finish()
        except OSError as error:
            raise UsageError(f"{output}: can't be written: {error.strerror}") from error


def _reading(file: Path) -> TextIO:
    try:
        return file.open(encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise UsageError(f"{file}: can't be read: {error.strerror}") from error


def _making(file: Path) -> TextIO:
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{file}: can't be written: {error.strerror}") from error
