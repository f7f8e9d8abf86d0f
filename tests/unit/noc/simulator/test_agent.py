from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.simulator.agent import MAX_SIZE, Agent
from noc.wire.ber import (
    ErrorStatus,
    Message,
    Oid,
    Pdu,
    PduType,
    Tag,
    TrapV1,
    VarBind,
    Version,
    decode,
    encode,
)
from tests.unit.noc.simulator.simulated import NOW_MS, scene

SCENE = scene()
AGENT = Agent(SCENE, b"public")
ROUTER = 0
SYS_NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
HC_OCTETS: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 1)
FIRST: Oid = (1, 3)
LAST = SCENE.views[ROUTER].oids[-1]


def request(kind: PduType, *oids: Oid, version: Version = Version.V2C, first: int = 0, second: int = 0) -> bytes:
    pdu = Pdu(kind, 77, first, second, tuple(VarBind(oid) for oid in oids))
    return encode(Message(version, b"public", pdu))


def ask(kind: PduType, *oids: Oid, version: Version = Version.V2C, first: int = 0, second: int = 0) -> Pdu:
    answer = AGENT.respond(request(kind, *oids, version=version, first=first, second=second), ROUTER, NOW_MS)
    assert answer is not None
    assert len(answer) <= MAX_SIZE
    message = decode(answer)
    assert (message.version, message.community) == (version, b"public")
    assert isinstance(message.pdu, Pdu)
    assert (message.pdu.type, message.pdu.request_id) == (PduType.RESPONSE, 77)
    return message.pdu


def walk(kind: PduType, version: Version) -> list[Oid]:
    names: list[Oid] = []
    at = FIRST
    while True:
        pdu = ask(kind, at, version=version, second=20)
        if pdu.error_status == ErrorStatus.NO_SUCH_NAME:
            return names
        for varbind in pdu.varbinds:
            if varbind.tag is Tag.END_OF_MIB_VIEW:
                return names
            names.append(varbind.oid)
        at = names[-1]


def test_a_walk_brings_every_object_in_order() -> None:
    whole = SCENE.views[ROUTER].oids
    assert walk(PduType.GET_NEXT, Version.V2C) == whole
    assert walk(PduType.GET_BULK, Version.V2C) == whole


def test_to_v1_there_are_no_counters_of_64_bits() -> None:
    view = SCENE.views[ROUTER]
    narrow = [oid for oid, is_there in zip(view.oids, view.narrow, strict=True) if is_there]
    assert walk(PduType.GET_NEXT, Version.V1) == narrow
    assert HC_OCTETS in view.oids
    assert HC_OCTETS not in narrow
    refused = ask(PduType.GET, SYS_NAME, HC_OCTETS, version=Version.V1)
    assert (refused.error_status, refused.error_index) == (ErrorStatus.NO_SUCH_NAME, 2)


def test_what_is_not_there() -> None:
    pdu = ask(PduType.GET, SYS_NAME, (*SYS_NAME[:-1], 9), (1, 3, 6, 1, 2, 1, 1, 99, 0))
    assert [varbind.tag for varbind in pdu.varbinds] == [
        Tag.OCTET_STRING,
        Tag.NO_SUCH_INSTANCE,
        Tag.NO_SUCH_OBJECT,
    ]
    assert pdu.error_status == 0
    assert pdu.varbinds[0].value == SCENE.world.devices[ROUTER].id.encode()


def test_beyond_the_end() -> None:
    (end,) = ask(PduType.GET_NEXT, LAST).varbinds
    assert end == VarBind(LAST, Tag.END_OF_MIB_VIEW)
    pdu = ask(PduType.GET_BULK, SYS_NAME[:-1], SCENE.views[ROUTER].oids[-2], (2, 999), first=1, second=3)
    names = [(varbind.oid, varbind.tag) for varbind in pdu.varbinds]
    end_tag = Tag.END_OF_MIB_VIEW
    assert names[0] == (SYS_NAME, Tag.OCTET_STRING)
    assert names[1][0] == LAST
    assert names[2:] == [((2, 999), end_tag), (LAST, end_tag), ((2, 999), end_tag)]


def test_a_get_that_does_not_fit_is_too_big_and_a_bulk_is_cut() -> None:
    descr: Oid = (1, 3, 6, 1, 2, 1, 1, 1, 0)
    pdu = ask(PduType.GET, *[descr] * 12)
    assert (pdu.error_status, pdu.varbinds) == (ErrorStatus.TOO_BIG, ())
    old = ask(PduType.GET_NEXT, *[descr[:-1]] * 12, version=Version.V1)
    assert (old.error_status, len(old.varbinds)) == (ErrorStatus.TOO_BIG, 12)
    many = ask(PduType.GET_BULK, FIRST, second=10_000)
    assert many.error_status == 0
    assert 10 < len(many.varbinds) < 100
    assert ask(PduType.GET_BULK, FIRST, second=-5).varbinds == ()


@pytest.mark.parametrize("version", Version)
def test_nothing_can_be_set(version: Version) -> None:
    pdu = ask(PduType.SET_REQUEST, SYS_NAME, version=version)
    expected = ErrorStatus.NOT_WRITABLE if version is Version.V2C else ErrorStatus.NO_SUCH_NAME
    assert (pdu.error_status, pdu.error_index) == (expected, 1)


def test_another_community_a_trap_and_a_bulk_of_v1_get_no_answer() -> None:
    pdu = Pdu(PduType.GET, 1, varbinds=(VarBind(SYS_NAME),))
    assert AGENT.respond(encode(Message(Version.V2C, b"private", pdu)), ROUTER, NOW_MS) is None
    trap = TrapV1((1, 3, 6), "127.0.0.1", 6, 1, 0)
    assert AGENT.respond(encode(Message(Version.V1, b"public", trap)), ROUTER, NOW_MS) is None
    assert AGENT.respond(request(PduType.GET_BULK, SYS_NAME, version=Version.V1), ROUTER, NOW_MS) is None
    assert AGENT.respond(request(PduType.RESPONSE, SYS_NAME), ROUTER, NOW_MS) is None


@given(st.binary(max_size=300))
def test_garbage_gets_no_answer(data: bytes) -> None:
    assert AGENT.respond(data, ROUTER, NOW_MS) is None


@given(st.data())
def test_a_damaged_request_harms_nothing(data: st.DataObject) -> None:
    whole = bytearray(request(PduType.GET_BULK, SYS_NAME, HC_OCTETS, second=5))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    answer = AGENT.respond(cut, ROUTER, NOW_MS)
    assert answer is None or isinstance(decode(answer).pdu, Pdu)


def test_what_it_did_is_counted() -> None:
    agent = Agent(SCENE, b"public")
    agent.respond(request(PduType.GET, SYS_NAME, HC_OCTETS), ROUTER, NOW_MS)
    agent.respond(b"garbage", ROUTER, NOW_MS)
    assert (agent.tally.given, agent.tally.answered, agent.tally.varbinds) == (2, 1, 2)
