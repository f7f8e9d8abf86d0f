"""SNMP liveness: does the agent answer to sysUpTime? For devices that answer no ICMP (`liveness: snmp`).

An answer is one that can be decoded, to this question: also that the agent lacks the object, or an error. What can't be
decoded is none, whoever sent it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from collectors._ports import Collector, Doors, Target
from noc.model.reading import Failure, FailureKind, Raw, Reading, SnmpAnswer
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, Fault, ForbiddenError, SnmpSession

SYS_UPTIME = "1.3.6.1.2.1.1.3.0"


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Uptime(doors)


@dataclass(frozen=True, slots=True)
class Uptime:
    """Asks for sysUpTime; an agent that answers, but has or gives it not, is alive too."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Ask once, with the device's retries."""
        clock, device = self.doors.clock, target.device
        address = str(device.address)
        if target.snmp is None:
            raise ValueError(f"device '{device.id}' has no SNMP credentials")
        started_at, started = clock.now(), clock.monotonic()
        watch = device.watch
        agent = Agent(address, target.snmp, device.snmp_port, watch.timeout.total_seconds(), watch.retries)
        agent = replace(agent, octets_at_most=target.grant.octets, soon=False)
        session = SnmpSession(agent, self.doors.agents)
        failure: Failure | None = None
        scalars: dict[str, Raw] = {}
        try:
            async with asyncio.timeout(target.check.deadline_s):
                await session.open()
                answer = await session.get([SYS_UPTIME])
            if session.faults.get(SYS_UPTIME) is Fault.GARBAGE:
                reason = f"{address}: the answer to the GET of sysUpTime can't be understood; see to its SNMP agent"
                failure = Failure(FailureKind.PROTOCOL, reason)
            elif SYS_UPTIME in answer:
                scalars["sysUpTime"] = answer[SYS_UPTIME]
        except TimeoutError:
            failure = Failure(FailureKind.TIMEOUT, f"{address}: no answer in {target.check.deadline_s:g} s")
        except WireError as error:
            failure = None if isinstance(error, ForbiddenError) else error.failure
        finally:
            session.close()
        return Reading(
            check="uptime",
            address=address,
            poller=self.doors.poller,
            started_at=started_at,
            duration_s=clock.monotonic() - started,
            failure=failure,
            snmp=None if failure else SnmpAnswer("", scalars),
            octets=session.octets,
            engine=session.engine,
        )
