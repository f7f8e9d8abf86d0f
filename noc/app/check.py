"""`noc check`: everything that people wrote, looked at in one run. Nothing is started, nothing is raised.

The daemon starts from the same result, so what it runs is what was checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from alerts.oncallcalendar import with_calendars
from alerts.reach import policy_names, unreached
from alerts.rules.compiled import Rules
from alerts.rules.load import known_to_rules, load_rules
from alerts.tellingsettings import TOKEN_LENGTH
from noc.app.alerting import wrong_notifiers
from noc.app.enrolling import enrolled_in
from noc.app.includes import Merged, Steps, read_merged
from noc.app.linebudgets import lines
from noc.app.paths import in_the_way, near, state_folder
from noc.app.series import store_of
from noc.app.settings import RootSettings, Validated, known_names, layers_of, validated
from noc.app.shell import wrong_host_keys
from noc.app.wrongaccounts import wrong_accounts
from noc.app.wrongbudgets import wrong_budgets, wrong_lines
from noc.app.wrongdiscovery import wrong_discovery
from noc.app.wrongendpoints import wrong_endpoints
from noc.app.wrongfarendpoints import wrong_far_endpoints
from noc.app.wrongobjectives import wrong_objectives
from noc.app.wrongoncall import as_far_as_right, uncovered, wrong_oncall
from noc.app.wrongpollers import wrong_pollers
from noc.app.wrongreceivers import wrong_receivers
from noc.app.wrongreports import wrong_reports
from noc.app.wrongsegmentation import wrong_segmentation
from noc.app.wronguplink import wrong_uplink
from noc.clock import SystemClock
from noc.inventory.credentials import MIN_KEY_CHARACTERS
from noc.inventory.events.compiled import NOTHING, EventBook
from noc.inventory.events.load import load_events
from noc.inventory.inventory import Inventory
from noc.inventory.load import Loaded, load_inventory
from noc.inventory.profiles.cli import FOLDER as CLI_FOLDER
from noc.inventory.profiles.cli import Catalogue, cli_names
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.kept import kept_cli, kept_profiles
from noc.inventory.shipped import Kind, shipped
from noc.inventory.watches import Known
from noc.inventory.written import WrittenNames
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.model.instants import to_ms
from noc.settings.secrets import SecretError, SecretRef, SecretReference
from noc.settings.written import mapping, text
from noc.settings.yamltext import SECRET_KEY, UNSET, Data

_CAUSES = (UNSET, "unknown tag ")
"""How findings begin after which nothing can be said of the value at the same place."""

_REFERENCE: TypeAdapter[SecretRef] = TypeAdapter(SecretReference, config=ConfigDict(arbitrary_types_allowed=True))


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What `check` found.

    settings, inventory, profiles: None, None and those that are right, when there is an error in them.
    folder: where relative paths and `!secret file:` start from. files: all that were read. devices, sites: how many
    are written, right or wrong. device_files: where each device is written. merged: the settings with their places;
    None where they can't be read. rules: that are right and enabled. cli: what can be asked by SSH;
    templates: folders of TextFSM templates. events: names and rules of what devices send. roster: hours of the coming
    year in which nobody is on call, and what is wrong in calendars of shifts. `noc check` fails on these; noc starts
    all the same, for it must not stay away because somebody's calendar ends in eleven months.
    """

    findings: tuple[Finding, ...]
    settings: RootSettings | None
    inventory: Inventory | None
    profiles: Mapping[str, Profile]
    folder: Path
    files: tuple[Path, ...]
    devices: int = 0
    sites: int = 0
    device_files: Mapping[str, str] = field(default_factory=dict)
    merged: Merged | None = None
    rules: Rules = field(default_factory=Rules)
    events: EventBook = NOTHING
    cli: Catalogue = field(default_factory=dict)
    templates: tuple[Path, ...] = ()
    roster: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is an error; warnings are allowed."""
        return all(finding.level != "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a checker looks at: everything as far as it is right, and where things stand in the files.

    Names and references are looked up in `merged`, as they are written: a wrong key must hide nothing else.
    """

    settings: RootSettings
    merged: Merged
    folder: Path
    environment: Mapping[str, str]
    profiles: Mapping[str, Profile]
    inventory: Inventory | None


