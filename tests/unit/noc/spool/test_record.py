"""Records: whatever happens to the bytes, what is whole is found, and nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.spool.record import HEADER_BYTES, MAGIC, MAX_PAYLOAD_BYTES, Damage, Record, encode, scan

payloads = st.binary(max_size=60) | st.builds(lambda a, b: a + MAGIC + b, st.binary(max_size=9), st.binary(max_size=40))
batches = st.lists(payloads, max_size=12).map(
    lambda found: [Record(number + 1, 1_700_000_000_000 + number, payload) for number, payload in enumerate(found)]
)


def whole(data: bytes) -> list[Record]:
    return [entry for entry in scan(data) if isinstance(entry, Record)]


@given(batches)
def test_records_come_back_as_they_were(records: list[Record]) -> None:
    assert list(scan(b"".join(map(encode, records)))) == records


@given(batches, st.data())
def test_a_flipped_bit_costs_at_most_one_record(records: list[Record], data: st.DataObject) -> None:
    written = bytearray(b"".join(map(encode, records)))
    if not written:
        return
    bit = data.draw(st.integers(0, len(written) * 8 - 1))
    written[bit // 8] ^= 1 << bit % 8
    found = whole(bytes(written))
    lost = [record for record in records if record not in found]
    assert len(lost) == 1
    assert [record for record in records if record in found] == found


@given(batches, st.data())
def test_a_torn_tail_costs_only_what_was_torn(records: list[Record], data: st.DataObject) -> None:
    written = b"".join(map(encode, records))
    cut = data.draw(st.integers(0, len(written)))
    found = whole(written[:cut])
    assert found == records[: len(found)]
    assert sum(HEADER_BYTES + len(record.payload) for record in records[: len(found) + 1]) > cut or found == records


@given(batches, batches, st.binary(max_size=80))
def test_garbage_between_records_is_passed_over(before: list[Record], after: list[Record], garbage: bytes) -> None:
    written = b"".join(map(encode, before)) + garbage + b"".join(map(encode, after))
    assert whole(written) == before + after


@given(st.binary(max_size=300))
def test_entries_cover_every_byte_once(data: bytes) -> None:
    offset = 0
    for entry in scan(data):
        if isinstance(entry, Damage):
            assert entry.offset == offset
            offset += entry.length
        else:
            offset += HEADER_BYTES + len(entry.payload)
    assert offset == len(data)


def test_a_payload_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        encode(Record(1, 0, bytes(MAX_PAYLOAD_BYTES + 1)))
