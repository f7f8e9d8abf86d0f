"""The shell service: conversations over SSH, each in a thread of a small pool.

netmiko blocks, hence the threads. A conversation that is cancelled or takes too long is cut from outside: its socket is
shut down, which wakes whatever waits for it, and the thread ends within seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from noc.clock import Clock
from noc.model.command import Command
from noc.model.errors import NocError
from noc.model.reading import FailureKind
from noc.wire.errors import WireError, is_ours
from noc.wire.ssh.hostkeys import HostKeys
from noc.wire.ssh.request import MAX_OUTPUT_BYTES, Link, Output, Patience, Request, SshLogin

log = logging.getLogger(__name__)

STOP_PATIENCE_S = 10.0
"""How long `stop` waits for threads; one takes 3 s at most to see that its link was cut."""


class ShellError(NocError):
    """The shell service itself can't. That is no evidence of any device."""


class Shell:
    """Logs in to devices and runs commands: a service, with at most `max_sessions` conversations at once."""

    def __init__(self, host_keys: HostKeys, clock: Clock, max_sessions: int = 16) -> None:
        self._host_keys = host_keys
        self._clock = clock
        self._max_sessions = max_sessions
        self._free = asyncio.Semaphore(max_sessions)
        self._pool: ThreadPoolExecutor | None = None
        self._links: dict[asyncio.Future[tuple[Output, ...]], Link] = {}

    @property
    def sessions(self) -> int:
        """Return how many threads are in a conversation now, those included that were cut and have not ended yet."""
        return len(self._links)

    async def start(self) -> None:
        """Read the known host keys. Raises InputError or HostKeyFileError when that fails."""
        await asyncio.to_thread(self._host_keys.load)
        self._pool = ThreadPoolExecutor(self._max_sessions, thread_name_prefix="ssh")

    async def stop(self) -> None:
        """Cut all conversations and wait for their threads."""
        pool, self._pool = self._pool, None
        for link in self._links.values():
            link.cut()
        if self._links:
            await asyncio.wait(list(self._links), timeout=STOP_PATIENCE_S)
        if self._links:
            log.error("%d SSH threads did not end in %g s", len(self._links), STOP_PATIENCE_S)
        if pool is not None:
            pool.shutdown(wait=False)

    async def run(
        self,
        address: str,
        login: SshLogin,
        commands: Sequence[Command],
        patience: Patience | None = None,
        room_bytes: int = MAX_OUTPUT_BYTES,
    ) -> tuple[Output, ...]:
        """Log in once, run commands of one platform in order, and return their outputs.

        An output that was cut is the last one: what follows it on the line is not read.
        Raises WireError: timeout, refused (the port), auth (the log-in or the host key) or protocol. Raises ShellError
        when no session is free in time or the service is stopped, HostKeyFileError and InputError as `HostKeys.verify`.
        """
        if len({command.platform for command in commands}) != 1:
            raise ValueError("one conversation needs commands, and all of one platform")
        request = Request(address, login, tuple(commands), patience or Patience(), room_bytes)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + request.patience.total_s
        await self._slot(request, deadline)
        with contextlib.ExitStack() as stack:
            stack.callback(self._free.release)
            link = Link(await _connect(request, deadline))
            work = self._begin(link, request)
            stack.pop_all()  # from now on the thread gives the slot back, when it has really ended
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(work)
        except TimeoutError as error:
            reason = f"not finished in {request.patience.total_s:g} s, the deadline of the check; it was broken off"
            raise WireError(FailureKind.TIMEOUT, f"{request.server}: {reason}") from error
        finally:
            if not work.done():
                link.cut()

    async def _slot(self, request: Request, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._free.acquire()
        except TimeoutError as error:
            reason = f"none of {self._max_sessions} SSH sessions was free in {request.patience.total_s:g} s"
            raise ShellError(f"{request.server} was not asked: {reason}; raise `ssh: max_sessions`") from error

    def _begin(self, link: Link, request: Request) -> asyncio.Future[tuple[Output, ...]]:
        if self._pool is None:
            link.sock.close()
            raise ShellError(f"{request.server} was not asked: the shell service is not running")
        work = asyncio.get_running_loop().run_in_executor(
            self._pool, _converse, link, request, self._host_keys, self._clock.monotonic
        )
        self._links[work] = link
        work.add_done_callback(self._ended)
        return work

    def _ended(self, work: asyncio.Future[tuple[Output, ...]]) -> None:
        del self._links[work]
        self._free.release()
        if not work.cancelled():
            work.exception()  # nobody waits any more for a conversation that was cut


def _converse(link: Link, request: Request, host_keys: HostKeys, monotonic: Callable[[], float]) -> tuple[Output, ...]:
    from noc.wire.ssh.session import converse  # noqa: PLC0415 netmiko takes 0.3 s to import; most runs never log in

    return converse(link, request, host_keys, monotonic)


async def _connect(request: Request, deadline: float) -> socket.socket:
    """Return a connected socket. Raises WireError: timeout or refused."""
    loop = asyncio.get_running_loop()
    connect_s = max(min(request.patience.connect_s, deadline - loop.time()), 0.0)
    family = socket.AF_INET6 if ip_address(request.address).version == 6 else socket.AF_INET
    port = request.login.port
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.setblocking(False)
        try:
            async with asyncio.timeout(connect_s):
                await loop.sock_connect(sock, (request.address, port))
        except TimeoutError as error:
            reason = f"no answer from TCP port {port} in {connect_s:g} s"
            raise WireError(FailureKind.TIMEOUT, f"{request.address}: {reason}") from error
        except OSError as error:
            # asyncio puts "Connect call failed" in place of the system's own words.
            reason = (os.strerror(error.errno) if error.errno else str(error)).lower()
            reason = f"{request.address}: TCP port {port}: {reason}"
            raise WireError(FailureKind.REFUSED, reason, ours=is_ours(error)) from error
        sock.setblocking(True)
        stack.pop_all()
    return sock
