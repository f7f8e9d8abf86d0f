"""`noc profile`: list profiles, test them on recordings, record an agent, start a profile from a recording."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from noc.app import recordings
from noc.cli._agent import (
    Address,
    CommunityName,
    OwnProfiles,
    Port,
    Retries,
    SnmpVersion,
    Timeout,
    V3Auth,
    V3AuthKey,
    V3Priv,
    V3PrivKey,
    V3User,
    credentials_of,
    profiles_with,
    resolve,
    unknown_profile,
)
from noc.cli._console import complain, print_json
from noc.cli._tried import Tried, differences, expected_of, lasting, show
from noc.clock import SystemClock
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.draft import Plain, draft, text_or_octets
from noc.inventory.profiles.load import load_names
from noc.inventory.shipped import shipped
from noc.model.counting import counted
from noc.model.errors import InputError, ReachError, UsageError
from noc.simulator.recording import Recording, written
from noc.wire.ber_values import Oid
from noc.wire.snmp import Agent

SOMETHING_WRONG: Final = 1

app = typer.Typer(
    no_args_is_help=True,
    help="List profiles, test them on recordings, record an agent, start a profile from a recording.",
    rich_markup_mode=None,
)


@app.command("list")
def list_them(
    word: Annotated[str, typer.Argument(metavar="[WORD]", help="Only those with this in their name or title.")] = "",
    profiles: OwnProfiles = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the profiles that there are, by name.

    Exit codes: 0 done, 2 wrong use.
    """
    known = profiles_with(profiles).values()
    found = [one for one in known if word.casefold() in f"{one.name} {one.title}".casefold()]
    found.sort(key=lambda one: one.name)
    if as_json:
        print_json([{"name": one.name, "title": one.title} for one in found])
        return
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        typer.echo(f"{one.name:{width}}  {one.title}")
    if not found:
        complain(f"No profile has '{word}' in its name or title.")


