"""What the API and the pages read and whom they ask; built by noc.app, which alone knows all rooms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol, TypeVar

from alerts.answers import Answers
from alerts.calendarlinks import CalendarLinks
from alerts.inbound import Inbound
from alerts.policies import AlertSettings
from noc.access.access import Access
from noc.availability.objectives import Targets
from noc.availability.policy import Period
from noc.availability.replay import Answer
from noc.availability.standings import Standings
from noc.availability.statement import Statement
from noc.clock import Clock
from noc.http.assetbook import AssetBook
from noc.http.beat import Beat
from noc.http.described import Described
from noc.http.itself import Itself
from noc.http.rehearsals import Rehearsals
from noc.http.ruleroom import RuleRoom
from noc.http.searching import Search
from noc.http.tour import Tour
from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.budget import BudgetNow
from noc.model.evidence import JudgedNow, RawPoll
from noc.model.finding import Finding
from noc.model.poller import PollerNow
from noc.model.ports import SeriesSource
from noc.model.present import Made, PollNow, Present
from noc.pipeline.circuituse import UseNow
from noc.pipeline.endpoints import Last
from noc.pipeline.segmentation import Wall
from noc.pipeline.services import ServiceNow
from noc.reports.frame.asked import Answer as Answered
from noc.reports.frame.asked import Asked, Issue
from noc.reports.frame.run import ReportRun
from noc.reports.render.files import Format
from noc.state.database import Database, Transaction
from noc.topology import Topology


@dataclass(frozen=True, slots=True)
class Health:
    """How one part of the daemon is. said: one sentence for an operator; empty where all is well.

    needed: without it noc is not ready; False for what is somebody else's, and what waits safely.
    """

    part: str
    ok: bool
    said: str = ""
    needed: bool = True


_Result = TypeVar("_Result")


class Desk(Protocol):
    """Where people do something with an incident: what they can do is in alerts/desk.py."""

    async def do(self, incident: int | None, act: Callable[[Transaction, int], Awaitable[_Result]]) -> _Result:
        """Do something in one transaction; `act` is given it, and the time. All who listen to an incident hear after.

        Raises what `act` raises, and then nothing is done; StateError where it can't be written.
        """
        ...


class Applications(Protocol):
    """What is known of end points and services now."""

    def endpoint(self, entity: str) -> Last | None:
        """Return the last word of an end point; None before its first."""
        ...

    def service(self, entity: str) -> ServiceNow | None:
        """Return a service now; None where it is none."""
        ...


class Objectives(Protocol):
    """What is promised, and how it stands."""

    @property
    def targets(self) -> Targets:
        """Return what is promised of everything now."""
        ...

    async def standings(self, text: str, zone: str | None = None) -> Standings:
        """Return how all objectives stand in a period: `2026-11`, `2026-Q4`, `30d`, or `month`, the running one.

        zone: where days begin at midnight; default: what the settings say. Raises PeriodError where there is no such
        period or zone, or it is still to come; StateError.
        """
        ...


class Reports(Protocol):
    """Issues reports, and makes files of those that were issued."""

    async def issue(self, asked: Asked) -> Issue:
        """Make a report and keep it. Raises UsageError where it can't be made, StateError."""
        ...

    def begin(self, asked: Asked) -> ReportRun:
        """Begin to make a report; ask for its number how far it is. Raises ConflictError where too many are made."""
        ...

    def run(self, number: int) -> ReportRun | None:
        """Return a report that is being made, or was; None where it is forgotten."""
        ...

    async def ended(self, number: int, within_s: float) -> ReportRun | None:
        """Return one as it is when it is over, or after a while."""
        ...

    async def get(self, number: int) -> tuple[Issue, Answered]:
        """Return an issue by its id. Raises LookupError where there is none, UsageError where it is damaged."""
        ...

    async def file(self, number: int, form: Format, tag: str) -> tuple[str, bytes]:
        """Return name and content of a file of an issue. tag: of a language. Raises NocError, LookupError."""
        ...


class NoApplications:
    """Where nothing is asked."""

    def endpoint(self, _: str) -> Last | None:
        """Return None."""
        return None

    def service(self, _: str) -> ServiceNow | None:
        """Return None."""
        return None


NO_APPLICATIONS: Final = NoApplications()


