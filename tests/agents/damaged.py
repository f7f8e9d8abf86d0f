"""Shows gufo-snmp damaged answers that noc.wire.snmp.frame lets through. A program: Rust writes to the real stderr.

Prints how many gufo read, how many were kept from it, and how many it refused by itself.
"""

from __future__ import annotations

import random
import socket
from collections import Counter
from collections.abc import Callable

from gufo.snmp import _fast

from noc.wire.ber import BerError, Message, Pdu, PduType, Tag, decode, encode_pdu, encode_varbind
from noc.wire.snmp.frame import community_of

ROUNDS = 6_000
NAME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
BODIES = (
    encode_varbind(NAME, Tag.TIME_TICKS, 12_345),
    encode_varbind(NAME, Tag.OCTET_STRING, b"\xff" * 140),
    encode_varbind(NAME, Tag.COUNTER64, 2**63),
    encode_varbind(NAME, Tag.OID, NAME),
    encode_varbind(NAME, Tag.IP_ADDRESS, "192.0.2.1"),
    encode_varbind(NAME, Tag.OPAQUE, b"\x9f\x78\x04\x42\xf6\x00\x00"),
    encode_varbind(NAME, Tag.NO_SUCH_OBJECT, None),
    encode_varbind(NAME, Tag.END_OF_MIB_VIEW, None),
)
ODD = (0, 1, 2, 4, 6, 0x1F, 0x30, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x88, 0x9F, 0xA2, 0xFF)

Ask = Callable[[], Callable[[], object]]


def asks(port: int) -> list[tuple[bool, Ask]]:
    """Return ways to ask, each with whether exceptions may be answered; each returns how to take the answer."""
    where = f"127.0.0.1:{port}"
    old = _fast.SnmpV1ClientSocket(where, "public", 0, 0, 65_536, 0)
    new = _fast.SnmpV2cClientSocket(where, "public", 0, 0, 65_536, 0)

    def get() -> Callable[[], object]:
        new.send_get_many(["1.3.6.1.2.1.1.3.0"])
        return new.recv_get_many

    def get_next() -> Callable[[], object]:
        position = _fast.GetIter("1.3.6.1.2.1.1")
        old.send_get_next(position)
        return lambda: old.recv_get_next(position)

    def get_bulk() -> Callable[[], object]:
        position = _fast.GetIter("1.3.6.1.2.1.1", 10)
        new.send_get_bulk(position)
        return lambda: new.recv_get_bulk(position)

    return [(True, get), (False, get_next), (True, get_bulk)]


def damaged(dice: random.Random, request: Message) -> bytes:
    """Return an answer with some octets changed, or without its end."""
    assert isinstance(request.pdu, Pdu)
    varbinds = [bytearray(dice.choice(BODIES)) for _ in range(dice.randrange(6))]
    if varbinds and dice.random() < 0.5:
        hurt = dice.choice(varbinds)
        hurt[dice.randrange(len(hurt))] = dice.choice(ODD)
    request_id, whole = request.pdu.request_id, [bytes(one) for one in varbinds]
    data = bytearray(encode_pdu(request.version, b"public", PduType.RESPONSE, request_id, 0, 0, whole))
    for _ in range(dice.randrange(3)):
        data[dice.randrange(len(data))] = dice.choice(ODD)
    return bytes(data if dice.random() < 0.8 else data[: dice.randrange(1, len(data))])


def main() -> None:
    """Ask, damage the answers, count."""
    dice, seen = random.Random(1), Counter[str]()  # noqa: S311 the same in each run
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
        agent.bind(("127.0.0.1", 0))
        ways = asks(agent.getsockname()[1])
        for _ in range(ROUNDS):
            exceptions, ask = dice.choice(ways)
            take = ask()
            data, asker = agent.recvfrom(65_535)
            answer = damaged(dice, decode(data))
            try:
                community_of(answer, exceptions=exceptions)
            except BerError:
                seen["refused"] += 1
                continue
            agent.sendto(answer, asker)
            try:
                take()
                seen["read"] += 1
            except (_fast.SnmpError, RuntimeError, BlockingIOError, StopAsyncIteration):
                seen["failed"] += 1
    print(seen["read"], seen["refused"], seen["failed"])  # noqa: T201 a program


if __name__ == "__main__":
    main()
