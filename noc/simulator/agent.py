"""The SNMP agent of all devices: requests in, responses out, for v1 and v2c (RFC 1157, RFC 3416). No socket.

What is wrong or not for us (garbage, another community, v3) gets no answer, as real agents do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from noc.simulator.moment import Moment
from noc.simulator.objects import View
from noc.wire.ber import (
    BerError,
    ErrorStatus,
    Message,
    Oid,
    Pdu,
    PduType,
    Tag,
    VarBind,
    Version,
    decode,
    encode_pdu,
    encode_varbind,
)

MAX_SIZE: Final = 1472
"""Bytes of a response: what fits an Ethernet frame, which most agents keep to."""

MAX_REPETITIONS: Final = 100

_ROOM_FOR_LENGTHS: Final = 8  # the lengths around the varbinds grow with them


@dataclass(slots=True)
class AgentTally:
    """Datagrams that came, those that got an answer, and the values in those answers."""

    given: int = 0
    answered: int = 0
    varbinds: int = 0


class Scenery(Protocol):
    """What an agent answers from: a view for each device, and the moment that its values are worked out of."""

    @property
    def views(self) -> Sequence[View]:
        """The objects of each device, by its number."""
        ...

    def moment(self, number: int, now_ms: int) -> Moment | None:
        """Return a device at a moment; None where its values are fixed."""
        ...


class Agent:
    """Answers for every device of a scene."""

    def __init__(self, scene: Scenery, community: bytes, max_size: int = MAX_SIZE) -> None:
        self._scene = scene
        self._community = community
        self._max_size = max_size
        self.tally = AgentTally()

    def respond(self, data: bytes, number: int, now_ms: int) -> bytes | None:
        """Return the answer of a device to a datagram; None where it gives none. Raises nothing."""
        self.tally.given += 1
        try:
            request = decode(data)
        except BerError:
            return None
        pdu = request.pdu
        if request.community != self._community or not isinstance(pdu, Pdu):
            return None
        moment, view = self._scene.moment(number, now_ms), self._scene.views[number]
        answer = self._answer(request, pdu, view, moment)
        if answer is not None:
            self.tally.answered += 1
        return answer

    def _answer(self, request: Message, pdu: Pdu, view: View, moment: Moment | None) -> bytes | None:
        if pdu.type is PduType.GET_BULK and request.version is Version.V2C:
            return self._bulk(request, pdu, view, moment)
        if pdu.type is PduType.SET_REQUEST:
            refused = ErrorStatus.NOT_WRITABLE if request.version is Version.V2C else ErrorStatus.NO_SUCH_NAME
            return self._error(request, pdu, refused, 1 if pdu.varbinds else 0)
        if pdu.type not in (PduType.GET, PduType.GET_NEXT):
            return None
        find = _got if pdu.type is PduType.GET else _next
        found: list[bytes] = []
        for index, asked in enumerate(pdu.varbinds, start=1):
            varbind = find(view, moment, asked.oid, request.version)
            if varbind is None:
                return self._error(request, pdu, ErrorStatus.NO_SUCH_NAME, index)
            found.append(varbind)
        answer = self._response(request, pdu, found)
        if len(answer) > self._max_size:
            return self._error(request, pdu, ErrorStatus.TOO_BIG, 0)
        self.tally.varbinds += len(found)
        return answer

    def _bulk(self, request: Message, pdu: Pdu, view: View, moment: Moment | None) -> bytes:
        """RFC 3416, section 4.2.3: what does not fit is left out at the end."""
        room = self._max_size - len(self._response(request, pdu, [])) - _ROOM_FOR_LENGTHS
        found: list[bytes] = []
        for varbind in _repeated(view, moment, pdu):
            room -= len(varbind)
            if room < 0:
                break
            found.append(varbind)
        self.tally.varbinds += len(found)
        return self._response(request, pdu, found)

    def _response(self, request: Message, pdu: Pdu, varbinds: list[bytes], status: int = 0, index: int = 0) -> bytes:
        return encode_pdu(request.version, self._community, PduType.RESPONSE, pdu.request_id, status, index, varbinds)

    def _error(self, request: Message, pdu: Pdu, status: ErrorStatus, index: int) -> bytes | None:
        """Return an error: the request's varbinds come back, for tooBig in v2c none do (RFC 3416, section 4.2.1)."""
        names: tuple[VarBind, ...] = pdu.varbinds
        if status is ErrorStatus.TOO_BIG and request.version is Version.V2C:
            names = ()
        answer = self._response(request, pdu, [encode_varbind(*name) for name in names], status, index)
        return answer if len(answer) <= max(self._max_size, MAX_SIZE) else None


def _got(view: View, moment: Moment | None, oid: Oid, version: Version) -> bytes | None:
    """Return the varbind that answers a GET; None: noSuchName."""
    index = view.position.get(oid)
    if index is not None and (version is Version.V2C or view.narrow[index]):
        return view.varbind(index, moment)
    if version is Version.V1:
        return None
    return encode_varbind(oid, Tag.NO_SUCH_INSTANCE if view.has_instances(oid) else Tag.NO_SUCH_OBJECT, None)


def _next(view: View, moment: Moment | None, oid: Oid, version: Version) -> bytes | None:
    """Return the varbind that answers a GETNEXT; None: noSuchName, at the end of the view in v1."""
    index = view.after(oid)
    while version is Version.V1 and index < len(view.oids) and not view.narrow[index]:
        index += 1
    if index < len(view.oids):
        return view.varbind(index, moment)
    return None if version is Version.V1 else encode_varbind(oid, Tag.END_OF_MIB_VIEW, None)


def _repeated(view: View, moment: Moment | None, pdu: Pdu) -> Iterator[bytes]:
    """Yield what a GETBULK asks for: the first names once, the others again and again."""
    single = max(pdu.error_status, 0)
    repetitions = min(max(pdu.error_index, 0), MAX_REPETITIONS)
    for asked in pdu.varbinds[:single]:
        yield _next(view, moment, asked.oid, Version.V2C) or b""
    at = [(view.after(asked.oid), asked.oid) for asked in pdu.varbinds[single:]]
    end = len(view.oids)
    for _ in range(repetitions):
        for index, asked_oid in at:
            if index < end:
                yield view.varbind(index, moment)
            else:
                last = max(asked_oid, view.oids[-1])
                yield encode_varbind(last, Tag.END_OF_MIB_VIEW, None)
        if all(index >= end for index, _ in at):
            return
        at = [(index + 1, oid) for index, oid in at]
