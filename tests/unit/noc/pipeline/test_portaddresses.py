"""What is new on infrastructure ports, and what isn't."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from noc.model.forwarding import AGGREGATES, PORT_ADDRESSES, PORT_COUNTS
from noc.model.reading import Reading, SnmpAnswer
from noc.pipeline.portaddresses import FORGET_MS, LEARN_MS, NEW_MS, SITE_AT_MOST, PortAddresses, Told, forwarding

ONE, TWO, THREE = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"
HOUR = 3_600_000


def learnt() -> PortAddresses:
    """Return a memory in which two ports of one site were watched for a day."""
    memory = PortAddresses()
    for at in (0, LEARN_MS):
        assert memory.take("s", "sw", {"Gi1": {ONE}, "Gi2": {TWO}}, at) == []
    return memory


def test_an_address_is_new_for_four_hours_and_then_it_is_told_that_it_no_longer_is() -> None:
    memory, at = learnt(), LEARN_MS + HOUR
    assert memory.take("s", "sw", {"Gi1": {ONE, THREE}}, at) == [Told("Gi1", THREE, True)]
    assert memory.take("s", "sw", {"Gi1": {ONE}}, at + NEW_MS - 1) == [Told("Gi1", THREE, True)]
    assert memory.take("s", "sw", {}, at + NEW_MS) == [Told("Gi1", THREE, False)]
    assert memory.take("s", "sw", {"Gi1": {ONE, THREE}}, at + NEW_MS + 1) == []


def test_what_moves_to_another_infrastructure_port_of_the_site_is_not_new() -> None:
    memory = learnt()
    assert memory.take("s", "sw", {"Gi1": set(), "Gi2": {ONE, TWO}}, LEARN_MS + HOUR) == []
    memory.take("other", "far", {"Gi1": set()}, 0)
    assert memory.take("other", "far", {"Gi1": {ONE}}, LEARN_MS + HOUR) == [Told("Gi1", ONE, True)]


def test_a_port_is_learnt_for_a_day_and_anew_after_it_was_busy() -> None:
    memory = learnt()
    assert memory.take("s", "sw", {"Gi3": {THREE}}, LEARN_MS) == []
    assert memory.take("s", "sw", {"Gi1": None}, LEARN_MS) == []
    many = {f"02:00:00:00:01:{number:02x}" for number in range(20)}
    assert memory.take("s", "sw", {"Gi1": many}, LEARN_MS + HOUR) == []
    assert memory.take("s", "sw", {"Gi1": many | {"02:00:00:00:02:00"}}, 3 * LEARN_MS) == [
        Told("Gi1", "02:00:00:00:02:00", True)
    ]


def test_addresses_of_gateways_that_change_roles_are_no_news() -> None:
    for address in ("00:00:5e:00:01:07", "00:00:0c:07:ac:01", "00:00:0c:9f:f0:01"):
        assert learnt().take("s", "sw", {"Gi1": {address}}, LEARN_MS + HOUR) == []


def test_what_was_away_for_thirty_days_is_new_again() -> None:
    memory = learnt()
    at = LEARN_MS + FORGET_MS
    assert memory.take("s", "sw", {"Gi1": {ONE}}, at - 1) == []
    assert memory.take("s", "sw", {"Gi2": {TWO}}, at) == [Told("Gi2", TWO, True)]
    memory.keep({"sw": "s"}, at + FORGET_MS)
    assert [row[0] for row in memory.rows()] == ["port", "port"]


def test_what_is_remembered_is_bounded_and_devices_that_leave_take_theirs_along() -> None:
    memory = PortAddresses()
    for number in range(SITE_AT_MOST + 5):
        memory.take("s", "sw", {"Gi1": {f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"}}, number)
    assert memory.left_out == 5
    memory.keep({}, 1)
    assert list(memory.rows()) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Gi1", "Gi2"]),
            st.none() | st.sets(st.sampled_from([ONE, TWO, THREE]), max_size=3),
            st.integers(0, 10 * LEARN_MS),
        ),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_a_restart_changes_nothing(looks: list[tuple[str, set[str] | None, int]], restart_before: int) -> None:
    steady, restarted = PortAddresses(), PortAddresses()
    at = 0
    for number, (port, addresses, wait_ms) in enumerate(looks):
        at += wait_ms
        if number == restart_before:
            again = PortAddresses()
            again.take_up(list(row) for row in restarted.rows())
            restarted = again
        told = steady.take("s", "sw", {port: addresses}, at)
        assert restarted.take("s", "sw", {port: addresses}, at) == told


def test_rows_of_another_form_say_nothing() -> None:
    memory = PortAddresses()
    memory.take_up([[], ["port", 1], ["address", "s", ONE], ["else", "s", "x", 1], ["port", "sw", "Gi1", 0]])
    assert list(memory.rows()) == [("port", "sw", "Gi1", 0)]


def reading(**tables: object) -> Reading:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Reading("addresses", "192.0.2.1", "here", at, 0.1, snmp=SnmpAnswer("", {}, tables))  # type: ignore[arg-type]


def test_a_reading_is_read() -> None:
    read = forwarding(
        reading(
            **{
                PORT_COUNTS: {(1,): {"addresses": 1}, (2,): {"addresses": 33}, (3,): {"addresses": 0}, (4,): {}},
                PORT_ADDRESSES: {(1, 2, 0, 0, 0, 0, 1): {"port": 1}, (2, 2, 0, 0, 0, 0, 2): {"port": 2}, (1, 300): {}},
                AGGREGATES: {(7,): {"aggregate": 1}, (8,): {}},
            }
        )
    )
    assert read is not None
    assert read.ports == {1: {ONE}, 2: None, 3: frozenset()}
    assert read.aggregates == {7: 1}


def test_a_reading_that_tells_nothing() -> None:
    assert forwarding(reading()) is None
    failed = Reading("addresses", "192.0.2.1", "here", datetime(2026, 3, 1, tzinfo=UTC), 0.1)
    assert forwarding(failed) is None
