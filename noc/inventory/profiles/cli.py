"""What is asked by SSH on each platform, and what the answers mean: `config/profiles/cli/PLATFORM.yaml`.

The rows of a command are a table whose columns are the names of its TextFSM template, so that sensors, records and
identity are written in the same language as for SNMP (docs/extend/profile.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from noc.inventory.profiles.compile import Compiler, mapping_of
from noc.inventory.profiles.compiled import (
    EntitySensorSpec,
    Expression,
    Object,
    Plain,
    Profile,
    RecordSpec,
    SensorSpec,
    Table,
)
from noc.inventory.profiles.names import Names
from noc.inventory.profiles.names import Path as Steps
from noc.inventory.profiles.text import (
    ColumnText,
    IdentityText,
    IndexText,
    ListName,
    MibText,
    Name,
    RecordText,
    SensorText,
    TableText,
)
from noc.inventory.ssh import CliCheck
from noc.model.command import PLATFORMS, Command, Platform, check_platform
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import Duration, Settings, format_duration, validate
from noc.settings.yamltext import Document, read

FOLDER: Final = "cli"
ROWS: Final = "rows"
"""The table that a command's rows are."""

COUNT: Final = "row_count"
"""A scalar of every command: how many rows there are."""

_OID: Final = "0.0"  # nothing here is asked by it

EVERY: Final = timedelta(minutes=15)
"""How often a command is asked where nothing else is said."""

SOONEST: Final = timedelta(minutes=1)
LATEST: Final = timedelta(days=7)


def _bounded(value: timedelta) -> timedelta:
    if not SOONEST <= value <= LATEST:
        raise ValueError(f"must be between {format_duration(SOONEST)} and {format_duration(LATEST)}")
    return value


Rhythm = Annotated[Duration, AfterValidator(_bounded)]
"""How often something is asked: not more than once a minute, and once a week at least."""


def _file_name(name: str) -> str:
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name.startswith("."):
        raise ValueError(f"'{name}' is not the name of a template; write it without folder and `.textfsm`")
    return name


Proof = Literal["recording", "living", "library", "documentation"]
"""What says that an answer is read rightly: a device's recorded answer, a living device that the tests log in to, the
tests that ntc-templates keeps of its template, or what is written about the command alone."""


class CliCommandText(Settings):
    """A command of a platform."""

    command: str
    """What is asked."""
    proof: Proof = "documentation"
    """What it rests on: a recorded answer, a living device, the tests of ntc-templates, or documentation alone."""
    checks: tuple[CliCheck, ...] = Field(min_length=1)
    """The checks that it belongs to."""
    every: Rhythm | None = None
    """How often, at most. Default: the shortest of `rhythms` for its checks, or 15m."""
    template: Annotated[str, AfterValidator(_file_name)] | None = None
    """Name of its TextFSM template, where it isn't platform and command."""
    columns: tuple[Name, ...] = ()
    """The columns that are used, in small letters."""
    identity: IdentityText = IdentityText()
    """Who the device is, of the first row."""
    sensors: tuple[SensorText, ...] = ()
    """Sensors, a row each; one of `row_count` alone stands for all rows."""
    records: dict[ListName, tuple[RecordText, ...]] = Field(default_factory=dict)
    """Rows of lists; `table: rows` makes one of each row."""


class CliText(Settings):
    """A file of `cli/`. Its name is the platform's."""

    templates: Annotated[str, AfterValidator(_file_name)] | None = None
    """What ntc-templates calls the platform. A platform that noc doesn't know by itself says it."""
    configuration: tuple[str, ...] = ()
    """What shows the configuration, for backups; a second command tells who changed it last. Of a new platform."""
    rhythms: dict[CliCheck, Rhythm] = Field(default_factory=dict)
    """How often the commands of a check are asked, where they don't say it themselves."""
    maps: dict[Name, dict[str, Plain]] = Field(default_factory=dict)
    """What words mean, for all commands of the file: `shared_map` names them."""
    commands: tuple[CliCommandText, ...]
    """What can be asked."""


@dataclass(frozen=True, slots=True)
class CliCommand:
    """A command with its rhythm and its meaning. reads: its rows as if they were the table of an agent."""

    command: Command
    checks: frozenset[CliCheck]
    every: timedelta
    template: str | None
    columns: tuple[str, ...]
    reads: Profile
    proof: Proof = "documentation"


@dataclass(frozen=True, slots=True)
class CliPlatform:
    """A platform. templates: what ntc-templates calls it; None where the parser knows. configuration: what shows it."""

    commands: tuple[CliCommand, ...]
    templates: str | None = None
    configuration: tuple[Command, ...] = ()


Catalogue = Mapping[Platform, CliPlatform]
"""What can be asked by SSH, by platform."""


def cli_names(folders: Sequence[Path]) -> set[Platform]:
    """Return the platforms that there are: those that noc knows by itself, and those of files, right or wrong."""
    return {*PLATFORMS, *(path.stem for folder in folders for path in (folder / FOLDER).glob("*.yaml"))}


