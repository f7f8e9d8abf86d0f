"""The engine that takes notifications of SNMPv3: levels, windows, reports, and hostile bytes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.wire.ber import BerError, Pdu, PduType, Tag, VarBind
from noc.wire.snmp import User
from noc.wire.snmpv3 import Flags, Frame, Security, decode, decode_scoped, encode, encode_scoped
from noc.wire.usm import encrypt, keys_of, mac, mac_octets
from noc.wire.usmengine import Engine, RefusedError
from tests.examples import at_least

OURS, THEIRS = b"\x80\0\0\0\x05-ours-", b"\x80\0\0\0\x05theirs"
PLAIN = User("plain")
SIGNED = User("signed", "SHA-256", "a pass phrase")
HIDDEN = User("hidden", "SHA-1", "a pass phrase", "AES-256", "another phrase")
TRAP = Pdu(PduType.TRAP_V2, 1, 0, 0, (VarBind((1, 3, 6, 1, 2, 1, 1, 3, 0), Tag.TIME_TICKS, 5),))
INFORM = TRAP._replace(type=PduType.INFORM)
REPORTS = (1, 3, 6, 1, 6, 3, 15, 1, 1)


def message(
    user: User, engine: bytes = THEIRS, pdu: Pdu = TRAP, *, boots: int = 1, time_s: int = 100, dialect: int = 0
) -> bytes:
    """Return a message as a sender of v3 makes it."""
    flags = Flags.REPORTABLE if pdu.type is PduType.INFORM else Flags.NONE
    keys, body, salt = keys_of(user, engine), encode_scoped(engine, b"", pdu), b""
    if user.priv is not None:
        flags, salt = flags | Flags.PRIV, b"12345678"
        body = encrypt(user.priv, keys.priv[dialect], salt, boots, time_s, body)
    if user.auth is None:
        return encode(Frame(7, 1500, flags, Security(engine, boots, time_s, user.name.encode(), b"", salt), body))
    security = Security(engine, boots, time_s, user.name.encode(), bytes(mac_octets(user.auth)), salt)
    frame = Frame(7, 1500, flags | Flags.AUTH, security, body)
    digest = mac(user.auth, keys.auth, encode(frame))
    return encode(frame._replace(security=security._replace(digest=digest)))


def engine() -> Engine:
    return Engine(OURS, 5, 1_000.0, [PLAIN, SIGNED, HIDDEN])


def refusal(taker: Engine, data: bytes, now_s: float = 1_000.0) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        taker.take(data, now_s)
    return caught.value


def reported(error: RefusedError) -> tuple[int, ...]:
    """Return which counter a refusal reports."""
    assert error.report is not None
    pdu = decode_scoped(decode(error.report).body).pdu
    assert isinstance(pdu, Pdu)
    assert pdu.type is PduType.REPORT
    return pdu.varbinds[0].oid


@pytest.mark.parametrize("user", [PLAIN, SIGNED, HIDDEN], ids=lambda user: user.name)
def test_a_trap_is_taken_at_each_level(user: User) -> None:
    accepted = engine().take(message(user), 1_000.0)
    assert (accepted.user, accepted.pdu) == (user, TRAP)


@pytest.mark.parametrize("dialect", [0, 1])
def test_both_dialects_of_long_keys_are_understood_and_answered_in_kind(dialect: int) -> None:
    taker = engine()
    data = message(HIDDEN, OURS, INFORM, boots=5, time_s=0, dialect=dialect)
    accepted = taker.take(data, 1_000.0)
    answer = decode(taker.answer(accepted, 1_000.0))
    key = keys_of(HIDDEN, OURS).priv[dialect]
    assert accepted.keys.priv == (key,)
    assert (answer.flags, answer.message_id) == (Flags.AUTH | Flags.PRIV, 7)


def test_bytes_behind_a_message_change_nothing() -> None:
    assert engine().take(message(SIGNED) + b"\0\0", 1_000.0).pdu == TRAP


def test_a_changed_message_is_refused() -> None:
    data = message(SIGNED)
    error = refusal(engine(), data[:-1] + bytes([data[-1] ^ 1]))
    assert (error.stat, error.report) == ("wrong digest", None)  # a trap waits for no answer


def test_who_knows_a_name_alone_is_not_believed() -> None:
    assert refusal(engine(), message(User("hidden"))).stat == "unsupported level"
    assert refusal(engine(), message(User("stranger"))).stat == "unknown user"
    assert refusal(engine(), message(User("signed", "SHA-256", "a guessed phrase"))).stat == "wrong digest"
    wrong = User("hidden", "SHA-1", "a pass phrase", "AES-256", "a guessed phrase")
    assert refusal(engine(), message(wrong)).stat == "decryption"


def test_two_users_of_one_name_are_told_apart_by_their_keys() -> None:
    other = User("signed", "SHA-256", "the other phrase")
    taker = Engine(OURS, 5, 0.0, [SIGNED, other])
    assert taker.take(message(SIGNED), 0.0).user == SIGNED
    assert taker.take(message(other), 0.0).user == other


def test_a_sender_of_informs_asks_for_our_engine_and_our_time() -> None:
    taker = engine()
    asks = encode(Frame(9, 1500, Flags.REPORTABLE, Security(b"", 0, 0, b""), encode_scoped(b"", b"", INFORM)))
    told = refusal(taker, asks, 1_060.0)
    assert reported(told) == (*REPORTS, 4, 0)
    assert told.report is not None
    security = decode(told.report).security
    assert (security.engine_id, security.boots, security.time_s) == (OURS, 5, 60)
    late = refusal(taker, message(SIGNED, OURS, INFORM, boots=5, time_s=300), 1_060.0)
    assert reported(late) == (*REPORTS, 2, 0)
    assert late.report is not None
    assert decode(late.report).flags == Flags.AUTH
    accepted = taker.take(message(SIGNED, OURS, INFORM, boots=5, time_s=60), 1_060.0)
    answer = decode_scoped(decode(taker.answer(accepted, 1_060.0)).body)
    assert answer.pdu == INFORM._replace(type=PduType.RESPONSE)


def test_a_message_that_was_seen_is_refused_when_it_comes_late() -> None:
    taker = engine()
    taker.take(message(SIGNED, boots=2, time_s=1_000), 0.0)
    taker.take(message(SIGNED, boots=2, time_s=900), 0.0)  # 150 s are allowed (RFC 3414, section 2.2.3)
    assert refusal(taker, message(SIGNED, boots=2, time_s=849), 0.0).stat == "not in time window"
    assert refusal(taker, message(SIGNED, boots=1, time_s=9_000), 0.0).stat == "not in time window"
    assert refusal(taker, message(SIGNED, boots=2, time_s=1_000), 151.0).stat == "not in time window"
    taker.take(message(SIGNED, boots=3, time_s=0), 200.0)  # it was started again
    assert taker.refused["not in time window"] == 3


def test_an_engine_at_the_end_of_its_boots_is_refused() -> None:
    assert refusal(engine(), message(SIGNED, boots=2**31 - 1)).stat == "not in time window"


def test_who_has_no_key_can_not_make_us_work_nor_fill_the_memory() -> None:
    taker = engine()
    guess = User("hidden", "SHA-1", "a guessed phrase", "AES-256", "another phrase")
    guessed = message(guess)
    begun = time.process_time()
    for number in range(200):
        refusal(taker, guessed.replace(THEIRS, b"\x80\0\0\0\x05" + b"%06d" % number))
    assert time.process_time() - begun < 0.2  # a key in the second dialect alone takes a millisecond
    assert taker._keys == {}
    taker.take(message(HIDDEN), 1_000.0)
    assert list(taker._keys) == [(HIDDEN, THEIRS)]


def test_users_can_be_changed() -> None:
    taker = engine()
    taker.use([PLAIN])
    assert refusal(taker, message(SIGNED)).stat == "unknown user"


def test_a_trap_of_v1_inside_v3_is_no_message() -> None:
    data = encode_scoped(THEIRS, b"", TRAP).replace(bytes([PduType.TRAP_V2]), bytes([PduType.TRAP_V1]), 1)
    with pytest.raises(BerError):
        engine().take(encode(Frame(1, 1, Flags.NONE, Security(THEIRS, 0, 0, b"plain"), data)), 0.0)


ALL = [message(user, pdu=pdu) for user in (PLAIN, SIGNED, HIDDEN) for pdu in (TRAP, INFORM)]


@at_least(60)
@given(
    st.one_of(st.binary(max_size=300), st.tuples(st.sampled_from(ALL), st.data()).map(lambda pair: pair[0])), st.data()
)
def test_hostile_bytes_are_refused_and_nothing_else(data: bytes, draw: st.DataObject) -> None:
    if data:
        at = draw.draw(st.integers(0, len(data) - 1))
        data = data[:at] + draw.draw(st.binary(max_size=4)) + data[at + draw.draw(st.integers(0, 3)) :]
    taker = engine()
    try:
        taker.take(data, 1_000.0)
    except (BerError, RefusedError) as error:
        assert str(error)  # noqa: PT017 every refusal says why
    assert len(taker._heard) <= 1


@at_least(60)
@given(
    st.builds(
        Frame,
        st.integers(0, 2**31 - 1),
        st.integers(0, 2**31 - 1),
        st.sampled_from([Flags.NONE, Flags.AUTH, Flags.AUTH | Flags.PRIV, Flags.REPORTABLE]),
        st.builds(
            Security,
            st.binary(max_size=32),
            st.integers(0, 2**31 - 1),
            st.integers(0, 2**31 - 1),
            st.binary(max_size=32),
            st.binary(max_size=48),
            st.binary(max_size=8),
            st.just(0),
        ),
        st.just(encode_scoped(THEIRS, b"context", TRAP)),
    )
)
def test_frames_come_back(frame: Frame) -> None:
    back = decode(encode(frame))
    assert back._replace(security=back.security._replace(digest_at=0)) == frame
    at = back.security.digest_at
    assert encode(frame)[at : at + len(frame.security.digest)] == frame.security.digest