Checker = Callable[[Checked], Iterable[Finding]]


def unresolved_secrets(checked: Checked) -> Iterator[Finding]:
    """Yield references to secrets that can't be resolved, and SNMPv3 passwords that are too short."""
    for path, ref in _secrets(checked.merged.data, ()):
        try:
            secret = ref.resolve(checked.folder, checked.environment)
        except SecretError as error:
            yield checked.merged.place(*path).finding(str(error))
            continue
        if path[-1] in ("auth_key", "priv_key") and len(secret.reveal()) < MIN_KEY_CHARACTERS:
            message = f"secret '{ref}': SNMPv3 needs a password of {MIN_KEY_CHARACTERS} characters or more"
            yield checked.merged.place(*path).finding(message)
        if path[:2] == ("alerts", "sources") and len(secret.reveal()) < TOKEN_LENGTH:
            message = f"secret '{ref}': a token of another system needs {TOKEN_LENGTH} characters or more"
            yield checked.merged.place(*path).finding(message)


def blocked_state_dir(checked: Checked) -> Iterator[Finding]:
    """Yield a state folder that can never be one. Whether noc may write there is told at its start, by who it is."""
    folder = state_folder(checked.folder, checked.settings)
    file = in_the_way(folder)
    if file is not None:
        message = f"state_dir: {file} is a file, not a folder: move it away, or name another folder here"
        yield checked.merged.place("state_dir").finding(message)


def wrong_known_hosts(checked: Checked) -> Iterator[Finding]:
    """Yield what is wrong with the known_hosts file that the settings name."""
    known_hosts = text(mapping(checked.merged.data, "ssh"), "known_hosts")
    if known_hosts is not None and "\0" not in known_hosts:
        yield from wrong_host_keys(near(checked.folder / known_hosts))


def wrong_store(checked: Checked) -> Iterator[Finding]:
    """Yield what is wrong with the settings of the store."""
    if not isinstance(checked.merged.data.get("store", {}), dict):
        return  # the model says so
    try:
        store_of(checked.merged)
    except InputError as error:
        yield from error.findings


def wrong_alerts(checked: Checked) -> Iterator[Finding]:
    """Yield policies that reach nobody, and what is wrong with the settings of notifiers."""
    yield from unreached(checked.merged.data.get("alerts"), checked.merged)
    notifiers = mapping(mapping(checked.merged.data, "alerts"), "notifiers")
    yield from wrong_notifiers(checked.merged, [name for name, data in notifiers.items() if isinstance(data, dict)])


def wrong_schedules(checked: Checked) -> Iterator[Finding]:
    """Yield names in schedules, desks, teams and holidays that there are not."""
    yield from wrong_oncall(checked.settings.alerts, checked.merged, mapping(checked.merged.data, "alerts"))


def wrong_reception(checked: Checked) -> Iterator[Finding]:
    """Yield what is wrong with the receivers of traps and syslog, beside the form of their settings."""
    yield from wrong_receivers(checked.merged, checked.inventory, checked.folder)


def wrong_search(checked: Checked) -> Iterator[Finding]:
    """Yield sets of credentials that discovery is to try and that there are not, or that have no snmp part."""
    yield from wrong_discovery(checked.merged)


def exposed_pages(checked: Checked) -> Iterator[Finding]:
    """Yield a warning where pages and API are open to other machines and nothing says that a proxy encrypts the way."""
    http = mapping(checked.merged.data, "http")
    listen, base_url = text(http, "listen"), text(http, "base_url")
    if base_url is not None and base_url.startswith("https:"):
        return
    with suppress(ValueError):  # of what is no address the model says so
        if listen is not None and not ip_address(listen).is_loopback:
            message = (
                f"http.listen: other machines reach {listen} without encryption, and log-ins can be read on the way; "
                "put a proxy with TLS in front and give its https address as http.base_url, or listen on 127.0.0.1"
            )
            yield replace(checked.merged.place("http", "listen").finding(message), level="warning")


