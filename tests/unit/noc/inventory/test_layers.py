"""defaults < device class < site class < site < device."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.layers import BUILT_IN, WATCH_KEYS, Watch, WatchText, resolve
from noc.inventory.ssh import Backup, SshCheck
from noc.inventory.values import Liveness
from noc.model.command import Command


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


DURATIONS = st.integers(1, 1000).map(seconds)
COMMANDS = [Command("linux", "uptime"), Command("linux", "df")]
TEXTS = st.builds(
    WatchText,
    interval=st.none() | DURATIONS,
    poll_interval=st.none() | DURATIONS,
    timeout=st.none() | DURATIONS,
    retries=st.none() | st.integers(0, 10),
    confirm_down=st.none() | st.integers(1, 9),
    confirm_up=st.none() | st.integers(1, 9),
    stale_after=st.none() | DURATIONS,
    skew=st.none() | DURATIONS,
    liveness=st.none() | st.sampled_from([Liveness("icmp"), Liveness("snmp"), Liveness("tcp", 22)]),
    credentials=st.none() | st.sampled_from(["a", "b"]),
    profile=st.none() | st.sampled_from(["auto", "generic"]),
    ssh=st.none() | st.sampled_from([SshCheck(platform="linux", command=command) for command in COMMANDS]),
    backup=st.none() | st.sampled_from([Backup(), Backup(keep=2)]),
)


def test_what_is_resolved_is_what_may_be_written() -> None:
    assert tuple(field.name for field in fields(Watch)) == WATCH_KEYS


def test_without_layers_the_built_in_values_hold() -> None:
    watch = resolve([])
    assert watch == Watch(
        interval=seconds(60),
        poll_interval=seconds(300),
        timeout=seconds(2),
        retries=2,
        confirm_down=3,
        confirm_up=1,
        stale_after=seconds(180),
        skew=seconds(60),
        liveness=Liveness("icmp"),
        credentials=None,
        profile="auto",
        ssh=None,
    )


def test_an_interval_brings_its_own_stale_after_and_skew() -> None:
    far = WatchText(interval=seconds(10), stale_after=seconds(25), skew=seconds(5))
    assert resolve([far]).stale_after == seconds(25)
    assert resolve([far, WatchText(interval=seconds(60))]).stale_after == seconds(180)
    assert resolve([far, WatchText(interval=seconds(60))]).skew == seconds(60)
    assert resolve([far, WatchText(timeout=seconds(1))]).stale_after == seconds(25)
    assert resolve([far, WatchText(interval=seconds(60), skew=seconds(7))]).skew == seconds(7)


@given(st.lists(TEXTS, max_size=5))
def test_the_nearest_layer_that_gives_a_value_wins(texts: list[WatchText]) -> None:
    watch = resolve(texts)
    for key in set(WATCH_KEYS) - {"stale_after", "skew"}:
        given_values = [value for text in (BUILT_IN, *texts) if (value := getattr(text, key)) is not None]
        assert getattr(watch, key) == (given_values[-1] if given_values else None)
    since = max((index for index, text in enumerate(texts) if text.interval is not None), default=0)
    later = [text.stale_after for text in texts[since:] if text.stale_after is not None]
    assert watch.stale_after == (later[-1] if later else 3 * watch.interval)