@app.command("test")
def try_out(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[PROFILE]...", help="Only recordings that these profiles read.")
    ] = None,
    profiles: OwnProfiles = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--recordings",
            envvar="NOC_RECORDINGS",
            show_envvar=True,
            help="Folder of the recordings. Default: `recordings` in the folder of --profiles, else noc's own.",
        ),
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Write what was read beside each recording, as what is expected from now on."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Poll recordings by the collector that the daemon uses, and tell what each profile reads of them.

    Without --recordings, NOC_RECORDINGS and --profiles: the recordings that come with noc. Profiles that none of the
    recordings is read by are named too: nothing is known of them but what their MIB texts say.

    What was read is held against NAME.expected.json beside NAME.snmprec, where there is one: write it with --update
    once all that was read is right, and each later change of a profile shows what it changes.

    Exit codes: 0 all is as expected, 1 something is not, or could not be read, 2 wrong use.
    """
    known = profiles_with(profiles)
    for name in names or ():
        if name not in known:
            raise UsageError(unknown_profile(name, known))
    if folder is None and profiles is None and update:
        raise UsageError("--update writes beside the recordings: name their folder with --recordings")
    where = folder or (profiles / "recordings" if profiles is not None else recordings.own_recordings())
    all_tried = [_try(path, known) for path in recordings.find_recordings(where)]
    tried = [one for one in all_tried if not names or one.profile in names or one.taken is None]
    if not any(one.taken for one in tried) and names:
        raise UsageError(f"no recording in {where} is read by {', '.join(names)}; `noc profile record` makes one")
    if update:
        _write(tried)
    read_by = {one.profile for one in tried}
    mine = {path.stem for path in profiles.glob("*.yaml")} if profiles is not None else known.keys()
    asked = names or sorted(name for name in mine & known.keys() if known[name].matches)
    without = [name for name in asked if name not in read_by]
    if as_json:
        document = {"folder": str(where), "recordings": [one.told() for one in tried], "without_recording": without}
        print_json(document)
    else:
        show(tried, written=update)
        _sum_up(where, tried, without)
    if any(one.taken is None or one.taken.errors or (one.differences and not update) for one in tried):
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def record(
    address: Address,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, NAME.snmprec.")],
    port: Port = 161,
    community: CommunityName = "public",
    snmp_version: SnmpVersion = None,
    v3_user: V3User = None,
    v3_auth: V3Auth = None,
    v3_auth_key: V3AuthKey = None,
    v3_priv: V3Priv = None,
    v3_priv_key: V3PrivKey = None,
    root: Annotated[
        list[str] | None, typer.Option(help="Walk only below this OID; may be repeated. Default: 1.3.6.1, LLDP, LAG.")
    ] = None,
    timeout: Timeout = 2.0,
    retries: Retries = 2,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds for the whole recording.")] = 1800.0,
    max_objects: Annotated[int, typer.Option(min=1, max=1_000_000, help="Stop after so many objects.")] = 200_000,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Record an agent: walk it whole, and write what it says to a file, without what should not be told.

    Names, places, contacts, mail addresses, telephones, serial numbers, descriptions of ports, addresses of hosts and
    hardware, the community and what stands behind the word password are masked; tables of users, communities,
    neighbours' addresses, routes and processes are not asked for. What a vendor keeps in objects of its own nobody
    can know: read the file before you hand it on.

    Exit codes: 0 the whole agent, 1 a part of it (the file has it), 2 wrong use, 3 no answer or log-in refused.
    """
    if output.exists() and not force:
        raise UsageError(f"{output} exists; --force overwrites it")
    if not output.parent.is_dir():
        raise UsageError(f"{output.parent}: no such folder")
    login = credentials_of(snmp_version, community, v3_user, v3_auth, v3_auth_key, v3_priv, v3_priv_key)
    agent = Agent(resolve(address), login, port, timeout, retries)
    roots = tuple(_oid(text) for text in root) if root else (recordings.LLDP, recordings.IEEE_802, recordings.WHOLE)
    made = asyncio.run(
        recordings.record(agent, roots, max_objects, deadline, lambda n: complain(f"{n} objects …"), _serials())
    )
    partial = output.with_name(output.name + ".part")
    partial.write_text("".join(line + "\n" for line in written(made.objects)), encoding="ascii")
    partial.replace(output)
    complain(
        f"{output}: {counted(len(made.objects), 'object')}, {made.masked} of them masked; "
        f"{counted(made.left_out, 'table')} left out (users, routes, neighbours' addresses, processes and the like)"
    )
    complain("Read it before you hand it on: what a vendor keeps in objects of its own is not known to noc.")
    if made.cut is None:
        complain(f"Next: noc profile test --recordings {output.parent}, noc profile new {output}")
    if made.cut is not None:
        complain(f"The recording is not whole: {made.cut}")
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def new(
    recording: Annotated[Path, typer.Argument(metavar="RECORDING", help="A recording, NAME.snmprec.")],
    title: Annotated[str, typer.Option(help="What people call the family, the maker first.")] = "New family",
    profiles: OwnProfiles = None,
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
        at = "" if recording.parent == output.parent / "recordings" else f" --recordings {recording.parent}"
        complain(f"{output}: a beginning. Try it: noc profile test --profiles {output.parent}{at}")


def _try(path: Path, known: Mapping[str, Profile]) -> Tried:
    """Poll one recording. A file that is none, or answers nothing, is told with the others."""
    try:
        taken = asyncio.run(recordings.poll(_read(path), known, SystemClock()))
    except (InputError, ReachError) as error:
        return Tried(path, None, failure=str(error))
    return Tried(path, taken, differences(path, taken))


def _write(tried: Sequence[Tried]) -> None:
    for one in tried:
        if one.taken is not None:
            file = expected_of(one.path)
            try:
                file.write_text(json.dumps(lasting(one.taken), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"{file}: {(error.strerror or str(error)).lower()}") from error


def _sum_up(where: Path, tried: Sequence[Tried], without: Sequence[str]) -> None:
    """Say what was tested, and what was not."""
    read_by = {one.profile for one in tried if one.profile}
    compared = sum(one.differences is not None for one in tried)
    wrong = sum(one.is_wrong for one in tried)
    complain("")
    complain(
        f"{counted(len(tried), 'recording')} of {where}, read by {counted(len(read_by), 'profile')}; "
        f"{compared} held against what is expected, {wrong} with something wrong"
    )
    if without:
        complain(f"No recording here is read by {counted(len(without), 'profile')}: {', '.join(without)}")
    if where == recordings.own_recordings():
        complain("These recordings come with noc. A folder of more: --recordings FOLDER, or NOC_RECORDINGS.")


def _read(path: Path) -> Recording:
    recording = recordings.read_recording(path)
    for finding in recording.findings[:3]:
        complain(str(finding))
    if len(recording.findings) > 3:
        complain(f"{path}: {counted(len(recording.findings) - 3, 'more line is', 'more lines are')} left out")
    return recording


def _values(recording: Recording) -> dict[Oid, Plain]:
    found: dict[Oid, Plain] = {}
    for row in recording.objects:
        value = row.value
        if isinstance(value, bytes):
            found[row.oid] = text_or_octets(value)
        elif isinstance(value, tuple):
            found[row.oid] = ".".join(map(str, value))
        elif isinstance(value, int | str):
            found[row.oid] = value
    return found


def _serials() -> tuple[Oid, ...]:
    """Return the objects that the shipped MIB files call serial numbers, of whichever vendor."""
    objects = load_names([shipped("profiles")]).objects
    return tuple(_oid(thing.oid) for name, thing in objects.items() if "serial" in name.lower())


def _oid(text: str) -> Oid:
    parts = text.strip(".").split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"--root {text}: not an OID such as 1.3.6.1.4.1.9")
    return tuple(map(int, parts))