def accounts(checked: Checked) -> Iterator[Finding]:
    """Yield regions that groups of an identity provider open and that there are not, and groups that give no role."""
    oidc = checked.settings.http.accounts.oidc
    if oidc is not None:
        yield from wrong_accounts(
            oidc, checked.settings.http.base_url, checked.merged, checked.folder, checked.inventory
        )


def endpoints(checked: Checked) -> Iterator[Finding]:
    """Yield what is wrong with end points beside their schema."""
    if checked.inventory is not None:
        where = str(near(checked.folder / checked.settings.inventory))
        yield from wrong_endpoints(checked.inventory, where, checked.folder, checked.environment)
        yield from wrong_far_endpoints(checked.settings.pollers, checked.inventory, where, checked.folder)
        yield from wrong_budgets(checked.inventory, where)
        pollers = enrolled_in(state_folder(checked.folder, checked.settings))
        centre = checked.settings.polling.poller
        yield from wrong_lines(lines(checked.settings.pollers, checked.inventory, pollers, centre), where)
        yield from wrong_uplink(checked.settings.polling.uplink, checked.merged, checked.inventory)


def objectives(checked: Checked) -> Iterator[Finding]:
    """Yield objectives of what there is not, and what is promised twice."""
    yield from wrong_objectives(checked.merged, checked.inventory)


def scheduled_reports(checked: Checked) -> Iterator[Finding]:
    """Yield reports that can't be made, and people who can't get them."""
    yield from wrong_reports(checked.settings.reports, checked.merged, checked.inventory)


def segmentation(checked: Checked) -> Iterator[Finding]:
    """Yield segments that there are not, or that are empty, and statements that nobody can prove."""
    poller = checked.settings.polling.poller
    yield from wrong_segmentation(checked.merged, checked.inventory, poller, SystemClock().now())


def remote_pollers(checked: Checked) -> Iterator[Finding]:
    """Yield groups of pollers that poll nothing, and what is wrong with their broker."""
    state_dir, centre = state_folder(checked.folder, checked.settings), checked.settings.polling.poller
    yield from wrong_pollers(checked.merged, checked.inventory, checked.folder, state_dir, centre)


CHECKERS: tuple[Checker, ...] = (
    unresolved_secrets,
    blocked_state_dir,
    wrong_known_hosts,
    wrong_store,
    wrong_alerts,
    wrong_schedules,
    wrong_reception,
    wrong_search,
    exposed_pages,
    accounts,
    endpoints,
    objectives,
    scheduled_reports,
    segmentation,
    remote_pollers,
)
"""Everything that is checked beside files, schema and inventory. A new one is added here."""


