"""Margin and Eb/N0 out of MODCOD and Es/N0, by the tables of EN 302 307-1; nothing where they don't hold."""

from __future__ import annotations

import re
from math import log2, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.snapshot import Scalar
from noc.pipeline.dvbs2 import DVB_S2, DVB_S2X, completed, modcod_of

PROFILES, _ = kept_profiles([shipped("profiles")])


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("8PSK 3/4", "8PSK 3/4"),
        ("16-APSK-2/3", "16APSK 2/3"),
        ("qpsk9/10", "QPSK 9/10"),
        ("DVB-S2 32APSK 8/9 pilots on", "32APSK 8/9"),
        ("QPSK 7/8", None),  # DVB-S
        ("64APSK 4/5", None),  # DVB-S2X
        ("QPSK", None),
        ("", None),
    ],
)
def test_a_name_is_known_in_the_ways_that_modems_write_it(name: str, known: str | None) -> None:
    found = modcod_of(name)
    assert (None if found is None else found.name) == known


@given(st.text(max_size=60))
def test_no_text_of_a_device_raises(text: str) -> None:
    completed({"standard": "dvb-s2", "modcod": text, "es_n0_db": 5.0})


def test_the_table_is_whole_and_no_modcod_carries_more_than_its_channel() -> None:
    assert len(DVB_S2) == 28
    assert len({modcod.name for modcod in DVB_S2 + DVB_S2X}) == 28 + 39
    for modcod in DVB_S2 + DVB_S2X:
        capacity = log10(1 + 10 ** (modcod.es_n0_db / 10)) / log10(2)  # Shannon
        assert 0.6 * capacity < modcod.bits_per_symbol < capacity
        modulation, rate = modcod.name.removesuffix("-L").split(" ")
        points = 4 if modulation == "QPSK" else int(re.match(r"\d+", modulation)[0])  # type: ignore[index]
        over, under = map(int, rate.split("/"))
        assert modcod.bits_per_symbol == pytest.approx(log2(points) * over / under, rel=0.025)


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("16apsk 3/5-L", 7.41),
        ("16APSK 3/5", 7.80),
        ("QPSK 2/3", 3.10),
        ("256APSK 31/45-L", 18.10),
        ("QPSK 32/45 short", None),
        ("16APSK 108/180", None),
    ],
)
def test_a_modcod_of_dvb_s2x_has_its_own_threshold(name: str, threshold: float | None) -> None:
    assert completed({"standard": "dvb-s2x", "modcod": name}).get("es_n0_threshold_db") == threshold


def test_margin_and_eb_n0_follow_from_es_n0_and_modcod() -> None:
    told = completed({"standard": "dvb-s2", "modcod": "8PSK 3/4", "es_n0_db": 11.0})
    assert (told["es_n0_threshold_db"], told["bits_per_symbol"]) == (7.91, 2.228124)
    assert told["link_margin_db"] == 3.09
    assert told["eb_n0_db"] == 7.52  # 11 - 10 log10 2.228


def test_what_the_modem_tells_itself_is_kept() -> None:
    own: dict[str, Scalar] = {"link_margin_db": 0.0, "eb_n0_db": 9.0, "es_n0_threshold_db": 8.3}
    told = completed({"standard": "dvb-s2", "modcod": "8PSK 3/4", "es_n0_db": 11.0, **own})
    assert {key: told[key] for key in own} == own


def test_a_profile_with_a_threshold_of_its_own_gets_a_margin_over_that() -> None:
    assert completed({"es_n0_db": 4.0, "es_n0_threshold_db": 3.2})["link_margin_db"] == 0.8


@pytest.mark.parametrize(
    "told",
    [
        {"modcod": "8PSK 3/4", "es_n0_db": 11.0},  # the same name in another waveform needs another Es/N0
        {"standard": "dvb-s2", "modcod": "64APSK 4/5", "es_n0_db": 11.0},
        {"standard": "dvb-s2", "modcod": None, "es_n0_db": 11.0},
        {"standard": "dvb-s2", "modcod": "8PSK 3/4", "snr_db": 11.0},
    ],
)
def test_without_a_known_modcod_or_es_n0_margin_and_eb_n0_stay_unknown(told: dict[str, Scalar]) -> None:
    found = completed(told)
    assert (found.get("link_margin_db"), found.get("eb_n0_db")) == (None, None)


def test_every_name_that_profiles_make_of_a_number_is_in_the_table() -> None:
    names = PROFILES["newtec"].satellite["modcod"]
    assert all(modcod.name in repr(names) for modcod in DVB_S2)
