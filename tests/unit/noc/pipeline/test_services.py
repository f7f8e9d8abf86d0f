"""Services: three-valued formulas, changes dated as their inputs were, and the place that serves."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.entities import Service
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.model.reading import Reading
from noc.model.replies import DnsReply, HttpReply, SmtpReply
from noc.model.switch import ServiceSwitch
from noc.model.transition import Status, Transition
from noc.pipeline.gates import Gate, gate_of
from noc.pipeline.services import Services
from noc.pipeline.serviceseries import service_samples
from noc.settings.schema import validate
from noc.settings.yamltext import parse

WORDS: tuple[Status, ...] = ("up", "down", "unknown")
AT = datetime(2026, 3, 1, tzinfo=UTC)


def service(text: str, name: str = "s") -> Service:
    data = f"id: {name}\nname: {name}\n{text}"
    return validate(Service, parse(data, "s.yaml"))


def inventory(**services: str) -> Inventory:
    return Inventory(services={name: service(text, name) for name, text in services.items()})


def change(entity: str, status: Status, since_ms: int, decided_ms: int | None = None) -> Transition:
    return Transition(
        entity, status, "unknown", since_ms, since_ms if decided_ms is None else decided_ms, "t", "p", "confirmed", ()
    )


def reading(reply: DnsReply | HttpReply | SmtpReply | None) -> Reading:
    return Reading("dns", "a", "p", AT, 0.1, reply=reply)


def new(known: Inventory, ledger: dict[str, Transition] | None = None) -> Services:
    services = Services(known, "p")
    services.start(lambda _: "unknown", lambda _: None, ledger or {}, {}, 0)
    return services


def switch(
    since_ms: int, *evidence: tuple[str, str], before: str | None = "brindisi", after: str = "valencia"
) -> ServiceSwitch:
    return ServiceSwitch("service/s", before, after, since_ms, "p", evidence)


@pytest.mark.parametrize(
    ("formula", "words", "expected"),
    [
        ("{all_of: [device/a, device/b]}", "up up", "up"),
        ("{all_of: [device/a, device/b]}", "up unknown", "unknown"),
        ("{all_of: [device/a, device/b]}", "down unknown", "down"),
        ("{any_of: [device/a, device/b]}", "up unknown", "up"),
        ("{any_of: [device/a, device/b]}", "down unknown", "unknown"),
        ("{any_of: [device/a, device/b]}", "down down", "down"),
        ("{at_least: 2, of: [device/a, device/b, device/c]}", "up down up", "up"),
        ("{at_least: 2, of: [device/a, device/b, device/c]}", "up down unknown", "unknown"),
        ("{at_least: 2, of: [device/a, device/b, device/c]}", "down down unknown", "down"),
        ("{at_least: 2, of: [device/a, device/b], weights: [2, 1]}", "up down", "up"),
        ("{at_least: 2, of: [device/a, device/b], weights: [2, 1]}", "down up", "down"),
        ("{at_least: 2, of: [device/a, device/b], weights: [2, 1]}", "unknown up", "unknown"),
    ],
)
def test_unknown_is_neither_up_nor_down(formula: str, words: str, expected: Status) -> None:
    gate = gate_of(validate(Formula, parse(formula, "f")), Inventory())
    known = dict(zip(("device/a", "device/b", "device/c"), words.split(), strict=False))
    assert gate.status(lambda entity: known[entity]) == expected  # type: ignore[arg-type,return-value]


def gates(names: tuple[str, ...] = ("a", "b", "c")) -> st.SearchStrategy[Gate]:
    leaves: st.SearchStrategy[str | Gate] = st.sampled_from(names)

    def gate(inner: st.SearchStrategy[str | Gate]) -> st.SearchStrategy[str | Gate]:
        parts = st.lists(st.tuples(st.integers(1, 3), inner), min_size=1, max_size=3)
        return parts.flatmap(
            lambda chosen: st.integers(1, sum(weight for weight, _ in chosen)).map(
                lambda need: Gate(need, tuple(chosen))
            )
        )

    return st.recursive(leaves, gate, max_leaves=5).map(
        lambda one: one if isinstance(one, Gate) else Gate(1, ((1, one),))
    )


@given(gates(), st.fixed_dictionaries({name: st.sampled_from(WORDS) for name in "abc"}))
def test_what_is_known_holds_whatever_the_unknown_turn_out_to_be(gate: Gate, known: dict[str, Status]) -> None:
    word = gate.status(known.__getitem__)
    open_names = [name for name, status in known.items() if status == "unknown"]
    possible = {
        gate.status({**known, **dict(zip(open_names, guess, strict=True))}.__getitem__)
        for guess in product(("up", "down"), repeat=len(open_names))
    }
    assert "unknown" not in possible
    if word != "unknown":
        assert possible == {word}


def test_a_site_is_any_of_its_edge_devices_and_a_service_its_formula() -> None:
    known = inventory(a="formula: {all_of: [service/b, site/nowhere]}", b="formula: {any_of: [endpoint/x]}")
    gate = gate_of(known.services["a"].whole, known)
    assert gate.status(lambda _: "up") == "up"
    assert set(gate.entities()) == {"endpoint/x", ""}
    services = new(known)
    changes, _ = services.take([change("endpoint/x", "up", 10)])
    assert [(one.entity, one.status) for one in changes] == [
        ("service/b", "up")
    ]  # nobody tells of a site without edges


def test_a_change_is_dated_as_that_of_the_input_that_decides() -> None:
    services = new(inventory(s="formula: {any_of: [device/a, device/b]}"))
    first, _ = services.take([change("device/a", "up", 1000, 1500)])
    assert [(one.status, one.before, one.since_ms, one.decided_ms) for one in first] == [("up", "unknown", 1000, 1500)]
    assert services.take([change("device/b", "up", 900, 1600)]) == ([], [])
    assert services.take([change("device/b", "down", 5000, 8000)]) == ([], [])
    last, _ = services.take([change("device/a", "down", 4000, 9000)])
    # Both were down from 5000 on, though that of `a` is older and was heard of later.
    assert [(one.status, one.since_ms, one.decided_ms, one.check) for one in last] == [("down", 5000, 9000, "formula")]


def test_two_changes_of_one_input_at_once_are_taken_in_order() -> None:
    services = new(inventory(s="formula: {all_of: [device/a]}"))
    services.take([change("device/a", "up", 1000)])
    changes, _ = services.take([change("device/a", "unknown", 2000, 9000), change("device/a", "up", 8000, 9000)])
    assert [(one.status, one.since_ms) for one in changes] == [("unknown", 2000), ("up", 8000)]


def test_after_a_restart_only_what_is_new_is_told() -> None:
    known = inventory(s="formula: {all_of: [device/a]}", t="formula: {all_of: [device/b]}")
    before = {
        "service/s": change("service/s", "up", 500),
        "service/t": change("service/t", "up", 600),
        "service/gone": change("service/gone", "down", 700),
    }
    words: dict[str, Status] = {"device/a": "up", "device/b": "down"}
    services = Services(known, "p")
    told, _ = services.start(words.__getitem__, lambda _: 550, before, {}, 9000)
    assert [(one.entity, one.status, one.before, one.since_ms) for one in told] == [
        ("service/gone", "unknown", "down", 9000),
        ("service/t", "down", "up", 601),  # never before an earlier change
    ]


def test_a_reload_keeps_what_stays_and_ends_what_left() -> None:
    services = new(inventory(s="formula: {all_of: [device/a]}", t="formula: {all_of: [device/a]}"))
    services.take([change("device/a", "up", 1000)])
    told, _ = services.replace(inventory(s="formula: {all_of: [device/b]}"), lambda _: "down", lambda _: 3000, 5000)
    assert [(one.entity, one.status, one.before, one.since_ms) for one in told] == [
        ("service/t", "unknown", "up", 5000),
        ("service/s", "down", "up", 3000),
    ]
    assert services.names() == ("service/s",)


PLACES = """places:
  brindisi: {formula: {all_of: [endpoint/b]}MARK}
  valencia: {formula: {all_of: [endpoint/v]}MARK}
