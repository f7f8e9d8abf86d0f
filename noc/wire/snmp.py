"""SNMP v1, v2c and v3: the one door to gufo-snmp (ADR 0002).

gufo-snmp drops error-status (tooBig, genErr, v1 noSuchName) and noSuchObject/noSuchInstance without a word. So every
GET carries a witness, an object that this agent has answered before: an answer without it was an error, and the
question is halved until the culprit is alone; an answer with it tells exactly which objects the agent lacks.

Sessions stand on gufo's socket classes rather than on its SnmpSession, because only they tell a walk that left the
table (RFC 3416: a later name came) from one that ended with endOfMibView, which broken agents send half-way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, TypeVar

from gufo.snmp import _fast
from gufo.snmp import user as gufo_user

from noc.model.reading import FailureKind, Raw
from noc.wire.errors import WireError

T = TypeVar("T")

Version = Literal["1", "2c", "3"]
AuthProtocol = Literal["MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
PrivProtocol = Literal["DES", "AES-128", "AES-192", "AES-256"]

MAX_ROWS: Final = 20_000
"""Rows of one column at which a walk is cut: more is a broken agent or a table that noc has no use for."""

REPETITIONS: Final = (24, 6, 1)
"""max-repetitions of GETBULK, from the first try to the last resort."""

RECEIVE_BUFFER_BYTES: Final = 256 * 1024

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


@dataclass(frozen=True, slots=True)
class Community:
    """Credentials of SNMP v1 and v2c."""

    community: str = field(repr=False)
    version: Literal["1", "2c"] = "2c"


@dataclass(frozen=True, slots=True)
class User:
    """Credentials of SNMPv3 (RFC 3414, RFC 3826, RFC 7860). Keys are pass phrases of at least 8 characters."""

    name: str
    auth: AuthProtocol | None = None
    auth_key: str | None = field(default=None, repr=False)
    priv: PrivProtocol | None = None
    priv_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Agent:
    """Where an agent is and how to talk to it.

    timeout_s: the wait for one answer; retries: further tries after the first.
    """

    address: str
    credentials: Community | User
    port: int = 161
    timeout_s: float = 2.0
    retries: int = 2
    oids_per_request: int = 24


class WalkEnd(StrEnum):
    """Why a walk stopped."""

    COMPLETE = "complete"  # the agent named an object behind the column
    END_OF_VIEW = "end of view"  # the agent says that nothing more exists
    LOOP = "loop"  # names did not increase
    LIMIT = "limit"  # MAX_ROWS
    GARBAGE = "garbage"  # a value that can't be decoded


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk of one column brought: (index, value) in the agent's order, and why it stopped."""

    rows: tuple[tuple[tuple[int, ...], Raw], ...]
    end: WalkEnd