def no_budgets(_: str) -> BudgetNow | None:
    """Return None: where nothing has a budget."""
    return None


class Stated(Protocol):
    """Figures as measured and as corrected, with causes and with what they were made from."""

    async def __call__(self, entity: str, period: Period, known: int | None = None) -> Statement | None:
        """Return a statement that holds the figures of an entity, or of `network`; None where there are none of it.

        At most half a minute old, or, with `known`, from records of the ledger up to this number. Raises StateError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """inventory, reload: as of the last good reload, and what was wrong with the last one (nothing: all was well).

    availability: measured figures of a period from the ledger, by sites, regions and the network. stated: all that can
    be said of a period. health: of each part.
    look: says that somebody looks at a device that wasn't read yet, so that it is read soon.
    objectives: what is promised of everything, and how it stands. reports: issues reports; None where nobody does.
    target_pct: the availability that is promised of the network, in percent; None: nothing is.
    mailbox: the folder of the demo's mailbox, one `.eml` or `.json` a message; tour: what it shows; both None in a real
    house. simulated: nothing is real.
    budget: how the byte budget of a site or circuit stands, by entity; None where it has none.
    engine_twins: other devices with the SNMPv3 engine id of a device, by entity. troubles: what is wrong with noc
    itself, a sentence each. polls: how the checks of a device went last, by entity. answers: takes what people answer
    to messages, inbound what other systems tell; None where nobody does. people: the settings of people and schedules,
    as of the last good reload. rehearsals: plays scenarios; None where nobody does.
    places: what each place saw last of what is looked at from several, (time in ms, whether it was well), by its name.
    segmentation: what must not reach what. rules: looks at rules, and tries changes; None where nobody does. pollers:
    remote ones, by name. itself: tells of noc itself; None where nobody does. judged: how an entity is judged, with its
    last results. made: what a device said that it is. raw: all that the last poll of a device brought, as it came. use:
    how full a circuit is. topology: what hangs on what; None: only as people wrote it. changes: a number that is
    another one when a status or an incident has changed; None where nobody counts. beat: when pages are told of
    changes; None where nobody tells them. described: the description of the API.
    calendar_links: makes addresses that calendar programs read; None where there are none.
    """

    clock: Clock
    database: Database
    access: Access
    series: SeriesSource
    present: Present
    desk: Desk
    inventory: Callable[[], Inventory]
    reload: Callable[[], tuple[Finding, ...]]
    availability: Callable[[Period], Awaitable[Answer]]
    stated: Stated
    objectives: Objectives
    health: Callable[[], tuple[Health, ...]]
    look: Callable[[str], None] = lambda _: None
    simulated: bool = False
    target_pct: Fraction | None = None
    mailbox: Path | None = None
    tour: Tour | None = None
    applications: Applications = NO_APPLICATIONS
    budget: Callable[[str], BudgetNow | None] = no_budgets
    engine_twins: Callable[[str], tuple[str, ...]] = lambda _: ()
    troubles: Callable[[], tuple[str, ...]] = lambda: ()
    polls: Callable[[str], tuple[PollNow, ...]] = lambda _: ()
    reports: Reports | None = None
    answers: Answers | None = None
    inbound: Inbound | None = None
    people: Callable[[], AlertSettings] = AlertSettings
    rehearsals: Rehearsals | None = None
    segmentation: Callable[[], tuple[Wall, ...]] = tuple
    rules: RuleRoom | None = None
    pollers: Callable[[], tuple[PollerNow, ...]] = tuple
    places: Callable[[str], Mapping[str, tuple[int, bool]]] = lambda _: {}
    topology: Callable[[], Topology] | None = None
    judged: Callable[[str], JudgedNow | None] = lambda _: None
    raw: Callable[[str], RawPoll | None] = lambda _: None
    use: Callable[[Circuit], UseNow | None] = lambda _: None
    itself: Itself | None = None
    search: Search = field(default_factory=Search)
    made: Callable[[str], Made | None] = lambda _: None
    calendar_links: CalendarLinks | None = None
    assets: AssetBook = field(default_factory=AssetBook)
    described: Described = field(default_factory=Described)
    changes: Callable[[], int | None] = lambda: None
    beat: Beat | None = None
