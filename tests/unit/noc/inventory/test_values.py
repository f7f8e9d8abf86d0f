"""Values of an inventory: what is read, and how what isn't is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from noc.inventory.values import (
    AddressField,
    Liveness,
    LivenessField,
    Period,
    Periods,
    id_like,
    is_id,
    parse_address,
    parse_bit_rate,
    parse_country,
    parse_day,
    parse_liveness,
    parse_size,
    parse_time,
    parse_word,
)


@pytest.mark.parametrize("text", ["a", "nbo-rtr-1", "1st", "a.b_c-d", "a" * 100])
def test_ids(text: str) -> None:
    assert is_id(text)
    assert parse_word(text) == text


@pytest.mark.parametrize("text", ["", "A", "-a", ".a", "a b", "a/b", "é", "a\n", "a" * 101])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)
    with pytest.raises(ValueError, match="is not a word of lower-case letters"):
        parse_word(text)


@pytest.mark.parametrize(
    ("text", "near"), [("NBO Rtr 1", "nbo-rtr-1"), ("a/b", "a-b"), ("-x-", "x"), ("é", ""), ("", ""), ("日本", "")]
)
def test_the_id_that_was_meant(text: str, near: str) -> None:
    assert id_like(text) == near


@given(st.text())
def test_what_id_like_gives_is_an_id(text: str) -> None:
    near = id_like(text)
    assert near == "" or is_id(near)


@pytest.mark.parametrize(
    ("text", "liveness"),
    [("icmp", Liveness("icmp")), ("snmp", Liveness("snmp")), ("tcp:22", Liveness("tcp", 22))],
)
def test_liveness(text: str, liveness: Liveness) -> None:
    assert parse_liveness(text) == liveness
    assert str(liveness) == text
    assert TypeAdapter(LivenessField).dump_python(liveness) == text


@pytest.mark.parametrize("value", ["ping", "tcp", "tcp:0", "tcp:65536", "tcp:x", "tcp:22 ", "", 5, None])
def test_what_is_no_liveness(value: object) -> None:
    with pytest.raises(ValueError, match="is no liveness check; write icmp, snmp or tcp:PORT"):
        parse_liveness(value)


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "127.0.0.1"])
def test_addresses(text: str) -> None:
    assert parse_address(text) == ip_address(text)
    assert TypeAdapter(AddressField).dump_python(ip_address(text)) == text


@pytest.mark.parametrize("value", ["192.0.2.300", "nbo-rtr-1", "192.0.2.0/24", "", "010.0.0.1", 3221225985, None, True])
def test_what_is_no_address(value: object) -> None:
    with pytest.raises(ValueError, match="is not an IPv4 or IPv6 address; names are not looked up"):
        parse_address(value)


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "224.0.0.1", "ff02::1"])
def test_addresses_that_no_device_has(text: str) -> None:
    with pytest.raises(ValueError, match="can't be a device's address"):
        parse_address(text)


def test_times_are_kept_in_utc() -> None:
    assert parse_time("2026-03-01T08:00:00+03:00") == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert parse_time("2026-03-01T08:00:00Z").tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-03-01T08:00:00", "has no zone; write"),
        ("2026-03-01", "has no zone; write"),
        ("tomorrow", "is not a time; write 2026-03-01T08:00:00Z"),
        (20260301, "is not a time; write"),
        (None, "is not a time; write"),
        ("0001-01-01T00:00:00+01:00", "is out of range"),
    ],
)
def test_what_is_no_time(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_time(value)


@pytest.mark.parametrize(("value", "bits"), [("512k", 512_000), ("2M", 2_000_000), ("1.5G", 1_500_000_000), (64, 64)])
def test_bit_rates(value: object, bits: int) -> None:
    assert parse_bit_rate(value) == bits


@pytest.mark.parametrize("value", ["2MB", "2 M", "fast", "", "-2M", "1e3", True, None, ["2M"], "9" * 5000 + "M"])
def test_what_is_no_bit_rate(value: object) -> None:
    with pytest.raises(ValueError, match="is not a bit rate; write bits per second as 512k, 2M or 1G"):
        parse_bit_rate(value)


@pytest.mark.parametrize(("value", "size"), [("512kB", 512_000), ("20MB", 20_000_000), ("1GB", 10**9), ("7B", 7)])
def test_sizes(value: object, size: int) -> None:
    assert parse_size(value) == size


@pytest.mark.parametrize("value", ["20M", "20", 20, "20 MB", "20MiB"])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(ValueError, match="is not an amount of data; write 512kB, 20MB or 1GB"):
        parse_size(value)


@pytest.mark.parametrize("text", ["0M", "0.0000001k", "0.0005k"])
def test_rates_are_whole_and_above_zero(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a whole number above zero|is not a bit rate"):
        parse_bit_rate(text)


@given(st.integers(1, 10**12 - 1), st.sampled_from([("", 1), ("k", 10**3), ("M", 10**6), ("G", 10**9)]))
def test_a_bit_rate_is_its_number_times_its_unit(number: int, unit: tuple[str, int]) -> None:
    assert parse_bit_rate(f"{number}{unit[0]}") == number * unit[1]


@given(st.dates())
def test_days(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(day) == day


@pytest.mark.parametrize(
    "value", ["2019", 2019, "2019-02-29", "20190630", "2019-W26-7", "", None, datetime(2019, 6, 30, tzinfo=UTC)]
)
def test_what_is_no_day(value: object) -> None:
    with pytest.raises(ValueError, match="is not a day; write 2019-06-30"):
        parse_day(value)


def test_countries() -> None:
    assert parse_country("NO") == "NO"
    for value in ("no", "Norway", "N", "NOR", "", False, None):
        with pytest.raises(ValueError, match="is not a country code; write two capital letters, such as KE"):
            parse_country(value)


def periods(text: str) -> tuple[Period, ...]:
    return TypeAdapter(Periods).validate_json(text)


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


def test_periods_are_read_as_mappings_and_as_text_and_put_in_order() -> None:
    read = periods('["2026-03-05T00:00:00Z/", {"from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z"}]')
    assert [(period.start, period.end) for period in read] == [(day(1), day(5)), (day(5), None)]
    assert [(period.start, period.end) for period in periods('["../2026-03-05T00:00:00Z"]')] == [(None, day(5))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["2026-03-01T00:00:00Z"]', "is not a period; write FROM/TO"),
        ('["2026-03-05T00:00:00Z/2026-03-05T00:00:00Z"]', "a period ends after it begins"),
        ('["/2026-03-05T00:00:00Z", "2026-03-04T00:00:00Z/"]', "must not overlap; join them"),
        ('["2026-03-01T00:00:00Z/", "2026-03-04T00:00:00Z/"]', "must not overlap; join them"),
        ('[{"from": "2026-03-01T00:00:00"}]', "has no zone"),
        ('[{"till": "2026-03-01T00:00:00Z"}]', "Extra inputs are not permitted"),
    ],
)
def test_periods_that_make_no_sense(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        periods(text)


def test_an_ipv4_address_written_as_ipv6_is_that_address() -> None:
    assert parse_address("::ffff:192.0.2.1") == ip_address("192.0.2.1")
