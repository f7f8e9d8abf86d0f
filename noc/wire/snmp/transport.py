"""One request and its answer: the only module that knows gufo-snmp (ADR 0002).

Stands on gufo's socket classes rather than on its SnmpSession, because only they tell a walk that left the table
(RFC 3416: a later name came) from one that ended with endOfMibView, which broken agents send half-way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from gufo.snmp import _fast
from gufo.snmp import user as gufo_user

from noc.model.reading import FailureKind, Raw
from noc.wire.errors import WireError
from noc.wire.snmp.model import Agent, Community, User

T = TypeVar("T")

RECEIVE_BUFFER_BYTES: Final = 256 * 1024

_Socket = _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket | _fast.SnmpV3ClientSocket
Position = _fast.GetIter
"""Where a walk stands."""

_AUTH_KEYS: Final = {
    "MD5": gufo_user.Md5Key,
    "SHA-1": gufo_user.Sha1Key,
    "SHA-224": gufo_user.Sha224Key,
    "SHA-256": gufo_user.Sha256Key,
    "SHA-384": gufo_user.Sha384Key,
    "SHA-512": gufo_user.Sha512Key,
}
_PRIV_KEYS: Final = {
    "DES": gufo_user.DesKey,
    "AES-128": gufo_user.Aes128Key,
    "AES-192": gufo_user.Aes192Key,
    "AES-256": gufo_user.Aes256Key,
}


class Transport:
    """Sends one request at a time to one agent and waits for the answer, with retries.

    requests: datagrams sent. answered: whether an answer came at all. unreadable: how many answers in a row, up to the
    last one, could not be understood.
    """

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._socket: _Socket | None = None
        self._fd = -1
        self._loop: asyncio.AbstractEventLoop | None = None  # while it watches the socket
        self._waiting: asyncio.Future[None] | None = None
        self.requests = 0
        self.answered = False
        self.unreadable = 0

    @property
    def batched(self) -> bool:
        """Return whether many objects fit one request: not with v1, where one missing object voids an answer."""
        return not (isinstance(self._agent.credentials, Community) and self._agent.credentials.version == "1")

    async def open(self) -> None:
        """Open the socket; with v3 also find the engine and log in (RFC 3414, section 4).

        Raises WireError: timeout, refused, or auth when the user is unknown or a key is wrong.
        """
        agent = self._agent
        where = f"[{agent.address}]:{agent.port}" if ":" in agent.address else f"{agent.address}:{agent.port}"
        credentials = agent.credentials
        try:
            if isinstance(credentials, User):
                self._attach(_fast.SnmpV3ClientSocket(where, b"", "", 0, b"", 0, b"", 0, 0, RECEIVE_BUFFER_BYTES, 0))
                await self._log_in(credentials)
            elif credentials.version == "1":
                self._attach(_fast.SnmpV1ClientSocket(where, credentials.community, 0, 0, RECEIVE_BUFFER_BYTES, 0))
            else:
                self._attach(_fast.SnmpV2cClientSocket(where, credentials.community, 0, 0, RECEIVE_BUFFER_BYTES, 0))
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            reason = (error.strerror or str(error)).lower()
            raise WireError(FailureKind.REFUSED, f"{agent.address}: no way to the device: {reason}") from error

    def _attach(self, socket: _Socket) -> None:
        self._socket = socket
        self._fd = socket.get_fd()

    async def _log_in(self, user: User) -> None:
        await self._refresh("discovery of the engine")
        keys = _keys(user)
        self._v3_socket().set_keys(
            user.name, keys.get_auth_alg(), keys.get_auth_key(), keys.get_priv_alg(), keys.get_priv_key()
        )
        if user.auth is not None:
            try:
                await self._refresh("log-in")
            except WireError as error:
                if error.kind is not FailureKind.TIMEOUT:
                    raise
                # An agent that found its engine but does not answer the log-in has dropped it (RFC 3414, 3.2).
                reason = f"the agent answers, but not to user '{user.name}': unknown user, wrong key or protocol"
                raise WireError(FailureKind.AUTH, f"{self._agent.address}: {reason}") from error

    def close(self) -> None:
        """Give the socket back: nothing but `self._socket` refers to it, not even the frames of an exception."""
        self._look_away()
        self._socket = None
        self._fd = -1

    async def get(self, oids: list[str], what: str) -> dict[str, Raw]:
        """Return the values that the agent gives: not for objects that it lacks, and none at all after an error."""
        return await self._exchange(
            lambda: self._open_socket().send_get_many(oids), lambda: self._open_socket().recv_get_many(), what
        )

    def start(self, column: str, max_repetitions: int) -> Position:
        """Return the position before the first object of a column."""
        return Position(column, max_repetitions) if self.batched else Position(column)

    async def next(self, position: Position, what: str) -> Sequence[tuple[str, Raw] | None]:
        """Return the objects that follow, None where they leave the column.

        Raises StopAsyncIteration when there are none: endOfMibView, noSuchName of v1, or an error. After an answer
        that can't be understood the position is of no more use: gufo-snmp has moved it into that answer.
        """
        if self.batched:
            return await self._exchange(
                lambda: self._open_socket().send_get_bulk(position),
                lambda: self._open_socket().recv_get_bulk(position),
                what,
                again=False,
            )
        item = await self._exchange(
            lambda: self._open_socket().send_get_next(position),
            lambda: self._open_socket().recv_get_next(position),
            what,
            again=False,
        )
        return [item]

    async def _refresh(self, what: str) -> None:
        await self._exchange(lambda: self._v3_socket().send_refresh(), lambda: self._v3_socket().recv_refresh(), what)

    def _open_socket(self) -> _Socket:
        if self._socket is None:
            raise RuntimeError("SnmpSession.open was not awaited")
        return self._socket

    def _v3_socket(self) -> _fast.SnmpV3ClientSocket:
        if not isinstance(self._socket, _fast.SnmpV3ClientSocket):
            raise TypeError("SnmpSession.open was not awaited, or not with a user")
        return self._socket

    async def _exchange(
        self, send: Callable[[], None], receive: Callable[[], T], what: str, *, again: bool = True
    ) -> T:
        """Send and wait for the answer, with retries; after one that can't be understood only if `again`.

        StopAsyncIteration (end of a walk) passes through.
        """
        address = self._agent.address
        garbage = ""
        for _ in range(self._agent.retries + 1):
            self.requests += 1
            try:
                await self._write(send)
                result = await self._read(receive)
            except TimeoutError:
                continue
            except ConnectionRefusedError as error:
                reason = f"{address}: port {self._agent.port} is refused: no SNMP agent listens there"
                raise WireError(FailureKind.REFUSED, reason) from error
            except _fast.SnmpAuthError as error:
                raise WireError(FailureKind.AUTH, f"{address}: the agent refuses the log-in: {error}") from error
            except (_fast.SnmpError, _UnreadableError) as error:
                accident = again and not garbage
                garbage = str(error)
                if not accident:
                    break
            except OSError as error:
                reason = f"{address}: no way to the device: {(error.strerror or str(error)).lower()}"
                raise WireError(FailureKind.REFUSED, reason) from error
            except StopAsyncIteration:
                self.answered, self.unreadable = True, 0
                raise
            else:
                self.answered, self.unreadable = True, 0
                return result
        if garbage:
            self.unreadable += 1
            raise WireError(FailureKind.PROTOCOL, f"{address}: the answer to the {what} can't be understood: {garbage}")
        tries = f"{self._agent.retries + 1} tries of {self._agent.timeout_s:g} s"
        hint = "" if self.answered else ": it is down, filtered, or the credentials are not its own"
        raise WireError(FailureKind.TIMEOUT, f"{address}: no answer to the {what} in {tries}{hint}")

    async def _write(self, send: Callable[[], None]) -> None:
        try:
            send()
        except BlockingIOError:
            loop = asyncio.get_running_loop()
            writable = loop.create_future()
            loop.add_writer(self._fd, _wake, writable)
            try:
                async with asyncio.timeout(self._agent.timeout_s):
                    await writable
            finally:
                loop.remove_writer(self._fd)
            send()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is None:
            loop.add_reader(self._fd, self._readable)
            self._loop = loop

    def _look_away(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._fd)
            self._loop = None

    def _readable(self) -> None:
        if self._waiting is None:
            self._look_away()  # a second answer: it lies there until the next question, and wakes nobody meanwhile
        elif not self._waiting.done():
            self._waiting.set_result(None)

    async def _read(self, receive: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._agent.timeout_s
        while True:
            self._waiting = loop.create_future()
            self._look(loop)
            timer = loop.call_at(deadline, _expire, self._waiting)
            try:
                await self._waiting
            finally:
                timer.cancel()
                self._waiting = None
            try:
                return receive()
            except BlockingIOError:  # somebody else's datagram, or a late answer to an earlier question
                if loop.time() >= deadline:
                    raise TimeoutError from None
            except TimeoutError as error:
                # gufo's word for ICMP port unreachable: our own timer is the only real timeout.
                raise ConnectionRefusedError from error
            except RuntimeError as error:
                raise _UnreadableError(str(error)) from None
            except _panics() as error:
                raise _UnreadableError(str(error)) from None


class _UnreadableError(Exception):
    """An answer at which gufo-snmp failed otherwise than by its own errors."""


def _panics() -> tuple[type[BaseException], ...]:
    """Return the class of Rust's panics, which some hostile answers cause; PyO3 makes it when it is first needed."""
    return tuple(kind for kind in BaseException.__subclasses__() if kind.__name__ == "PanicException")


@lru_cache(maxsize=1024)
def _keys(user: User) -> gufo_user.User:
    """Hash the pass phrases once per user, not once per device: 1 MiB of hashing each (RFC 3414, A.2)."""
    if user.auth is None or not user.auth_key:
        return gufo_user.User(user.name)
    auth = _AUTH_KEYS[user.auth]
    auth_key = auth(auth.get_master_key(user.auth_key.encode()), key_type=gufo_user.KeyType.Master)
    if user.priv is None or not user.priv_key:
        return gufo_user.User(user.name, auth_key=auth_key)
    master = auth.get_master_key(user.priv_key.encode())
    priv_key = _PRIV_KEYS[user.priv](master, key_type=gufo_user.KeyType.Master)
    return gufo_user.User(user.name, auth_key=auth_key, priv_key=priv_key)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _expire(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())
