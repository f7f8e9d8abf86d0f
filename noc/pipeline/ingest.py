"""The one entrance for Readings: local, remote, received. Pure: what comes of a Reading is returned.

Liveness becomes Transitions, numbers become Samples; a check that is not of liveness says nothing of up and down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from noc.inventory.profiles.cli import Catalogue
from noc.inventory.profiles.compiled import Profile
from noc.model.check import Check
from noc.model.forwarding import Forwarding
from noc.model.instants import to_ms, to_s
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.model.snapshot import Snapshot
from noc.model.transition import Transition
from noc.pipeline.cli import CliViews
from noc.pipeline.links import SatelliteLinks
from noc.pipeline.normalise import samples
from noc.pipeline.partwatch import Judged
from noc.pipeline.portaddresses import forwarding
from noc.pipeline.probes import probe_samples
from noc.pipeline.rates import InterfaceRates
from noc.pipeline.slow import without
from noc.pipeline.snapshot import snapshot
from noc.pipeline.status import Result, Statuses
from noc.pipeline.views import Views

Context = Callable[[str], Mapping[str, str]]
"""Entity to the tags that the inventory knows of it: site, region, device_class."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of one Reading. snapshot: of a device that was read by SNMP.

    failing: a part of it that was up fails; another look soon would tell whether it is down. forwarding: what a switch
    has learnt on its ports.
    """

    transitions: tuple[Transition, ...] = ()
    samples: tuple[Samples, ...] = ()
    snapshot: Snapshot | None = None
    failing: bool = False
    forwarding: Forwarding | None = None


class Ingest:
    """Takes Readings. statuses: the memory of liveness that it feeds. judge: what a poll says of a device's parts.

    catalogue: what answers by SSH mean. by_ssh: whether a device is asked by SSH too. several: makes one result of what
    pollers at several places saw. place: what the series say of where a poller looks at an entity from, by the names of
    both; empty where they say nothing.
    """

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        statuses: Statuses,
        context: Context,
        judge: Callable[[Check, Reading, Snapshot], Judged] = lambda *_: Judged(),
        catalogue: Callable[[], Catalogue] = dict,
        by_ssh: Callable[[str], bool] = lambda _: True,
        several: Views | None = None,
        place: Callable[[str, str], str] = lambda *_: "",
    ) -> None:
        self._several = several
        self._place = place
        self._profiles = profiles
        self._statuses = statuses
        self._context = context
        self._judge_parts = judge
        self._rates = InterfaceRates()
        self._links = SatelliteLinks()
        self._views = CliViews(catalogue, by_ssh)

    def take(self, check: Check, reading: Reading) -> Ingested:
        """Return what comes of a Reading."""
        transitions = self._judge(check, reading) if check.liveness else ()
        if reading.ssh is not None:
            return self._told_by_ssh(check, reading)
        if reading.snmp is None or reading.snmp.profile not in self._profiles:
            place = self._place(check.entity, reading.poller)
            tags = {**self._context(check.entity), **({"vantage": place} if place else {})}
            numbers = probe_samples(reading, tags)
            return Ingested(transitions, numbers, forwarding=forwarding(reading))
        profile = self._profiles[reading.snmp.profile]
        taken = self._with_link(check.entity, snapshot(reading, profile), reading)
        ages_s = reading.snmp.ages_s
        fresh = _fresh(taken, snapshot(reading, without(profile, ages_s))) if ages_s else taken
        at_s = to_s(reading.started_at)
        rates = self._rates.take(check.entity, taken, at_s)
        context = self._context(check.entity)
        judged = self._judge_parts(check, reading, taken)
        transitions = (*transitions, *judged.transitions)
        whole = self._views.take_snmp(check.entity, taken, reading.started_at)
        return Ingested(transitions, samples(fresh, reading.started_at, context, rates), whole, judged.failing)

    def forget(self, entity: str) -> None:
        """Drop what is remembered of a device that is no longer watched."""
        if self._several is not None:
            self._several.forget(entity)
        self._rates.forget(entity)
        self._links.forget(entity)
        self._views.forget(entity)

    def _with_link(self, entity: str, taken: Snapshot, reading: Reading) -> Snapshot:
        """Return a snapshot with what time adds to its satellite values."""
        if not taken.satellite:
            return taken
        over_time = self._links.take(entity, taken.satellite, to_ms(reading.started_at))
        return replace(taken, satellite={**taken.satellite, **over_time})

    def _told_by_ssh(self, check: Check, reading: Reading) -> Ingested:
        """Return what answers by SSH tell beside SNMP."""
        context = self._context(check.entity)
        numbers = probe_samples(reading, context)
        told = self._views.take_ssh(check.entity, reading)
        if told is None:
            return Ingested((), numbers)
        new, whole = told
        judged = self._judge_parts(check, reading, new)
        return Ingested(
            judged.transitions, (*numbers, *samples(new, reading.started_at, context)), whole, judged.failing
        )

    def _judge(self, check: Check, reading: Reading) -> tuple[Transition, ...]:
        time_ms = to_ms(reading.started_at)
        seen = Result(check.entity, time_ms, reading.failure is None, check.kind, reading.poller)
        return tuple(self._statuses.take(seen)) if self._several is None else self._several.judge(seen, self._statuses)


def _fresh(taken: Snapshot, read: Snapshot) -> Snapshot:
    """Return what was read now, by the names that its sensors have among all of the device."""
    names = {sensor.oid: sensor.name for sensor in taken.sensors}
    sensors = tuple(replace(sensor, name=names.get(sensor.oid, sensor.name)) for sensor in read.sensors)
    return replace(read, sensors=sensors, satellite=taken.satellite)
