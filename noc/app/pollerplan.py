"""A poller's plan: sealed on disk, as it came, and unpacked in memory; read by the code that reads noc.yaml.

What holds credentials lies open only in a folder that is in memory and that nobody else may enter, and goes with the
poller. A plan that can't be used leaves the last good one in use.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from noc.app.gathering import Plan, resolved
from noc.app.includes import read_merged
from noc.app.paths import near
from noc.app.probeplan import ProbePlan, probe_plan_of
from noc.app.settings import RootSettings, known_names, layers_of, validated
from noc.app.shell import ssh_logins
from noc.bus.plans import MEMBERS, SETTINGS, PlanText, digest, members_of
from noc.inventory.events.compiled import EventBook
from noc.inventory.events.load import load_events
from noc.inventory.inventory import Inventory
from noc.inventory.load import load_inventory
from noc.inventory.profiles.cli import FOLDER as CLI_FOLDER
from noc.inventory.profiles.cli import cli_names
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.kept import kept_cli, kept_profiles
from noc.inventory.shipped import Kind, shipped
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.spool.cursor import sync_folder

FILE: Final = "plan.sealed"
_WHERE: Final = "plan.folder"
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 a folder of our own is made in it


@dataclass(frozen=True, slots=True)
class PollerPlan:
    """A plan as it is used. digest: of its files. made_ms: when the centre made it. folder: where it is unpacked.

    settings: those of the plan, with the poller's own folder for state. ground: what tells whether collectors have to
    be made anew for it. budget: octets an hour of the link; None: no bound. members: names of the group's pollers;
    None: not told. probes: end points of the group, and what it takes to ask them.
    """

    digest: str
    made_ms: int
    folder: Path
    settings: RootSettings
    plan: Plan
    profiles: Mapping[str, Profile]
    events: EventBook
    templates: tuple[Path, ...]
    ground: str
    budget: int | None
    members: frozenset[str] | None = None
    probes: ProbePlan = field(default_factory=ProbePlan)

    @property
    def inventory(self) -> Inventory:
        """Return all devices of the group, also those that others poll."""
        return self.plan.inventory


class PlanFile:
    """The plan on the disk, as the centre sealed it."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE

    def load(self) -> bytes | None:
        """Return it; None where there is none yet. Raises OSError."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, octets: bytes) -> None:
        """Have it on disk when this returns. Raises OSError; then the one before it is there."""
        write_whole(self.path, octets)


def write_whole(path: Path, octets: bytes) -> None:
    """Put a file in place of another, for its owner alone, on disk when this returns. Raises OSError."""
    fresh = path.with_suffix(".new")
    with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


class Unpacked:
    """The folder in memory that plans are unpacked into, each into one of its own. state_dir: remembers where it is."""

    def __init__(self, state_dir: Path, environment: Mapping[str, str]) -> None:
        self._note = state_dir / _WHERE
        self._runtime = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._fallback = state_dir
        self._folder: Path | None = None

    def open(self) -> None:
        """Make the folder; what a killed process left is removed. Raises OSError."""
        self._remove_left()
        place = Path(self._runtime) if self._runtime else _IN_MEMORY
        place = place if os.access(place, os.W_OK | os.X_OK) else self._fallback
        self._folder = Path(tempfile.mkdtemp(prefix="noc-plan-", dir=place))  # for its owner alone
        write_whole(self._note, os.fsencode(self._folder))

    def close(self) -> None:
        """Remove it."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            with suppress(OSError):
                self._note.unlink()
        self._folder = None

    def put(self, plan: PlanText) -> Path:
        """Unpack a plan and return its folder. Raises OSError."""
        if self._folder is None:
            raise ValueError("the folder of plans isn't open")
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        for name, octets in plan.files.items():
            path = folder / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(octets)
        return folder

    def drop(self, folder: Path) -> None:
        """Remove a plan that isn't used."""
        shutil.rmtree(folder, ignore_errors=True)

    def _remove_left(self) -> None:
        with suppress(OSError):
            left = Path(os.fsdecode(self._note.read_bytes()))
            known = left.lstat()
            if left.name.startswith("noc-plan-") and known.st_uid == os.geteuid() and left.is_dir():
                shutil.rmtree(left, ignore_errors=True)


def read_plan(text: PlanText, folder: Path, group: str, state_dir: Path) -> PollerPlan:
    """Return the plan that was unpacked into a folder. Raises InputError with all findings, SecretError."""
    config = near(folder / SETTINGS)
    merged, _, unread = read_merged(config, {})
    root = validated(merged)
    findings: list[Finding] = [*unread, *root.findings]
    folders = profile_folders(root.settings, folder)
    profiles, wrong_profiles = kept_profiles(folders)
    cli, wrong_cli = kept_cli(folders)
    names = {path.stem for one in folders for path in one.glob("*.yaml")}
    events, wrong_events = load_events(_folders("events", root.settings.events, folder))
    known = known_names(merged, names, cli_names(folders))
    loaded = load_inventory(near(folder / root.settings.inventory), layers_of(root, merged), known, {})
    findings += [*wrong_profiles, *wrong_cli, *wrong_events, *loaded.findings]
    wrong = [one for one in findings if one.level == "error"]
    if wrong or root.wrong or loaded.inventory is None:
        raise InputError(wrong or findings)
    settings = root.settings.model_copy(update={"state_dir": state_dir.absolute()})
    plan = Plan(
        loaded.inventory,
        resolved(settings.credentials, folder),
        ssh_logins(settings.credentials, folder),
        cli,
    )
    known_group = settings.pollers.groups.get(group)
    return PollerPlan(
        digest=digest(text.files),
        made_ms=text.made_ms,
        folder=folder,
        settings=settings,
        plan=plan,
        profiles=profiles,
        events=events,
        templates=tuple((one / CLI_FOLDER).absolute() for one in reversed(folders)),
        ground=_ground(text, settings),
        budget=None if known_group is None else known_group.budget,
        members=members_of(text.files),
        probes=probe_plan_of(loaded.inventory, folder),
    )


def profile_folders(settings: RootSettings, folder: Path) -> list[Path]:
    """Return the folder of shipped profiles, and that of a plan's own. folder: of the plan."""
    return _folders("profiles", settings.profiles, folder)


def _ground(text: PlanText, settings: RootSettings) -> str:
    """Return what is another when anything is but devices and how to log in to them."""
    lists = (f"{settings.inventory}/", "secrets/")
    rest = (one for one in text.files.items() if one[0] not in (SETTINGS, MEMBERS) and not one[0].startswith(lists))
    files = dict(rest)
    return digest(files) + repr((settings.polling, settings.ssh))


def _folders(kind: Kind, own: Path | None, folder: Path) -> list[Path]:
    """Return the folder of shipped data, and that of the plan."""
    return [near(shipped(kind))] if own is None else [near(shipped(kind)), near(folder / own)]