"""


def places(mark: str = "") -> Inventory:
    first, second = (mark.format(name) for name in ("brindisi", "valencia"))
    text = PLACES.replace("MARK", first, 1).replace("MARK", second, 1)
    return inventory(s=text)


def test_without_a_mark_the_first_place_that_is_up_serves() -> None:
    services = new(places())
    services.take([change("endpoint/v", "up", 50)])
    now = services.now("service/s")
    assert now is not None
    assert (now.status, now.serving) == ("up", None)  # whether Brindisi does, nobody knows yet
    _, switches = services.take([change("endpoint/b", "up", 100)])
    both = (("endpoint/b", "up"), ("endpoint/v", "up"))
    assert switches == [switch(100, *both, before=None, after="brindisi")]
    now = services.now("service/s")
    assert now is not None
    assert (now.serving, now.degraded) == ("brindisi", False)
    _, switches = services.take([change("endpoint/b", "down", 200, 300)])
    assert switches == [switch(300, ("endpoint/b", "down"), ("endpoint/v", "up"))]
    now = services.now("service/s")
    assert now is not None
    assert (now.status, now.serving, now.came_from, now.degraded) == ("up", "valencia", "brindisi", True)
    assert now.failing == ("endpoint/b",)
    known = services.take([change("endpoint/v", "down", 400)])[0]
    assert [one.status for one in known] == ["down"]
    now = services.now("service/s")
    assert now is not None
    assert now.serving is None


@pytest.mark.parametrize(
    ("mark", "replies"),
    [
        (
            "answer: {}.example.org",
            [DnsReply("NOERROR", (f"{name}.example.org.",), 0.1) for name in ("brindisi", "valencia")],
        ),
        (
            "header: X-Served-By, value: {}",
            [HttpReply("u", 200, {"x-served-by": name}, "", 0, 0.1, 0.1) for name in ("brindisi", "valencia")],
        ),
        ("text: from {}", [HttpReply("u", 200, {}, f"from {name}!", 0, 0.1, 0.1) for name in ("brindisi", "valencia")]),
        ("text: mx.{}", [SmtpReply(220, f"mx.{name} ESMTP", 0.1) for name in ("brindisi", "valencia")]),
    ],
)
def test_a_mark_in_an_answer_tells_who_serves(mark: str, replies: list[DnsReply | HttpReply | SmtpReply]) -> None:
    services = new(places(", marker: {{endpoint: m, " + mark + "}}"))
    services.take([change("endpoint/b", "up", 100), change("endpoint/v", "up", 100)])
    (first,) = services.mark("endpoint/m", reading(replies[0]), 150)
    assert (first.before, first.after, first.since_ms) == (None, "brindisi", 150)
    assert services.mark("endpoint/m", reading(replies[0]), 155) == []
    assert services.mark("endpoint/m", reading(None), 160) == []
    assert services.mark("endpoint/other", reading(replies[1]), 170) == []
    (other,) = services.mark("endpoint/m", reading(replies[1]), 200)
    ((_, said),) = other.evidence
    assert other == switch(200, ("endpoint/m", said))
    assert "valencia" in said
    now = services.now("service/s")
    assert now is not None
    assert (now.serving, now.serving_ms) == ("valencia", 200)


def test_after_a_restart_a_switch_that_nobody_saw_is_told_once() -> None:
    services = Services(places(), "p")
    words: dict[str, Status] = {"endpoint/b": "down", "endpoint/v": "up"}
    served = switch(100, before=None, after="brindisi")
    both = (("endpoint/b", "down"), ("endpoint/v", "up"))
    start = (words.__getitem__, lambda _: 550, {}, {"service/s": served}, 9000)
    assert services.start(*start)[1] == [switch(9000, *both)]  # type: ignore[arg-type]
    assert services.replace(places(), words.__getitem__, lambda _: 550, 9500)[1] == []
    now = services.now("service/s")
    assert now is not None
    assert (now.serving, now.serving_ms, now.came_from) == ("valencia", 9000, "brindisi")


def test_what_served_before_a_restart_serves_until_something_else_is_known() -> None:
    services = Services(places(), "p")
    served = switch(100, before="brindisi", after="valencia")
    gone = switch(100, before=None, after="bangui")
    assert services.start(lambda _: "unknown", lambda _: None, {}, {"service/s": served}, 9000)[1] == []
    services.take([change("endpoint/v", "up", 9100)])
    now = services.now("service/s")
    assert now is not None
    assert (now.serving, now.serving_ms, now.came_from) == ("valencia", 100, "brindisi")
    other = Services(places(), "p")
    other.start(lambda _: "up", lambda _: 50, {}, {"service/s": gone}, 9000)
    now = other.now("service/s")
    assert now is not None
    assert (now.serving, now.came_from) == ("brindisi", None), "a place that is none any more is nobody's"


def test_samples_tell_what_rules_ask_for() -> None:
    known = places()
    services = new(known)
    services.take([change("endpoint/v", "up", 100), change("endpoint/b", "down", 100)])
    now = services.now("service/s")
    assert now is not None
    samples = service_samples(known.services["s"], now, AT)
    assert dict(zip(samples.field_keys, samples.values[0], strict=True)) == {
        "up": 1.0,
        "degraded": 1.0,
        "away": 1.0,
        "inputs": 2.0,
        "inputs_down": 1.0,
    }
    assert dict(zip(samples.tag_keys, samples.tags[0], strict=True))["place"] == "valencia"
