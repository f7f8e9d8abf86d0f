"""Messages of SNMPv3 as a poller judges them: only the right answer of the right engine in the right time counts."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from noc.wire.ber import Pdu, PduType, Tag, VarBind
from noc.wire.snmp.exchange import UnreadableError
from noc.wire.snmp.memory import AgentMemory, EngineClock
from noc.wire.snmp.messages import Asker, ReportedError
from noc.wire.snmp.reports import Report, refusal
from noc.wire.snmpusers import PrivProtocol, User
from noc.wire.snmpv3 import Flags, Frame, Security, decode, decode_scoped, encode, encode_scoped
from noc.wire.usm import decrypt, encrypt, keys_of, mac, mac_octets
from tests.examples import at_least

ENGINE = b"\x80\x00\x1f\x88\x04noc"
NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
USER = User("alice", "SHA-256", "alice-auth-key", "AES-128", "alice-priv-key")
SALT = b"saltsalt"


def asker(user: User = USER) -> tuple[Asker, AgentMemory]:
    memory = AgentMemory(engine=EngineClock(ENGINE, 3, 500, 0.0))
    return Asker(user, memory, bytes(8)), memory


def asked(one: Asker, at_s: float = 0.0) -> Frame:
    one.begin(Pdu(PduType.GET, 0, 0, 0, (VarBind(NAME),)))
    return decode(one.message(at_s))


def plain(frame: Frame, user: User = USER) -> Pdu:
    body, keys = frame.body, keys_of(user, ENGINE)
    if user.priv:
        security = frame.security
        body = decrypt(user.priv, keys.priv[0], security.salt, security.boots, security.time_s, body)
    pdu = decode_scoped(body).pdu
    assert isinstance(pdu, Pdu)
    return pdu


def answer(
    frame: Frame,
    user: User = USER,
    *,
    engine: bytes = ENGINE,
    boots: int = 3,
    time_s: int = 500,
    kind: PduType = PduType.RESPONSE,
    name: tuple[int, ...] = NAME,
    shift: int = 0,
) -> bytes:
    keys = keys_of(user, engine)
    pdu = Pdu(kind, plain(frame).request_id + shift, 0, 0, (VarBind(name, Tag.OCTET_STRING, b"x"),))
    body, flags, salt = encode_scoped(engine, b"", pdu), Flags.NONE, b""
    if user.priv:
        flags, salt = flags | Flags.PRIV, SALT
        body = encrypt(user.priv, keys.priv[0], salt, boots, time_s, body)
    digest = bytes(mac_octets(user.auth)) if user.auth else b""
    flags |= Flags.AUTH if user.auth else Flags.NONE
    security = Security(engine, boots, time_s, user.name.encode(), digest, salt)
    whole = Frame(frame.message_id, 65_507, flags, security, body)
    if user.auth:
        whole = whole._replace(security=security._replace(digest=mac(user.auth, keys.auth, encode(whole))))
    return encode(whole)


def test_a_question_carries_the_clock_of_the_engine_as_it_is_by_now() -> None:
    one, _ = asker()
    frame = asked(one, 300.0)
    assert (frame.security.boots, frame.security.time_s) == (3, 800)
    assert frame.flags == Flags.AUTH | Flags.PRIV | Flags.REPORTABLE
    assert plain(frame).varbinds == (VarBind(NAME),)


@pytest.mark.parametrize("priv", get_args(PrivProtocol))
def test_no_two_messages_have_one_salt(priv: PrivProtocol) -> None:
    one, _ = asker(User("bob", "SHA-1", "bobs-auth-key", priv, "bobs-priv-key"))
    one.begin(Pdu(PduType.GET, 0))
    assert len({decode(one.message(0.0)).security.salt for _ in range(100)}) == 100


def test_the_right_answer_is_taken_and_sets_the_clock() -> None:
    one, memory = asker()
    pdu = one.take(answer(asked(one), time_s=510), 9.0)
    assert pdu.varbinds[0].value == b"x"
    assert one.proved
    assert memory.engine == EngineClock(ENGINE, 3, 510, 9.0)


WRONG = {
    "digest": lambda frame: answer(frame, User("alice", "SHA-256", "another-auth-key", "AES-128", "alice-priv-key")),
    "level": lambda frame: answer(frame, User("alice")),
    "no encryption": lambda frame: answer(frame, User("alice", "SHA-256", "alice-auth-key")),
    "engine": lambda frame: answer(frame, engine=b"\x80\x00\x00\x00\x05"),
    "old boots": lambda frame: answer(frame, boots=2),
    "old time": lambda frame: answer(frame, time_s=300),
    "request": lambda frame: answer(frame, shift=1),
    "kind": lambda frame: answer(frame, kind=PduType.GET),
    "message": lambda frame: answer(frame._replace(message_id=frame.message_id + 1)),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_no_other_answer_is_believed(wrong: object) -> None:
    one, memory = asker()
    data = wrong(asked(one))  # type: ignore[operator]
    with pytest.raises(BlockingIOError):
        one.take(data, 0.0)
    assert not one.proved
    assert memory.engine == EngineClock(ENGINE, 3, 500, 0.0)


def test_an_answer_to_an_earlier_question_is_none() -> None:
    one, _ = asker()
    late = answer(asked(one))
    asked(one)
    with pytest.raises(BlockingIOError):
        one.take(late, 0.0)


def test_an_answer_to_an_earlier_try_tells_which() -> None:
    one, _ = asker()
    first = asked(one)
    one.message(2.0)
    one.take(answer(first), 2.5)
    assert one.answered_try == 0


@pytest.mark.parametrize("report", [report for report in Report if report.value], ids=lambda report: report.name)
def test_reports_are_told_apart(report: Report) -> None:
    one, _ = asker()
    frame = asked(one)
    data = answer(frame, User("alice"), kind=PduType.REPORT, name=(*report.value, 0), boots=9, time_s=5)
    with pytest.raises(ReportedError) as told:
        one.take(data, 1.0)
    assert told.value.report is report
    assert told.value.clock == EngineClock(ENGINE, 9, 5, 1.0)
    said = refusal(told.value.report, told.value.pdu, USER, "192.0.2.1").reason
    assert said.startswith("192.0.2.1: the agent ")
    assert "alice-auth-key" not in said


@at_least(300)
@given(
    st.lists(st.tuples(st.integers(0, 9_999), st.integers(1, 255)), min_size=1, max_size=4, unique_by=lambda it: it[0]),
    st.integers(0, 60),
)
def test_damaged_answers_are_no_answers(damage: list[tuple[int, int]], cut_off: int) -> None:
    one, memory = asker()
    right = answer(asked(one))
    whole = bytearray(right)
    for place, change in damage:
        whole[place % len(whole)] ^= change
    cut = bytes(whole[: len(whole) - cut_off])
    assume(cut != right)
    with pytest.raises((BlockingIOError, UnreadableError, ReportedError)):
        one.take(cut, 0.0)
    assert memory.engine == EngineClock(ENGINE, 3, 500, 0.0)
