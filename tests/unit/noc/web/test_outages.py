"""Outages as the page lists them: without planned time, each with causes that sum up to its length."""

from __future__ import annotations

from noc.availability.corrections import Correction
from noc.availability.evidence import raw_timeline
from noc.availability.policy import Period, Policy, ProbePolicy
from noc.availability.replay import Answer, derived, figures_of
from noc.availability.spans import NEVER, Span
from noc.web.outages import Outage, outages_of

PROBE = ProbePolicy(10, 0, 1, 1)
POLICY = Policy(
    PROBE,
    upstream={"device/far": ["device/hub"]},
    sites={"site/far": ["device/far"], "site/hub": ["device/hub"]},
    regions={"region/r": ["site/far", "site/hub"]},
)
HUB, FAR = ("device/hub", "site/hub"), ("device/far", "site/far")


def answer(end: int = 1000) -> Answer:
    """Return figures: the hub is down from 100 to 200, and again from 400 to 500; far, behind it, to 210."""
    down = {"device/hub": ((100, 200), (400, 500)), "device/far": ((100, 210), (400, 500))}
    raw = {
        name: raw_timeline(
            [(time, not any(start <= time < stop for start, stop in spans)) for time in range(0, 1000, 5)], PROBE, 1000
        )
        for name, spans in down.items()
    }
    return figures_of(derived(raw, POLICY), POLICY, Period(0, end), 1000)


def test_an_outage_takes_the_causes_of_what_it_stands_on() -> None:
    approved = [Correction("device/hub", 0, 150, "power", 1), Correction("region/r", 400, 500, "carrier", 2)]
    hub = outages_of("site/hub", answer(), POLICY, approved, NEVER)
    assert hub == [
        Outage(400, 500, False, (("carrier", 100),)),
        Outage(100, 200, False, (("power", 50), ("unknown", 50))),
    ]
    far = outages_of("site/far", answer(), POLICY, approved, NEVER)
    assert far[1] == Outage(100, 210, False, (("unknown", 60), ("power", 50)))


def test_planned_time_is_cut_out_and_what_goes_on_says_so() -> None:
    found = outages_of("site/hub", answer(450), POLICY, [], [Span(120, 140)])
    assert [(one.start, one.end, one.goes_on) for one in found] == [
        (400, 450, True),
        (140, 200, False),
        (100, 120, False),
    ]


def test_of_what_has_no_figures_there_are_none() -> None:
    assert outages_of("interface/x/y", answer(), POLICY, [], NEVER) == []
    assert outages_of("region/r", answer(), POLICY, [], NEVER) == []
