"""How what the centre does with remote pollers is joined to the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from alerts.tellingsettings import PLAIN_PORT, TLS_PORT, MqttSettings
from noc.app.check import CheckResult
from noc.app.feed import Feed
from noc.app.gathering import Plan
from noc.app.keepers import Known
from noc.app.pollernumbers import PollerNumbers
from noc.app.pollersettings import PollersSettings
from noc.app.polling import Far, Polling
from noc.app.probeplan import PREFIX
from noc.app.probing import FarProbes, Probing
from noc.app.receiving import Receiving
from noc.app.regioncalls import Around, RegionCalls
from noc.app.remote import Ground, Reached, Remote
from noc.app.remotekeeping import Ground as KeepingGround
from noc.app.remotelate import Ground as LateGround
from noc.app.remotelate import Late
from noc.app.remotestatus import behind
from noc.app.remotetaking import Doors
from noc.model.check import Check
from noc.model.event import Event
from noc.model.reading import Reading
from noc.pipeline.ingest import Ingested
from noc.state.eventlog import EventLog
from noc.wire.http import Tls
from noc.wire.mqtt import Broker


def remote_of(
    checked: CheckResult,
    settings: PollersSettings,
    plan: Plan,
    known: Known,
    feed: Feed,
    receiving: Receiving,
    state_dir: Path,
    probing: Probing,
) -> Remote | None:
    """Return it, not started; None where there is no broker. Raises SecretError, UsageError."""
    if settings.broker is None:
        return None
    polling, series, events = known.polling, known.series, receiving.events

    async def filled() -> None:
        series.fanout.flush()
        await series.spool.durable(series.fanout.handed)

    late = Late(state_dir, _late_ground(known, probing, filled))

    def keeping(reach: Reached, hears: Callable[[], int | None], failing: Callable[[], str | None]) -> KeepingGround:
        return KeepingGround(
            database=known.database,
            clock=known.clock,
            state_dir=state_dir,
            inventory=known.inventory,
            reach=reach,
            hears=hears,
            failing=failing,
            put=known.committer.put,
            put_rules=known.committer.put_rules,
            told=lambda transitions: feed(None, Ingested(transitions)),
        )

    centre = known.doors.poller
    ground = Ground(
        centre=centre,
        broker=_broker(settings.broker, checked.folder, centre),
        keeping=keeping,
        doors=_doors(known, probing, late, events),
        events=events,
        late=late,
        survive=(filled, late.on_disk, known.committer.settled),
        join=feed.alerting.engine.join,
    )
    remote = Remote(checked, plan, settings, ground)
    _join(remote, polling, probing)
    region_calls = RegionCalls(_around(remote, known, feed))
    feed.alerting.engine.call_through(region_calls.calls)
    numbers = PollerNumbers(known.clock, remote.rows, feed.fanout.take, feed.alerting.take)
    remote.beside = (region_calls, numbers)
    feed.alerting.engine.know_behind(lambda rule, entity: behind(remote.blind(), rule, entity, known.inventory()))
    known.presence.beside = {**known.presence.beside, "poller": remote.status}
    return remote


def _around(remote: Remote, known: Known, feed: Feed) -> Around:
    return Around(
        clock=known.clock,
        database=known.database,
        settings=lambda: remote.where.settings,
        reach=lambda: remote.taking.reach,
        inventory=known.inventory,
        pollers=lambda: remote.registry,
        linked_ms=lambda: remote.linked_ms,
        orders=lambda: feed.alerting.orders,
        wake=feed.alerting.wake_all,
    )


def _late_ground(known: Known, probing: Probing, filled: Callable[[], Awaitable[None]]) -> LateGround:
    polling, series = known.polling, known.series
    return LateGround(
        database=known.database,
        clock=known.clock,
        inventory=known.inventory,
        profiles=known.doors.profiles,
        context=lambda entity: polling.gathering.plan.context(entity),  # noqa: PLW0108 the plan is another after a reload
        store=series.store,
        numbers=series.fanout.take,
        filled=filled,
        sick=lambda: series.failing,
        several=lambda entity: polling.far.several(entity),  # noqa: PLW0108 made later
        answered=probing.judged,
        place=lambda entity, poller: polling.far.place(entity, poller),  # noqa: PLW0108 made later
    )


def _join(remote: Remote, polling: Polling, probing: Probing) -> None:
    """Have polling and probing know what pollers ask, and from where."""
    where = remote.where
    told = (where.vantage, where.group, where.several, where.place_of)
    polling.far = Far(where.look, *told, remote.keeping.remembered)
    probing.far = FarProbes(where.look, where.takes, where.place)
    remote.spoke = probing.hand_over


def _doors(known: Known, probing: Probing, late: Late, events: EventLog) -> Doors:
    """Return where readings and events of remote pollers go: the doors of what the centre asks itself."""
    polling = known.polling

    def take(check: Check, reading: Reading) -> None:
        (probing if check.entity.startswith(PREFIX) else polling).take(check, reading)

    def is_late(entity: str, poller: str, time_ms: int) -> bool:
        if polling.far.several(entity):
            return polling.views.is_late(entity, poller, time_ms)
        return (probing.statuses if entity.startswith(PREFIX) else known.statuses).is_late(entity, time_ms)

    return Doors(take, late.take, is_late, _door_of(events))


def _door_of(events: EventLog) -> Callable[[Event, Callable[[], None], bool], bool]:
    """Return what takes events that others received; it says whether there was room."""
    return lambda event, kept, quiet: events.has_room and events.put(event, kept, quiet=quiet)


def _broker(settings: MqttSettings, folder: Path, centre: str) -> Broker:
    password = None if settings.password is None else settings.password.resolve(folder).reveal()
    tls = Tls(None if settings.ca_file is None else folder / settings.ca_file).context() if settings.tls else None
    port = settings.port or (TLS_PORT if settings.tls else PLAIN_PORT)
    return Broker(settings.host, port, f"noc-centre-{centre}", settings.username, password, tls)
