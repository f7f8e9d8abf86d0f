"""What answers at an address: ICMP, SNMP with the credentials that may be tried, the version line of SSH.

Never more wrong log-ins than allowed: every datagram that carries a community or a user's proof counts as one, also
when it may merely have got lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from noc.discovery.identify import LogIn
from noc.model.discovery import Way
from noc.model.event import clean
from noc.model.reading import FailureKind
from noc.scheduling.octets import CONNECT, ECHO
from noc.wire.errors import WireError
from noc.wire.icmp import Burst, Pinger
from noc.wire.snmp import Agent, Community, SnmpSession, User
from noc.wire.sshbanner import ssh_banner

SYS_UPTIME: Final = "1.3.6.1.2.1.1.3.0"
TRIES: Final = 2
"""How often a set of credentials that brings no answer is tried: the first datagram may have got lost."""
PINGS: Final = 2
BANNER_AT_MOST: Final = 255


class Verdict(Enum):
    """What came of trying to log in."""

    ACCEPTED = "accepted"
    WRONG = "wrong"  # the agent says so
    SILENT = "silent"
    NO_AGENT = "no agent"  # the port is closed


@dataclass(frozen=True, slots=True)
class Manner:
    """How an address is asked. ping: who answers no ping is asked nothing else. wrong_log_ins: at most so many."""

    timeout_s: float
    snmp_port: int
    ssh_port: int
    wrong_log_ins: int
    ping: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What answered at an address.

    login: that was accepted. banner: of SSH. wrong: log-ins that were not accepted. untried: sets of credentials that
    were left out, so as not to lock noc out. octets: on the wire, as of `Asked`.
    """

    address: str
    ways: tuple[Way, ...] = ()
    login: LogIn | None = None
    banner: str | None = None
    wrong: int = 0
    untried: tuple[str, ...] = ()
    octets: int = 0


@dataclass(slots=True)
class _Attempts:
    """The log-ins of one address. octets: that they took."""

    left: int
    wrong: int = 0
    octets: int = 0
    tried: set[str] = field(default_factory=set)


class Prober:
    """Asks addresses. credentials: the sets that are tried, in this order, by name."""

    def __init__(self, pinger: Pinger, credentials: Sequence[tuple[str, Community | User]], manner: Manner) -> None:
        self._pinger = pinger
        self._credentials = tuple(credentials)
        self._manner = manner

    async def ask(self, address: str, known: LogIn | None = None) -> Heard:
        """Return what answers at an address. known: the one log-in to try there; none is guessed then.

        Raises PingerError where noc may not ping.
        """
        ways: list[Way] = []
        octets = CONNECT
        if self._manner.ping:
            answers = await self._pings(address)
            if not answers:
                return Heard(address, octets=ECHO * PINGS)
            octets += ECHO * (PINGS + answers)
            ways.append("icmp")
        attempts = _Attempts(self._manner.wrong_log_ins)
        logging_in = asyncio.create_task(self._log_in(address, known, attempts))
        try:
            banner = await self._banner(address)
            login = await logging_in
        finally:
            logging_in.cancel()
        ways += ["snmp"] if login is not None else []
        ways += ["ssh"] if banner is not None else []
        untried = [name for name, _ in self._credentials if name not in attempts.tried]
        left_out = () if login is not None or known is not None or attempts.left else tuple(untried)
        return Heard(address, tuple(ways), login, banner, attempts.wrong, left_out, octets + attempts.octets)

    async def _pings(self, address: str) -> int:
        """Return how many echo requests were answered."""
        rtts = await self._pinger.burst(Burst(address, count=PINGS, timeout_s=self._manner.timeout_s))
        return sum(rtt is not None for rtt in rtts)

    async def _banner(self, address: str) -> str | None:
        try:
            return clean(await ssh_banner(address, self._manner.ssh_port, self._manner.timeout_s), BANNER_AT_MOST)
        except WireError:
            return None

    async def _log_in(self, address: str, known: LogIn | None, attempts: _Attempts) -> LogIn | None:
        if known is not None:
            logins = [known]
        else:
            agent = Agent(address, Community(""), self._manner.snmp_port, self._manner.timeout_s, retries=0)
            logins = [LogIn(name, replace(agent, credentials=how)) for name, how in self._credentials]
        for _ in range(TRIES):
            for login in tuple(logins):
                if attempts.left <= 0:
                    return None
                attempts.tried.add(login.name)
                verdict = await _try(login, attempts)
                if verdict is Verdict.ACCEPTED:
                    return login
                if verdict is Verdict.NO_AGENT:
                    attempts.tried.update(one.name for one in logins)
                    return None
                if verdict is Verdict.WRONG:
                    logins.remove(login)
        return None


async def _try(login: LogIn, attempts: _Attempts) -> Verdict:
    """Ask for sysUpTime, once. What is not accepted is taken off the attempts that are left."""
    session = SnmpSession(replace(login.agent, retries=0))
    proved = isinstance(login.agent.credentials, Community)
    verdict = Verdict.SILENT
    try:
        await session.open()
        proved = True
        answered = await session.get([SYS_UPTIME])
        verdict = Verdict.ACCEPTED if answered else Verdict.WRONG  # an error-status: no access
    except WireError as error:
        verdict = _verdict(error.kind)
    finally:
        attempts.octets += session.octets
        session.close()
    if verdict in (Verdict.WRONG, Verdict.SILENT) and (proved or verdict is Verdict.WRONG):
        # The first datagram of version 3 finds the engine, and proves nothing: not counted while no engine answers.
        attempts.left -= 1
        attempts.wrong += 1
    return verdict


def _verdict(kind: FailureKind) -> Verdict:
    if kind is FailureKind.AUTH:
        return Verdict.WRONG
    if kind is FailureKind.REFUSED:
        return Verdict.NO_AGENT
    # What can't be understood was sent by something that is no agent noc can use.
    return Verdict.SILENT if kind is FailureKind.TIMEOUT else Verdict.NO_AGENT
