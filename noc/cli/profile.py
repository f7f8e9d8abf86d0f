"""`noc profile`: test profiles on recordings, record an agent, start a profile from a recording."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.console import Console
from rich.text import Text

from noc.app import recordings
from noc.cli._agent import credentials_of, profiles_with, resolve
from noc.cli._console import complain, print_json, printable
from noc.cli._snapshot import document
from noc.cli._table import MISSING, Column, lines
from noc.clock import SystemClock
from noc.inventory.profiles.draft import draft
from noc.inventory.profiles.load import load_names
from noc.inventory.shipped import shipped
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.snapshot import Snapshot
from noc.simulator.recording import Recording, written
from noc.wire.ber_values import Oid
from noc.wire.snmp import Agent, AuthProtocol, PrivProtocol

SOMETHING_WRONG: Final = 1
DIFFERENCES_TOLD: Final = 20
NAME_CHARACTERS: Final = 60

app = typer.Typer(
    no_args_is_help=True,
    help="Test profiles on recordings, record an agent, start a profile from a recording.",
    rich_markup_mode=None,
)

Profiles = Annotated[Path | None, typer.Option(help="A folder with profiles of your own, read after the shipped ones.")]


@app.command("test")
def try_out(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[PROFILE]...", help="Only recordings that these profiles read.")
    ] = None,
    profiles: Profiles = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--recordings",
            envvar="NOC_RECORDINGS",
            show_envvar=True,
            help="Folder of the recordings. Default: `recordings` in the folder of --profiles.",
        ),
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Write what was read beside each recording, as what is expected from now on."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Poll recordings by the collector that the daemon uses, and tell what each profile reads of them.

    What was read is held against NAME.expected.json beside NAME.snmprec, where there is one: write it with --update
    once all that was read is right, and each later change of a profile shows what it changes.

    Exit codes: 0 all is as expected, 1 something is not, or could not be read, 2 wrong use.
    """
    known = profiles_with(profiles)
    for name in names or ():
        if name not in known:
            raise UsageError(f"unknown profile '{name}'{did_you_mean(name, known)}")
    if folder is None and profiles is None:
        raise UsageError("name the folder of the recordings with --recordings, or a folder of profiles with --profiles")
    tried = [
        _Tried(path, taken, _differences(path, taken))
        for path in recordings.find_recordings(folder or Path(str(profiles)) / "recordings")
        for taken in [asyncio.run(recordings.poll(_read(path), known, SystemClock()))]
        if not names or taken.device.profile in names
    ]
    if not tried:
        raise UsageError(f"no recording there is read by {', '.join(names or ())}; `noc profile record` makes one")
    if update:
        for one in tried:
            _expected_of(one.path).write_text(json.dumps(_lasting(one.taken), indent=1, ensure_ascii=False) + "\n")
    if as_json:
        print_json([one.told() for one in tried])
    else:
        _show(tried, update)
    if any(one.taken.errors or (one.differences and not update) for one in tried):
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def record(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="IP address or host name of the device.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, NAME.snmprec.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port of the SNMP agent.")] = 161,
    community: Annotated[
        str, typer.Option(envvar="NOC_SNMP_COMMUNITY", show_envvar=True, help="Community, for SNMP v1 and v2c.")
    ] = "public",
    snmp_version: Annotated[
        str | None, typer.Option(help="1, 2c or 3; by default 3 where a user is given, else 2c.", show_default=False)
    ] = None,
    v3_user: Annotated[str | None, typer.Option(help="User, for SNMPv3.")] = None,
    v3_auth: Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(AuthProtocol))}.")] = None,
    v3_auth_key: Annotated[str | None, typer.Option(envvar="NOC_SNMP_AUTH_KEY", show_envvar=True)] = None,
    v3_priv: Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(PrivProtocol))}.")] = None,
    v3_priv_key: Annotated[str | None, typer.Option(envvar="NOC_SNMP_PRIV_KEY", show_envvar=True)] = None,
    root: Annotated[
        list[str] | None, typer.Option(help="Walk only below this OID; may be given again. Default: all, and LLDP.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.01, help="Seconds to wait for one answer.")] = 2.0,
    retries: Annotated[int, typer.Option(min=0, max=20, help="Further tries of a request after the first.")] = 2,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds for the whole recording.")] = 1800.0,
    max_objects: Annotated[int, typer.Option(min=1, max=1_000_000, help="Stop after so many objects.")] = 200_000,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Record an agent: walk it whole, and write what it says to a file, without what should not be told.

    Names, places, contacts, serial numbers, descriptions of ports, addresses of hosts and hardware are masked, and
    tables of users, communities, neighbours' addresses, routes and processes left out. What a vendor keeps in objects
    of its own nobody can know: read the file before you hand it on.

    Exit codes: 0 the whole agent, 1 a part of it (the file has it), 2 wrong use, 3 no answer or log-in refused.
    """
    if output.exists() and not force:
        raise UsageError(f"{output} exists; --force overwrites it")
    if not output.parent.is_dir():
        raise UsageError(f"{output.parent}: no such folder")
    login = credentials_of(snmp_version, community, v3_user, v3_auth, v3_auth_key, v3_priv, v3_priv_key)
    agent = Agent(resolve(address), login, port, timeout, retries)
    roots = tuple(_oid(text) for text in root) if root else (recordings.LLDP, recordings.WHOLE)
    made = asyncio.run(recordings.record(agent, roots, max_objects, deadline, lambda n: complain(f"{n} objects …")))
    partial = output.with_name(output.name + ".part")
    partial.write_text("".join(line + "\n" for line in written(made.objects)), encoding="ascii")
    partial.replace(output)
    complain(f"{output}: {len(made.objects)} objects; {made.masked} masked, {made.left_out} left out")
    complain("Read it before you hand it on: what a vendor keeps in objects of its own is not known to noc.")
    if made.cut is not None:
        complain(f"The recording is not whole: {made.cut}")
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def new(
    recording: Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording, NAME.snmprec.")],
    title: Annotated[str, typer.Option(help="What people call the family, the maker first.")] = "New family",
    profiles: Profiles = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write. Default: stdout.")] = None,
) -> None:
    """Start a profile from a recording: what noc knows of it already, and what else the agent has.

    Exit codes: 0 done, 2 wrong use.
    """
    if output is not None and output.exists():
        raise UsageError(f"{output} exists; name another file")
    known = profiles_with(profiles)
    names = load_names([shipped("profiles"), *([profiles] if profiles else [])])
    text = draft(title, _values(_read(recording)), known, names)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        complain(f"{output}: a beginning. Try it: noc profile test --profiles {output.parent}")


class _Tried:
    """One recording: what was read of it, and how that differs from what is expected."""

    def __init__(self, path: Path, taken: Snapshot, differences: list[str] | None) -> None:
        self.path = path
        self.taken = taken
        self.differences = differences
        """None where nothing is expected."""

    def told(self) -> dict[str, object]:
        taken = self.taken
        return {
            "recording": self.path.stem,
            "profile": taken.device.profile,
            "differences": self.differences,
            "read": _lasting(taken),
        }


def _read(path: Path) -> Recording:
    recording = recordings.read_recording(path)
    for finding in recording.findings[:3]:
        complain(str(finding))
    if len(recording.findings) > 3:
        complain(f"{path}: {len(recording.findings) - 3} more lines are left out")
    return recording


def _expected_of(path: Path) -> Path:
    return path.with_suffix(".expected.json")


def _lasting(taken: Snapshot) -> dict[str, object]:
    """Return what does not depend on when and where a recording was polled."""
    told = json.loads(json.dumps(document(taken)))
    told.pop("duration_ms")
    told["device"].pop("address")
    return dict(told)


def _differences(path: Path, taken: Snapshot) -> list[str] | None:
    expected = _expected_of(path)
    if not expected.exists():
        return None
    try:
        before = json.loads(expected.read_text())
    except ValueError as error:
        raise UsageError(f"{expected}: no JSON ({error}); write it anew with --update") from error
    return list(_unlike(before, _lasting(taken), ""))


def _unlike(before: object, now: object, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            yield from _unlike(before.get(key), now.get(key), f"{place}.{key}" if place else key)
    elif isinstance(before, list) and isinstance(now, list):
        old, new = ({_row_key(row, at): row for at, row in enumerate(rows)} for rows in (before, now))
        for key in sorted(old.keys() | new.keys()):
            yield from _unlike(old.get(key), new.get(key), f"{place}[{key}]")
    elif before != now:
        yield f"{place}: expected {_short(before)}, read {_short(now)}"


def _row_key(row: object, at: int) -> str:
    if isinstance(row, dict):
        for key in ("oid", "if_index", "peer", "neighbor", "index", "name"):
            if row.get(key) is not None:
                return f"{key}={row[key]}"
    return str(at)


def _short(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= NAME_CHARACTERS else text[: NAME_CHARACTERS - 1] + "…"


def _show(tried: list[_Tried], update: bool) -> None:
    heads = ("recording", "profile", "interfaces", "sensors", "processors", "memory", "storage", "peers", "errors")
    columns = [Column(head, right=at > 1, shrinks_to=12 if at == 0 else None) for at, head in enumerate(heads)]
    columns.append(Column("expected"))
    console = Console(highlight=False, markup=False, soft_wrap=True)
    width = console.width if console.is_terminal or os.environ.get("COLUMNS") else 240
    for line in lines(columns, [_row(one, update) for one in tried], width):
        console.print(line)
    for one in tried:
        for part in one.taken.errors:
            complain(f"{one.path.stem}: {part.what}: {part.reason}")
        if update or not one.differences:
            continue
        for difference in one.differences[:DIFFERENCES_TOLD]:
            complain(f"{one.path.stem}: {difference}")
        if len(one.differences) > DIFFERENCES_TOLD:
            complain(f"{one.path.stem}: {len(one.differences) - DIFFERENCES_TOLD} more differences; --json tells all")


def _row(one: _Tried, update: bool) -> list[Text]:
    taken = one.taken
    records = taken.records
    numbers = (
        len(taken.interfaces),
        len(taken.sensors),
        *(len(records.get(name, ())) for name in ("processors", "memory", "storage", "bgp_peers")),
        len(taken.errors),
    )
    if update:
        verdict = Text("written", style="yellow")
    elif one.differences is None:
        verdict = MISSING
    else:
        verdict = (
            Text(f"{len(one.differences)} differ", style="red") if one.differences else Text("as expected", "green")
        )
    cells = [Text(printable(one.path.stem)), Text(taken.device.profile or "")]
    return [*cells, *(Text(str(number)) if number else MISSING for number in numbers), verdict]


def _values(recording: Recording) -> dict[Oid, int | str]:
    found: dict[Oid, int | str] = {}
    for row in recording.objects:
        value = row.value
        if isinstance(value, bytes):
            found[row.oid] = value.decode("utf-8", "replace")
        elif isinstance(value, tuple):
            found[row.oid] = ".".join(map(str, value))
        elif isinstance(value, int | str):
            found[row.oid] = value
    return found


def _oid(text: str) -> Oid:
    parts = text.strip(".").split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"--root {text}: not an OID such as 1.3.6.1.4.1.9")
    return tuple(map(int, parts))