def load_cli(folders: Sequence[Path]) -> tuple[Catalogue, list[Finding]]:
    """Return what the files of `cli/` in these folders say, and what is wrong with them.

    A file of a later folder replaces that of the same name. One with an error gives nothing.
    """
    found: dict[Platform, CliPlatform] = {}
    findings: list[Finding] = []
    paths = {path.stem: path for folder in folders for path in sorted((folder / FOLDER).glob("*.yaml"))}
    for name, path in paths.items():
        try:
            platform = check_platform(name)
            document = read(path)
            text = validate(CliText, document)
        except InputError as error:
            findings += error.findings
            continue
        except ValueError as error:
            findings.append(Finding(str(path), 1, 1, "error", f"the file's name: {error}"))
            continue
        compiled, wrong = _compiled(platform, text, document)
        findings += wrong
        if not wrong:
            found[platform] = compiled
    return found, sorted(set(findings))


def _compiled(platform: Platform, text: CliText, document: Document) -> tuple[CliPlatform, list[Finding]]:
    commands: list[CliCommand] = []
    configuration, findings = _configuration(platform, text, document)
    if text.templates is None and platform not in PLATFORMS:
        message = (
            f"'{platform}' is no platform that noc knows{did_you_mean(platform, PLATFORMS)}; a new one says `templates`"
        )
        findings.append(document.place().finding(message))
    for number, one in enumerate(text.commands):
        path: Steps = ("commands", number)
        try:
            command = Command(platform, one.command)
        except ValueError as error:
            findings.append(document.place(*path, "command").finding(str(error)))
            continue
        compiler = _CommandCompiler(one, text.maps, document)
        reads = compiler.reads(one, path)
        findings += compiler.wrong
        every = one.every or min((text.rhythms[check] for check in one.checks if check in text.rhythms), default=EVERY)
        checks = frozenset(one.checks)
        commands.append(CliCommand(command, checks, every, one.template, one.columns, reads, one.proof))
    return CliPlatform(tuple(commands), text.templates, configuration), findings


def _configuration(platform: Platform, text: CliText, document: Document) -> tuple[tuple[Command, ...], list[Finding]]:
    shown: list[Command] = []
    findings: list[Finding] = []
    if text.configuration and platform in PLATFORMS:
        message = f"noc knows by itself what shows the configuration of {platform}; leave it out"
        return (), [document.place("configuration").finding(message)]
    for number, one in enumerate(text.configuration):
        try:
            shown.append(Command(platform, one))
        except ValueError as error:
            findings.append(document.place("configuration", number).finding(str(error)))
    return tuple(shown), findings


class _CommandCompiler:
    """Compiles one command: rows with the names of its columns; the first row, for who the device is, with the same."""

    def __init__(self, text: CliCommandText, maps: Mapping[str, Mapping[str, Plain]], document: Document) -> None:
        columns = {name: ColumnText(id=number, type="string") for number, name in enumerate(text.columns, 1)}
        count = Object(COUNT, _OID, "integer")
        rows = Names(objects={COUNT: count}, maps=dict(maps))
        if columns:
            index = (IndexText(name="row_number"),)
            rows.add(MibText(tables={ROWS: TableText(oid=_OID, index=index, columns=columns)}), document, ())
        first = Names({COUNT: count, **{name: Object(name, _OID, "string") for name in columns}}, maps=dict(maps))
        self._rows = _Parts(rows, document)
        self._first = _Parts(first, document)

    @property
    def wrong(self) -> list[Finding]:
        """Return what is wrong."""
        return [*self._rows.findings, *self._first.findings]

    def reads(self, text: CliCommandText, path: Steps) -> Profile:
        """Return what the rows mean, as a profile."""
        tables = [
            Table(table, _OID, (), (), tuple(columns))
            for table, columns in mapping_of(self._rows.columns(text.columns)).items()
        ]
        return Profile(
            name=text.command,
            title=text.command,
            matches=(),
            identity=self._first.identity(text.identity, path),
            scalars=(),
            tables=tuple(tables),
            sensors=tuple(self._rows.sensor(one, (*path, "sensors", n)) for n, one in enumerate(text.sensors)),
            records={
                name: tuple(self._rows.record(name, one, (*path, "records", name, n)) for n, one in enumerate(rows))
                for name, rows in text.records.items()
            },
        )


class _Parts(Compiler):
    """The compiler of profiles, for parts that stand elsewhere."""

    def identity(self, text: IdentityText, path: Steps) -> dict[str, Expression]:
        """Return who the device is."""
        given = {name: getattr(text, name) for name in IdentityText.model_fields}
        return {
            name: self._label(one, None, (*path, "identity", name)) for name, one in given.items() if one is not None
        }

    def columns(self, names: Sequence[str]) -> dict[str, Object]:
        """Return columns as objects."""
        return {name: self._names.objects[name] for name in names}

    def sensor(self, text: SensorText, path: Steps) -> SensorSpec | EntitySensorSpec:
        """Return a sensor."""
        return self._sensor(text, path)

    def record(self, name: str, text: RecordText, path: Steps) -> RecordSpec:
        """Return a row of a list."""
        return self._record(name, text, path)
