"""noc itself: its parts, what waits in it, what it takes of its machine, and its settings beside the files."""

from __future__ import annotations

from aiohttp import web

from noc.api._endpoint import Endpoint
from noc.api._shapes import Moment, Shape
from noc.http.acting import acting, for_all_regions
from noc.http.itself import Itself
from noc.http.problems import not_found
from noc.http.sources import Sources


class PartItem(Shape):
    """A part of noc, as /readyz names it."""

    part: str
    ok: bool
    needed: bool
    """Without it noc is not ready."""
    said: str | None
    """What is wrong, one sentence."""


class ChecksItem(Shape):
    """How checks go, since noc began."""

    overdue_s: float
    """How late the next one is."""
    due: int
    started: int
    missed: int
    """Fell due while the last run went on."""
    held: int
    """That silent devices were spared."""
    left_out: int
    """By a byte budget."""


class QueuesItem(Shape):
    """What waits."""

    ledger: int
    """Changes of state that are not on disk yet."""
    ledger_shed: int
    """That were lost for want of room."""
    spool_batches: int
    spool_values: int
    spool_oldest: Moment | None
    spool_bytes: int
    spool_budget: int
    outbox: int
    """Messages to people that are not sent."""
    outbox_due: Moment | None
    """When the first of them is, or was, due."""
    set_aside: int
    """Damaged rows that alerting passed over."""


class RoundsItem(Shape):
    """The rounds of alerting since noc began."""

    rounds: int
    handled: int
    faults: int
    last: Moment | None


class FileItem(Shape):
    """A file of the state, or a folder with all in it."""

    name: str
    size: int
    """Bytes."""


class SystemItem(Shape):
    """noc itself."""

    at: Moment
    began: Moment
    ready: bool
    """What /readyz says."""
    parts: list[PartItem]
    checks: ChecksItem
    queues: QueuesItem
    rounds: RoundsItem
    files: list[FileItem]
    free_bytes: int
    """What the disk of the state has left."""
    store: str
    memory_bytes: int
    memory_peak_bytes: int
    threads: int
    reload_tried: Moment | None
    """When the last reload was; null: none since noc began."""
    reload_good: Moment
    """Since when the settings in use are."""
    reload_errors: int
    """Of the last reload; 0: it is in use."""
    versions: dict[str, str]


class DifferenceItem(Shape):
    """A setting that is another in the files than in use; secrets are `<hidden>`."""

    path: str
    in_use: str | None
    in_files: str | None
    after_restart: bool
    """A reload doesn't take it."""


class SettingsItem(Shape):
    """Settings in use beside those in the files."""

    differences: list[DifferenceItem]
    total: int
    wrong: list[str]
    """Why files can't be read."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of noc itself."""

    async def system(_: web.Request) -> SystemItem:
        return await _system(sources, _known(sources))

    async def settings(request: web.Request) -> SettingsItem:
        for_all_regions(request)
        await sources.access.looks.note(acting(request), "the settings")
        found = await _known(sources).settings()
        items = [
            DifferenceItem(path=one.path, in_use=one.in_use, in_files=one.in_files, after_restart=one.after_restart)
            for one in found.differences
        ]
        return SettingsItem(differences=items, total=found.total, wrong=list(found.wrong))

    said = "Settings in use beside those in the files."
    return [
        Endpoint("GET", "/system", "noc itself.", system, SystemItem),
        Endpoint("GET", "/system/settings", said, settings, SettingsItem, right="administer"),
    ]


def _known(sources: Sources) -> Itself:
    if sources.itself is None:
        raise not_found("system here")
    return sources.itself


async def _system(sources: Sources, itself: Itself) -> SystemItem:
    now, health = await itself.now(), sources.health()
    queues, checks, rounds = now.queues, now.checks, now.rounds
    return SystemItem(
        at=now.at_ms,
        began=now.began_ms,
        ready=all(part.ok for part in health if part.needed),
        parts=[PartItem(part=one.part, ok=one.ok, needed=one.needed, said=one.said or None) for one in health],
        checks=ChecksItem(**{name: getattr(checks, name) for name in ChecksItem.model_fields}),
        queues=QueuesItem(
            ledger=queues.ledger,
            ledger_shed=queues.ledger_shed,
            spool_batches=queues.spool_batches,
            spool_values=queues.spool_values,
            spool_oldest=queues.spool_oldest_ms,
            spool_bytes=queues.spool_bytes,
            spool_budget=queues.spool_budget,
            outbox=queues.outbox,
            outbox_due=queues.outbox_due_ms,
            set_aside=queues.set_aside,
        ),
        rounds=RoundsItem(rounds=rounds.rounds, handled=rounds.handled, faults=rounds.faults, last=rounds.last_ms),
        files=[FileItem(name=one.name, size=one.size) for one in now.files],
        free_bytes=now.free,
        store=now.store,
        memory_bytes=now.memory,
        memory_peak_bytes=now.peak,
        threads=now.threads,
        reload_tried=now.reload.tried_ms,
        reload_good=now.reload.good_ms,
        reload_errors=sum(finding.level == "error" for finding in sources.reload()),
        versions=dict(now.versions),
    )
