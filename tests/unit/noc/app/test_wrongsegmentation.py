"""Segments of nothing, and statements that nobody can prove, are told with their place."""

from __future__ import annotations

from tests.unit.noc.app.conftest import CLEAN, Checking

SEGMENTS = (
    "segmentation:\n"
    "  segments:\n"
    "    field: {networks: [10.1.0.0/16]}\n"
    "    management: {sites: [nairobi]}\n"
    "    servers: {networks: [10.9.0.0/24]}\n"
    "  statements:\n"
)


def with_statements(text: str, segments: str = SEGMENTS) -> dict[str, str | None]:
    return {"noc.yaml": CLEAN["noc.yaml"] + segments + text}


def test_all_that_is_right_is_taken(checking: Checking) -> None:
    text = "    a: {from: field, must_not_reach: management, ports: [22], every: 15m}\n"
    assert checking.messages(with_statements(text)) == []


def test_unknown_segments_sites_and_tags_are_told_with_what_was_meant(checking: Checking) -> None:
    text = "    a: {from: feild, must_not_reach: management, ports: [22]}\n"
    segments = SEGMENTS.replace("[nairobi]", "[nairobbi], tags: [guest]")
    assert checking.messages(with_statements(text, segments)) == [
        "noc.yaml:6:26: error: segmentation.segments.management: there is no site 'nairobbi' (did you mean 'nairobi'?)",
        "noc.yaml:6:44: error: segmentation.segments.management: no device has the tag 'guest'",
        "noc.yaml:9:15: error: segmentation.statements.a.from: unknown segment 'feild' (did you mean 'field'?)",
    ]


def test_a_statement_asks_something_of_another_segment(checking: Checking) -> None:
    (said,) = checking.messages(with_statements("    a: {from: field, must_not_reach: management}\n"))
    assert "a statement needs ports, or icmp: true" in said
    (said,) = checking.messages(with_statements("    a: {from: field, must_not_reach: field, ports: [22]}\n"))
    assert "a segment can't be kept from itself" in said


def test_nobody_is_asked_more_often_than_every_15_minutes(checking: Checking) -> None:
    (said,) = checking.messages(
        with_statements("    a: {from: field, must_not_reach: management, ports: [22], every: 1m}\n")
    )
    assert "segmentation.statements.a.every: a statement is proved every 15m at most" in said


def test_there_must_be_somebody_to_ask(checking: Checking) -> None:
    (said,) = checking.messages(with_statements("    a: {from: field, must_not_reach: servers, ports: [22]}\n"))
    assert "noc.yaml:9:5: error: " in said
    assert "no device of the inventory stands in 'servers'" in said
    text = "    a: {from: field, must_not_reach: servers, ports: [22], targets: [10.9.0.1, 10.8.0.1]}\n"
    (said,) = checking.messages(with_statements(text))
    assert "segmentation.statements.a: 10.8.0.1 is not in 'servers'" in said


def test_an_exception_that_is_over_and_a_statement_of_another_poller_are_told(checking: Checking) -> None:
    over = "{to: 10.9.0.1/32, owner: wanjiru, until: 2020-01-01T00:00:00Z}"
    text = f"    a: {{from: field, must_not_reach: management, ports: [22], pollers: [far], exceptions: [{over}]}}\n"
    said = checking.messages(with_statements(text))
    assert [": warning: " in one for one in said] == [True, True]
    assert "this poller is 'centre', and does nothing for it; it is left to far" in said[0]
    assert "the exception of wanjiru for 10.9.0.1/32 is over" in said[1]
