"""The SNMP collector: asks a device for what its profile names, and answers with one Reading.

A poll goes by what is known of the agent, if that is valid (`_snmp_known`); else, or when the agent shows that it
changed, it is a discovery (`_snmp_discovery`). What was read before a timeout or the deadline is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from collectors._ports import Collector, Doors, Target
from collectors._snmp_discovery import Discovery
from collectors._snmp_known import Changed, after_discovery, after_poll, fits, likely, poll_known
from collectors._snmp_talk import Talk
from noc.clock import Clock
from noc.inventory.layers import AUTO_PROFILE
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import GENERIC, INTERFACE_TABLES
from noc.model.budget import UNBOUNDED, Extent, Grant
from noc.model.reading import Failure, FailureKind, Known, PartFailure, Reading
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, Memory, SnmpSession, SpentError


@dataclass(frozen=True, slots=True)
class SnmpTarget:
    """What to ask, and how long it may take.

    profile: a name, or None to find the one that fits. known: of the agent, from earlier Readings. grant: what the poll
    may ask for and take.
    """

    agent: Agent
    deadline_s: float
    profile: str | None = None
    known: Known | None = None
    grant: Grant = UNBOUNDED


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Snmp(doors)


@dataclass(frozen=True, slots=True)
class Snmp:
    """Reads a device by its profile."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Ask for all that the profile names, within the check's deadline."""
        device, doors = target.device, self.doors
        if target.snmp is None:
            raise ValueError(f"device '{device.id}' has no SNMP credentials")
        watch = device.watch
        agent = Agent(str(device.address), target.snmp, device.snmp_port, watch.timeout.total_seconds(), watch.retries)
        profile = None if watch.profile == AUTO_PROFILE else watch.profile
        return await collect(
            SnmpTarget(agent, target.check.deadline_s, profile, target.known, target.grant),
            doors.profiles,
            doors.clock,
            doors.poller,
            doors.agents,
        )


async def collect(
    target: SnmpTarget, profiles: Mapping[str, Profile], clock: Clock, poller: str, agents: Memory | None = None
) -> Reading:
    """Ask a device once. Whatever the device does, the answer is a Reading. agents: what is remembered of them."""
    started_at, started = clock.now(), clock.monotonic()
    poll = _Poll(target, profiles, clock, agents)
    failure: Failure | None = None
    try:
        async with asyncio.timeout(target.deadline_s):
            await poll.run()
    except TimeoutError:
        reason = f"not finished in {target.deadline_s:g} s, the deadline of a poll"
        failure = poll.interrupted(Failure(FailureKind.TIMEOUT, f"{target.agent.address}: {reason}"))
    except SpentError as error:
        failure = poll.interrupted(Failure(error.kind, target.grant.reason))
    except WireError as error:
        failure = poll.interrupted(error.failure)
    finally:
        poll.session.close()
    return Reading(
        check="snmp",
        address=target.agent.address,
        poller=poller,
        started_at=started_at,
        duration_s=clock.monotonic() - started,
        failure=failure,
        parts=tuple(poll.talk.parts),
        snmp=None if failure else poll.talk.answer(),
        known=poll.known,
        octets=poll.session.octets,
        engine=poll.session.engine,
        line=poll.session.line,
    )


class _Poll:
    """One poll. talk: what was read; known: what is known of the agent from now on, None where nothing new is."""

    def __init__(
        self, target: SnmpTarget, profiles: Mapping[str, Profile], clock: Clock, agents: Memory | None
    ) -> None:
        before = target.known
        if before is not None and not fits(before, profiles, target.profile):
            before = None
        most = before.oids_per_request if before is not None else 0
        agent = replace(target.agent, octets_at_most=target.grant.octets)
        self.session = SnmpSession(replace(agent, oids_per_request=most) if most else agent, agents)
        self.talk = Talk(self.session, target.profile or GENERIC)
        self.known: Known | None = None
        self._target = target
        self._profiles = profiles
        self._clock = clock
        self._before = before
        self._spare: Talk | None = None
        self._discovery: Discovery | None = None

    async def run(self) -> None:
        """Read the agent. Raises WireError when it is gone."""
        await self.session.open()
        before, changed = self._before, None
        if self._by_known and before is not None:
            self.talk.profile = before.profile
            profile, extent = self._profiles[before.profile], self._target.grant.extent
            changed = await poll_known(self.talk, profile, before, extent)
            if changed is None or extent is not Extent.ALL:
                self.talk.tell_faults()
                self.known = after_poll(self.talk, before, changed)
                self._tell_again(before)
                self._tell_left_out(profile, changed)
                return
            self._start_again(before, changed)
        at = self._clock.now()
        whole = self._target.grant.extent is not Extent.STATUS
        if before is not None and changed is None and whole:
            self.session.look_anew()
        had = likely(before) if before is not None else {}
        self._discovery = Discovery(self.talk, self._profiles, self._target.profile, had, whole=whole)
        await self._discovery.run()
        self._discovery.tell_ends()
        self.talk.tell_faults()
        if whole:
            self.known = after_discovery(self.talk, self._target.profile is not None, at, before, changed)
        else:
            self._tell_left_out(self._discovery.profile, None)

    @property
    def _by_known(self) -> bool:
        """Return whether to go by what is known: also when a discovery is due that the budget does not allow."""
        before = self._before
        return before is not None and (before.valid or self._target.grant.extent is not Extent.ALL)

    def _tell_left_out(self, profile: Profile, changed: Changed | None) -> None:
        """Tell what the budget left out: tables, and what may have come since the last discovery."""
        grant = self._target.grant
        if grant.extent is Extent.STATUS:
            left = ", ".join(table.name for table in profile.tables if table.name not in INTERFACE_TABLES)
            self.talk.parts.append(PartFailure(left, grant.reason))
        if changed is not None:
            reason = f"{grant.reason}; the device shows that it changed, and is not looked at anew"
            self.talk.parts.append(PartFailure("rediscovery", reason))

    def _start_again(self, before: Known, changed: Changed) -> None:
        if changed.vanished:  # all that is left was read: better than a discovery that is not finished
            self.talk.tell_faults()
            self._tell_again(before)
            self._spare = self.talk
        self.talk = Talk(self.session, self._target.profile or GENERIC)
        self.session.faults.clear()

    def _tell_again(self, before: Known) -> None:
        """Tell what was missing at the discovery, and was not asked for again."""
        self.talk.parts.extend(part for part in before.parts if part not in self.talk.parts)

    def interrupted(self, failure: Failure) -> Failure | None:
        """Return the failure if nothing was read; else note what is missing and keep the rest."""
        if self._spare is not None:
            self.talk = self._spare
            return None
        by_known = self._discovery is None and self._by_known
        if by_known and self._before is not None:
            self.known = replace(self._before, valid=self._target.grant.octets is not None)  # look at the next poll
        if self.talk.interrupted(failure) is not None:
            return failure
        if self._discovery is not None:
            self._discovery.tell_ends()
        self.talk.tell_faults()
        if by_known and self._before is not None:
            self._tell_again(self._before)
        return None
