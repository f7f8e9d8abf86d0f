"""Remote pollers as the centre hears them."""

from __future__ import annotations

import base64
from dataclasses import replace

from noc.app.remotepollers import Registry, clone
from noc.bus.identity import Enrolled
from noc.bus.messages import Presence
from noc.model.poller import RemotePoller

KEY = base64.b64encode(bytes(32)).decode()
T = 1_780_000_000_000_000
S = 1_000_000


def enrolled(name: str, group: str = "east") -> Enrolled:
    return Enrolled(poller=name, group=group, user=name, key=KEY, at_ms=0, by="x")


def presence(name: str, boot: str = "a", **more: object) -> Presence:
    said: dict[str, object] = {"state": "here", "group": "east", "from_ms": 0, "sent_us": T}
    return Presence(poller=name, boot=boot, **{**said, **more})  # type: ignore[arg-type]


def registry(*names: str) -> Registry:
    known = Registry(60_000)
    known.enrol({name: enrolled(name) for name in names})
    return known


def row(known: Registry, name: str) -> RemotePoller:
    heard = known.of(name)
    assert heard is not None
    return heard.row


def test_who_speaks_is_there_and_who_was_lost_is_gone() -> None:
    known = registry("p")
    assert row(known, "p").state == "never"
    assert known.presence("p", presence("p", waiting=3, plan="x"), T, retained=False) == "ok"
    assert (row(known, "p").state, row(known, "p").since_ms, row(known, "p").waiting) == ("here", T // 1000, 3)
    assert known.presence("p", presence("p", state="gone"), T + S, retained=False) == "gone"
    assert (row(known, "p").state, row(known, "p").since_ms) == ("gone", (T + S) // 1000)


def test_the_last_will_of_a_process_that_ended_before_says_nothing() -> None:
    known = registry("p")
    known.presence("p", presence("p", "a"), T, retained=False)
    known.presence("p", presence("p", "b"), T + S, retained=False)
    assert known.presence("p", presence("p", "a", state="gone"), T + 2 * S, retained=False) is None
    assert row(known, "p").state == "here"


def test_a_boot_that_comes_back_after_another_is_a_clone() -> None:
    known = registry("p")
    said = [known.presence("p", presence("p", boot), T + n * S, retained=False) for n, boot in enumerate("aabba")]
    assert said == ["ok", "ok", "ok", "ok", "clone"]
    heard = known.of("p")
    assert heard is not None
    assert "a, b" in clone(heard)


def test_what_a_killed_broker_kept_of_long_ago_is_no_clone() -> None:
    known = registry("p")
    for number, boot in enumerate("ab"):
        known.presence("p", presence("p", boot), T + number * S, retained=False)
    assert known.presence("p", presence("p", "a"), T + 2 * S, retained=True) is None
    assert known.presence("p", presence("p", "b"), T + 3 * S, retained=False) == "ok"


def test_nobody_speaks_for_others_or_without_being_enrolled() -> None:
    known = registry("p", "q")
    assert known.presence("p", presence("q"), T, retained=False) is None
    assert known.presence("x", presence("x"), T, retained=False) is None
    assert known.unknown == 2
    assert row(known, "q").state == "never"


def test_who_says_nothing_is_gone_but_not_while_nobody_could_hear_it() -> None:
    known = registry("p")
    known.presence("p", presence("p"), T, retained=False)
    assert known.silent(T // 1000 + 60_000, 0) == []
    assert known.silent(T // 1000 + 60_001, T // 1000 + 30_000) == []
    assert known.silent(T // 1000 + 60_001, 0) == ["p"]
    assert known.silent(T // 1000 + 70_000, 0) == []


def test_a_clock_is_as_far_off_as_the_poller_reckons_else_as_its_quickest_message_says() -> None:
    known = registry("p")
    known.presence("p", presence("p", sent_us=T), T + 700_000, retained=True)
    assert row(known, "p").offset_us is None
    for sent, taken in ((T + 5 * S, T + 700_000), (T + 15 * S, T + 10_300_000), (T + 25 * S, T + 20_900_000)):
        known.presence("p", presence("p", sent_us=sent), taken, retained=False)
    assert (row(known, "p").offset_us, row(known, "p").error_us) == (4_700_000, None)
    known.presence("p", presence("p", offset_us=5 * S, error_us=9), T + 30 * S, retained=False)
    assert (row(known, "p").offset_us, row(known, "p").error_us) == (5 * S, 9)


def test_devices_belong_to_who_serves_and_to_nobody_else() -> None:
    known = registry("p", "q")
    devices = [f"d{number}" for number in range(50)]
    assert {known.owner("east", one, 10) for one in devices} == {None}
    known.presence("p", presence("p"), T, retained=False)
    known.presence("q", presence("q", from_ms=20), T, retained=False)
    assert {known.owner("east", one, 10) for one in devices} == {"p"}
    assert {known.owner("east", one, 20) for one in devices} == {"p", "q"}
    known.ordered([replace(row(known, "p"), quarantine="two of it")])
    assert {known.owner("east", one, 20) for one in devices} == {"q"}
    known.presence("q", presence("q", state="draining", from_ms=20, until_ms=40), T, retained=False)
    assert {known.owner("east", one, 39) for one in devices} == {"q"}
    assert {known.owner("east", one, 40) for one in devices} == {None}


def test_orders_and_changes_are_told_once() -> None:
    known = registry("p")
    assert [one.name for one in known.unwritten()] == ["p"]
    assert known.unwritten() == []
    assert known.ordered([replace(row(known, "p"), drain=True)]) == ["p"]
    assert known.ordered([replace(row(known, "p"), drain=True)]) == []
    known.count("p", readings=2, refused=1)
    assert [(one.readings, one.refused, one.drain) for one in known.unwritten()] == [(2, 1, True)]
    known.forget_written()
    assert len(known.unwritten()) == 1


def test_after_a_restart_nobody_is_there_until_it_is_heard() -> None:
    known = Registry(60_000)
    known.take_up(
        [
            RemotePoller("p", "west", "here", "a", since_ms=1, seen_ms=9, readings=5, quarantine="why"),
            RemotePoller("q", "east"),
        ]
    )
    assert known.enrol({"p": enrolled("p")}) == (["p"], [])
    assert row(known, "p") == RemotePoller("p", "east", "gone", "a", since_ms=9, seen_ms=9, quarantine="why")
    assert known.enrol({}) == ([], ["p"])
    assert known.of("p") is None
