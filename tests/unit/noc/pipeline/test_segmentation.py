"""What proofs say of a wall: what was reached, what held, what nobody knows any more."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from noc.model.segmentation import Proof, ProofAnswer
from noc.pipeline.segmentation import Excepted, Wall, due_pairs, is_denial, refused, segmentation_samples, standing_of

HOUR = 3_600_000
PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "series.md").read_text()
FIELD, MANAGEMENT = ip_network("10.1.0.0/16"), ip_network("10.9.0.0/24")
WALL = Wall(
    name="field-management",
    origin_name="field",
    target_name="management",
    origin=(FIELD,),
    target=(MANAGEMENT, ip_network("2001:db8:9::/64")),
    ports=(22, 443),
    icmp=True,
    pairs=(("10.9.0.1", 22), ("10.9.0.1", 443), ("10.9.0.2", 22), ("10.9.0.2", None)),
    every_ms=HOUR,
)


def probe(answer: ProofAnswer, at_ms: int, to: str = "10.9.0.1", port: int | None = 22) -> Proof:
    return Proof(WALL.name, at_ms, "probe", "poller/here", "10.1.0.5", to, port, answer, to)


def denial(at_ms: int) -> Proof:
    return Proof(WALL.name, at_ms, "denial", "device/fw", "10.1.0.7", "10.9.0.2", 443, "denied")


@pytest.mark.parametrize("answer", ["open", "reset", "refused", "echo"])
def test_what_answers_is_reached(answer: ProofAnswer) -> None:
    now = standing_of(WALL, [probe("prohibited", 1), probe(answer, 2)], 3)
    assert (now.verdict, [one.at_ms for one in now.reached], now.proven_ms) == ("broken", [2], 1)


@pytest.mark.parametrize("answer", ["prohibited", "dropped"])
def test_a_refusal_on_the_way_and_silence_of_what_is_up_hold(answer: ProofAnswer) -> None:
    assert standing_of(WALL, [probe(answer, 5)], 6).verdict == "held"


@pytest.mark.parametrize("answer", ["silent", "unreachable", "none"])
def test_what_may_have_other_reasons_is_no_proof(answer: ProofAnswer) -> None:
    assert standing_of(WALL, [probe(answer, 5)], 6).verdict == "unproven"


def test_silence_is_a_proof_where_the_statement_says_so() -> None:
    assert standing_of(replace(WALL, trusting=True), [probe("silent", 5)], 6).verdict == "held"


def test_a_denial_is_a_proof_but_no_denial_heals_what_was_reached() -> None:
    assert standing_of(WALL, [denial(5)], 6).verdict == "held"
    assert standing_of(WALL, [probe("open", 4), denial(5)], 6).verdict == "broken"


def test_one_pair_that_holds_does_not_heal_another() -> None:
    reached = probe("open", 1)
    assert standing_of(WALL, [reached, probe("prohibited", 2, port=443)], 3).reached == (reached,)
    assert standing_of(WALL, [reached, probe("prohibited", 2)], 3).verdict == "held"


def test_proofs_of_what_is_asked_no_more_and_of_other_statements_count_not() -> None:
    elsewhere = replace(probe("open", 1), statement="other")
    assert standing_of(WALL, [probe("open", 1, port=8080), elsewhere], 2).verdict == "unproven"


def test_a_proof_is_good_for_three_rhythms() -> None:
    held = [probe("prohibited", 0)]
    assert standing_of(WALL, held, 3 * HOUR).verdict == "held"
    late = standing_of(WALL, held, 3 * HOUR + 1)
    assert (late.verdict, late.proven_ms) == ("unproven", 0)


def test_an_exception_counts_until_its_end_and_for_its_ports_alone() -> None:
    excepted = Excepted(ip_network("10.9.0.1/32"), frozenset({22}), until_ms=100, owner="achieng")
    wall = replace(WALL, exceptions=(excepted,))
    proofs = [probe("prohibited", 1, port=443), probe("open", 2)]
    assert standing_of(wall, proofs, 99).verdict == "held"
    assert [one.at_ms for one in standing_of(wall, proofs, 99).excepted] == [2]
    assert standing_of(wall, proofs, 100).verdict == "broken"
    assert standing_of(wall, [probe("open", 3, port=443)], 99).verdict == "broken"


def test_what_was_reached_is_asked_again_first_then_what_was_asked_longest_ago() -> None:
    wall = replace(WALL, every_ms=HOUR // 2)
    proofs = [probe("prohibited", 1), probe("open", 9, port=443), probe("silent", 5, "10.9.0.2")]
    assert due_pairs(wall, proofs) == [("10.9.0.1", 443), ("10.9.0.2", None)]


@pytest.mark.parametrize(("minutes", "at_once"), [(15, 1), (30, 2), (60, 5), (24 * 60, 5)])
def test_there_are_five_probes_an_hour_at_most(minutes: int, at_once: int) -> None:
    wall = replace(WALL, every_ms=minutes * 60_000)
    assert wall.at_once == at_once
    assert at_once * 60 / minutes <= 5


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%ASA-4-106023: Deny tcp src field:10.1.2.3/40000 dst mgmt:10.9.0.4/22 by access-group", (22, "10.9.0.4")),
        ('date=2026-03-01 srcip=10.1.2.3 srcport=4000 dstip=10.9.0.4 dstport=443 action="deny"', (443, "10.9.0.4")),
        ("RT_FLOW_SESSION_DENY: session denied 10.1.2.3/4000->10.9.0.4/22 None 6(0)", (22, "10.9.0.4")),
        ("fw DROP IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=10.9.0.4 LEN=60 PROTO=TCP SPT=4000 DPT=22", (22, "10.9.0.4")),
        ("fw dropped ICMP SRC=10.1.2.3 DST=10.9.0.4 TYPE=8", (None, "10.9.0.4")),
    ],
)
def test_lines_of_firewalls_that_refuse(line: str, found: tuple[int | None, str]) -> None:
    assert is_denial(line)
    refusal = refused(WALL, line)
    assert refusal is not None
    assert (refusal.port, refusal.to, refusal.source) == (*found, "10.1.2.3")


@pytest.mark.parametrize(
    "line",
    [
        "Deny tcp src mgmt:10.9.0.4/22 dst field:10.1.2.3/40000",  # the other way
        "Deny tcp src field:10.1.2.3/40000 dst mgmt:10.9.0.4/8080",  # a port that nobody forbids
        "Deny tcp src outside:192.0.2.1/40000 dst mgmt:10.9.0.4/22",  # from elsewhere
        "Deny tcp src field:10.1.2.3 dst mgmt:10.9.0.4",  # who knows at which port
        "Deny tcp src field:10.1.2.300/1 dst mgmt:10.9.0.4/22",
    ],
)
def test_lines_that_speak_of_something_else(line: str) -> None:
    assert refused(WALL, line) is None


def test_addresses_of_ipv6_are_read() -> None:
    wall = replace(WALL, origin=(ip_network("2001:db8:1::/48"),))
    found = refused(wall, "drop SRC=2001:db8:1::5 DST=2001:db8:9::7 PROTO=TCP SPT=1 DPT=22")
    assert found is not None
    assert found.to == "2001:db8:9::7"


def test_a_line_that_permits_is_no_denial() -> None:
    assert not is_denial("%ASA-6-302013: Built inbound TCP connection 1 for field:10.1.2.3/1 to mgmt:10.9.0.4/22")


def test_series_tell_how_a_wall_stands_by_the_names_of_the_page() -> None:
    rows = [(WALL, standing_of(WALL, [probe("prohibited", 1000), probe("open", 2000, port=443)], 5000))]
    table = segmentation_samples(rows, 5000)
    assert table.tags == (("segment/field-management", "field", "management"),)
    assert dict(zip(table.field_keys, table.values[0], strict=True)) == {
        "verdict": 2.0,
        "reached": 1.0,
        "excepted": 0.0,
        "proof_age_s": 4.0,
    }
    section = PAGE.partition("`noc_segmentation`")[2].partition("`noc_canary`")[0]
    assert all(f"| `{name}` | field |" in section for name in table.field_keys)
    assert all(f"| `{name}` | tag |" in section for name in table.tag_keys)