class SnmpSession:
    """A conversation with one agent. One request is in flight at a time; not for several tasks at once."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._socket: _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket | _fast.SnmpV3ClientSocket | None = None
        self._fd = -1
        self._batch = max(agent.oids_per_request, 1)
        self._witness: str | None = None
        self._answered = False
        self.requests = 0

    @property
    def answered(self) -> bool:
        """Return whether the agent has answered at all in this session."""
        return self._answered

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
                empty = (where, b"", "", 0, b"", 0, b"", 0, 0, RECEIVE_BUFFER_BYTES, 0)
                v3 = _fast.SnmpV3ClientSocket(*empty)
                self._attach(v3)
                await self._log_in(v3, credentials)
            elif credentials.version == "1":
                self._attach(_fast.SnmpV1ClientSocket(where, credentials.community, 0, 0, RECEIVE_BUFFER_BYTES, 0))
            else:
                self._attach(_fast.SnmpV2cClientSocket(where, credentials.community, 0, 0, RECEIVE_BUFFER_BYTES, 0))
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            reason = (error.strerror or str(error)).lower()
            raise WireError(FailureKind.REFUSED, f"{agent.address}: no way to the device: {reason}") from error

    def _attach(self, socket: _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket | _fast.SnmpV3ClientSocket) -> None:
        self._socket = socket
        self._fd = socket.get_fd()

    async def _log_in(self, socket: _fast.SnmpV3ClientSocket, user: User) -> None:
        await self._exchange(socket.send_refresh, socket.recv_refresh, "discovery of the engine")
        auth = _AUTH_KEYS[user.auth](user.auth_key.encode()) if user.auth and user.auth_key else None
        priv = _PRIV_KEYS[user.priv](user.priv_key.encode()) if user.priv and user.priv_key else None
        gufo = gufo_user.User(user.name, auth_key=auth, priv_key=priv)
        socket.set_keys(user.name, gufo.get_auth_alg(), gufo.get_auth_key(), gufo.get_priv_alg(), gufo.get_priv_key())
        if auth is not None:
            try:
                await self._exchange(socket.send_refresh, socket.recv_refresh, "log-in")
            except WireError as error:
                if error.kind is not FailureKind.TIMEOUT:
                    raise
                # An agent that found its engine but does not answer the log-in has dropped it (RFC 3414, 3.2).
                reason = f"the agent answers, but not to user '{user.name}': unknown user, wrong key or protocol"
                raise WireError(FailureKind.AUTH, f"{self._agent.address}: {reason}") from error

    def close(self) -> None:
        """Give the socket back."""
        self._socket = None
        self._fd = -1

    async def get(self, oids: Sequence[str]) -> dict[str, Raw]:
        """Return the values of the objects that the agent has; those that it lacks are absent.

        Raises WireError when the agent does not answer, refuses the log-in, or can't be understood at all.
        """
        found: dict[str, Raw] = {}
        waiting = [list(oids[start : start + self._batch]) for start in range(0, len(oids), self._batch)]
        waiting.reverse()
        while waiting:
            batch = waiting.pop()
            if not batch:
                continue
            if len(batch) > self._batch:
                waiting += [batch[self._batch :], batch[: self._batch]]
                continue
            answer = await self._get_once(batch)
            if answer is not None:
                found.update(answer)
            elif len(batch) > 1:
                middle = len(batch) // 2
                self._batch = max(middle, 1) if self._too_big(batch) else self._batch
                waiting += [batch[middle:], batch[:middle]]
        return found

    def _too_big(self, batch: list[str]) -> bool:
        # v1 answers noSuchName for one missing object: its batches are halved for that, not for their size.
        return self.batched and self._witness is not None and len(batch) > 1

    async def _get_once(self, oids: list[str]) -> dict[str, Raw] | None:
        """Ask once. None: the agent answered with an error, or with what can't be decoded."""
        witness = self._witness if self.batched else None
        asked = oids if witness is None or witness in oids else [witness, *oids]
        socket = self._open_socket()
        try:
            answer = await self._exchange(
                lambda: socket.send_get_many(asked), socket.recv_get_many, f"GET of {len(oids)} objects"
            )
        except WireError as error:
            if error.kind is FailureKind.PROTOCOL and self._answered:
                return None
            raise
        if witness is not None and witness not in answer:
            return None
        wanted = set(oids)
        values = {oid: value for oid, value in answer.items() if oid in wanted}
        if witness is None:
            if not values:
                return None
            self._witness = next(iter(values))
        return values

    async def exists(self, subtree: str) -> bool | None:
        """Return whether the agent has anything below an OID; None when it says that nothing exists from there on.

        Raises WireError when the agent does not answer.
        """
        position = _fast.GetIter(subtree, 1) if self.batched else _fast.GetIter(subtree)
        try:
            batch = await self._next(position, subtree)
        except StopAsyncIteration:
            return None if self.batched else False
        except WireError as error:
            if error.kind is FailureKind.PROTOCOL and self._answered:
                return True  # something is there, if unreadable
            raise
        return bool(batch) and batch[0] is not None

    async def walk(self, column: str) -> Walk:
        """Walk one column (or subtree) and return its rows.

        Large answers are asked for first. Where they get lost, or can't be decoded (gufo-snmp reads 4 KiB at most, and
        the objects behind a short table may be large), smaller ones follow.
        Raises WireError when the agent does not answer.
        """
        sizes = REPETITIONS if self.batched else REPETITIONS[-1:]
        for repetitions in sizes[:-1]:
            try:
                walk = await self._walk(column, repetitions)
            except WireError as error:
                if error.kind is not FailureKind.TIMEOUT or not self._answered:
                    raise
                await self.get([self._witness] if self._witness else [])  # silent to this question, or altogether?
                continue
            if walk.end is not WalkEnd.GARBAGE:
                return walk
        return await self._walk(column, sizes[-1])

    async def _walk(self, column: str, max_repetitions: int) -> Walk:
        prefix = f"{column}."
        cut = len(prefix)
        rows: list[tuple[tuple[int, ...], Raw]] = []
        last: tuple[int, ...] = ()
        position = _fast.GetIter(column, max_repetitions) if self.batched else _fast.GetIter(column)
        while True:
            try:
                batch = await self._next(position, column)
            except StopAsyncIteration:
                return Walk(tuple(rows), WalkEnd.END_OF_VIEW)
            except WireError as error:
                if error.kind is FailureKind.PROTOCOL and self._answered:
                    return Walk(tuple(rows), WalkEnd.GARBAGE)
                raise
            if not batch:
                return Walk(tuple(rows), WalkEnd.END_OF_VIEW)
            for item in batch:
                if item is None or not item[0].startswith(prefix):
                    return Walk(tuple(rows), WalkEnd.COMPLETE)
                index = tuple(map(int, item[0][cut:].split(".")))
                if index <= last:
                    return Walk(tuple(rows), WalkEnd.LOOP)
                last = index
                rows.append((index, item[1]))
            if len(rows) >= MAX_ROWS:
                return Walk(tuple(rows), WalkEnd.LIMIT)

    async def _next(self, position: _fast.GetIter, column: str) -> Sequence[tuple[str, Raw] | None]:
        socket = self._open_socket()
        what = f"walk of {column}"
        if self.batched:
            return await self._exchange(
                lambda: socket.send_get_bulk(position), lambda: socket.recv_get_bulk(position), what
            )
        item = await self._exchange(
            lambda: socket.send_get_next(position), lambda: socket.recv_get_next(position), what
        )
        return [item]

    def _open_socket(self) -> _fast.SnmpV1ClientSocket | _fast.SnmpV2cClientSocket | _fast.SnmpV3ClientSocket:
        if self._socket is None:
            raise RuntimeError("SnmpSession.open was not awaited")
        return self._socket

    async def _exchange(self, send: Callable[[], None], receive: Callable[[], T], what: str) -> T:
        """Send and wait for the answer, with retries. StopAsyncIteration (end of a walk) passes through."""
        address = self._agent.address
        garbage: Exception | None = None
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
            except _fast.SnmpError as error:
                garbage = error
                continue
            except OSError as error:
                reason = f"{address}: no way to the device: {(error.strerror or str(error)).lower()}"
                raise WireError(FailureKind.REFUSED, reason) from error
            except StopAsyncIteration:
                self._answered = True
                raise
            self._answered = True
            return result
        if garbage is not None:
            reason = f"{address}: the answer to the {what} can't be understood: {garbage}"
            raise WireError(FailureKind.PROTOCOL, reason) from garbage
        tries = f"{self._agent.retries + 1} tries of {self._agent.timeout_s:g} s"
        hint = "" if self._answered else ": it is down, filtered, or the credentials are not its own"
        reason = f"{address}: no answer to the {what} in {tries}{hint}"
        raise WireError(FailureKind.TIMEOUT, reason)

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

    async def _read(self, receive: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._agent.timeout_s
        while True:
            readable = loop.create_future()
            loop.add_reader(self._fd, _wake, readable)
            timer = loop.call_at(deadline, _expire, readable)
            try:
                await readable
            finally:
                timer.cancel()
                loop.remove_reader(self._fd)
            try:
                return receive()
            except BlockingIOError:
                continue  # somebody else's datagram, or a late answer to an earlier question
            except TimeoutError as error:
                # gufo's word for ICMP port unreachable: our own timer is the only real timeout.
                raise ConnectionRefusedError from error


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