def check(config: Path, environment: Mapping[str, str]) -> CheckResult:
    """Read and check the settings and all that they lead to.

    config: noc.yaml. environment: for `${NAME}` and `!secret env:…`.
    Bad input of any kind is a finding with its place, in file order; nothing is raised.
    """
    config = near(config)
    folder = config.parent
    try:
        merged, files, unread = read_merged(config, environment)
    except InputError as error:
        return CheckResult(error.findings, None, None, {}, folder, (config,))
    root = validated(merged)
    profiles, profile_names, profile_findings = _profiles(root.settings, merged, folder)
    profile_folders, _ = _folders("profiles", root.settings.profiles, merged, folder)
    cli, cli_findings = kept_cli(profile_folders)
    known = known_names(merged, profile_names, cli_names(profile_folders))
    loaded = _inventory(root, merged, folder, known, environment)
    now_ms = to_ms(SystemClock().now())
    alerts = as_far_as_right(mapping(merged.data, "alerts"), merged) if "alerts" in root.wrong else root.settings.alerts
    alerts, roster = with_calendars(alerts, folder, now_ms, merged)
    roster += uncovered(alerts, merged, now_ms)
    settings = root.settings.model_copy(update={"alerts": alerts})
    checked = Checked(settings, merged, folder, environment, profiles, loaded.inventory)
    rules, rule_findings = _rules(root.settings, merged, folder, loaded.names)
    findings = [*unread, *root.findings, *profile_findings, *cli_findings, *rule_findings, *loaded.findings]
    event_folders, event_findings = _folders("events", root.settings.events, merged, folder)
    events, wrong_events = load_events(event_folders)
    findings += [*event_findings, *wrong_events]
    for checker in CHECKERS:
        findings += checker(checked)
    return CheckResult(
        findings=tuple(sorted(_first_causes(findings))),
        settings=None if root.wrong or unread else settings,
        inventory=_marked(loaded.inventory, simulated=root.settings.simulated),
        profiles=profiles,
        folder=folder,
        files=(*files, *loaded.files),
        devices=loaded.devices,
        sites=loaded.sites,
        device_files=loaded.device_files,
        merged=merged,
        rules=rules,
        events=events,
        cli=cli,
        templates=tuple((one / CLI_FOLDER).absolute() for one in reversed(profile_folders)),
        roster=tuple(sorted(roster)),
    )


def _marked(inventory: Inventory | None, *, simulated: bool) -> Inventory | None:
    return replace(inventory, simulated=True) if inventory is not None and simulated else inventory


def _first_causes(findings: Iterable[Finding]) -> set[Finding]:
    """Return all findings but those about a value that couldn't be had at all."""
    found = set(findings)
    unset = {(one.file, one.line, one.column) for one in found if one.message.startswith(_CAUSES)}
    return {one for one in found if one.message.startswith(_CAUSES) or (one.file, one.line, one.column) not in unset}


def _inventory(root: Validated, merged: Merged, folder: Path, known: Known, environment: Mapping[str, str]) -> Loaded:
    if "inventory" in root.wrong:
        return Loaded(None, (), (), 0, 0)
    path = near(folder / root.settings.inventory)
    if "inventory" in merged.data and not path.is_dir():
        return Loaded(None, (merged.place("inventory").finding(f"no such folder: {path}"),), (), 0, 0)
    return load_inventory(path, layers_of(root, merged), known, environment)


def _profiles(
    settings: RootSettings, merged: Merged, folder: Path
) -> tuple[Mapping[str, Profile], set[str], list[Finding]]:
    """Return the profiles that are right, the names of all, and what is wrong with them."""
    folders, findings = _folders("profiles", settings.profiles, merged, folder)
    names = {path.stem for folder in folders for path in folder.glob("*.yaml")}
    profiles, wrong = kept_profiles(folders)
    return profiles, names, [*findings, *wrong]


def _rules(settings: RootSettings, merged: Merged, folder: Path, names: WrittenNames) -> tuple[Rules, list[Finding]]:
    """Return the rules that are right, and what is wrong with them."""
    folders, findings = _folders("rules", settings.rules, merged, folder)
    rules, wrong = load_rules(folders, known_to_rules(names, policy_names(merged.data.get("alerts"))))
    return Rules(rules.values()), [*findings, *wrong]


def _folders(kind: Kind, own: Path | None, merged: Merged, folder: Path) -> tuple[list[Path], list[Finding]]:
    """Return the folder of shipped data, and that of the user's own."""
    folders = [near(shipped(kind))]
    if own is None:
        return folders, []
    path = near(folder / own)
    if not path.is_dir():
        return folders, [merged.place(kind).finding(f"no such folder: {path}")]
    return [*folders, path], []


def _secrets(data: Data, path: Steps) -> Iterator[tuple[Steps, SecretRef]]:
    """Yield every reference in the settings, also in parts of them that are wrong."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _secrets(item, (*path, index))
    elif isinstance(data, dict) and SECRET_KEY in data:
        try:
            yield path, _REFERENCE.validate_python(data)
        except ValidationError:
            return  # the model says so
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _secrets(value, (*path, key))
