"""Satellite families that nobody has recorded: an agent with the objects of their MIBs and published lists, over UDP.

The numbers are ours, the OIDs, types, units and signs those of the sources that the profiles name: what an agent
answers that keeps to them ends up in `satellite` of a poll. That a real one keeps to them is not shown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from noc.model.snapshot import Scalar
from tests.live.conftest import RunningAgent
from tests.live.made import Walk, served
from tests.live.recorded import poll

pytestmark = pytest.mark.live

FAMILIES: Mapping[str, tuple[str, str, Walk, Mapping[str, Scalar]]] = {
    "uhp-made": (
        "uhp",
        "8000.22",
        {
            "8000.22.2.1.0": 117,
            "8000.22.2.3.0": 402,
            "8000.22.4.6.1.0": 119,
            "8000.22.5.5.1.0": 17,
            "8000.22.8.1.0": 47,
            "8000.22.9.4.0": 117,
            "8000.22.9.6.0": 1,
        },
        {
            "snr_db": 11.7,
            "rx_level_dbm": -40.2,  # the MIB: "x -10 dBm"
            "tx_power_dbm": -11.9,
            "rx_lock": True,
            "tx_on": True,
            "temperature_c": 47,
            "state": "operation",
        },
    ),
    "newtec-made": (
        "newtec",
        "5835.5.2",
        {
            "5835.5.2.100.1.9.1.0": 41,
            "5835.5.2.1000.1.3.0": 1,
            "5835.5.2.1000.1.33.0": -103,
            "5835.5.2.3300.1.2.1.6.1": 0,
            "5835.5.2.3300.1.2.1.7.1": 0,
            "5835.5.2.3300.1.5.1.3.1": -415,
            "5835.5.2.3300.1.5.1.4.1": 1130,
            "5835.5.2.3300.1.5.1.14.1": 261,
            "5835.5.2.3300.1.5.1.20.1": 0,
            "5835.5.2.10000.1.1.1.0": 0,
            "5835.5.2.10000.1.1.2.0": 1,
        },
        {
            "es_n0_db": 11.3,
            "es_n0_threshold_db": 6.12,  # EN 302 307-2, table 20a
            "link_margin_db": 5.18,
            "eb_n0_db": 8.52,  # less 10 log10 1.896173
            "rx_level_dbm": -41.5,
            "tx_power_dbm": -10.3,
            "tx_on": True,
            "rx_lock": True,
            "modcod": "8PSK 23/36",
            "standard": "dvb-s2x",
            "temperature_c": 41,
            "buc_alarm": True,
            "lnb_alarm": False,
            "state": "operational",
        },
    ),
    "newtec-el470-made": (
        "newtec-el470",
        "5835.3",
        {
            "5835.3.1.1.1.39.0.1": "38",
            "5835.3.1.3.1.37.1.1": "1",
            "5835.3.1.3.1.75.1.1": "-12.5",
            "5835.3.1.13.1.15.1.1": "-47.2",
            "5835.3.1.13.1.32.1.1": "3.4",
            "5835.3.1.13.1.48.1.1": "10.1",
        },
        {
            "es_n0_db": 10.1,
            "link_margin_db": 3.4,
            "rx_level_dbm": -47.2,
            "tx_power_dbm": -12.5,
            "tx_on": True,
            "temperature_c": 38,
        },
    ),
    "novelsat-made": (
        "novelsat",
        "37576.1",
        {
            "37576.3.2.2.1.0": 4150,
            "37576.3.2.5.1.0": -1250,
            "37576.4.2.1.1.0": 2,
            "37576.4.2.1.2.0": 1,
            "37576.4.2.1.3.0": 1432,
            "37576.4.2.1.17.0": 310,
            "37576.4.2.1.21.1.3.1": 1,
            "37576.4.2.1.21.1.5.1": 2,
            "37576.4.2.1.21.1.6.1": 18,
            "37576.4.2.1.22.0": -3520,
        },
        {
            "es_n0_db": 14.32,
            "link_margin_db": 3.1,
            "rx_level_dbm": -35.2,
            "tx_power_dbm": -12.5,
            "rx_lock": True,
            "modcod": "8PSK 3/4",
            "standard": "dvb-s2",
            "temperature_c": 41.5,
        },
    ),
    "idirect-made": (
        "idirect-hub",
        "13732",
        {
            "13732.1.1.1.1.7.1": "HUB",
            "13732.1.1.1.1.7.2": "Bor",
            "13732.1.1.1.1.11.1": 2,
            "13732.1.1.1.1.11.2": 3,
            "13732.1.1.1.1.12.1": 0,
            "13732.1.1.1.1.12.2": 4,
            "13732.1.4.6.1.10.1": "-31.5",
            "13732.1.4.6.1.14.1": "-12.0",
            "13732.1.4.6.1.15.1": "36.0",
        },
        {"rx_level_dbm": -31.5, "tx_power_dbm": -12, "temperature_c": 36, "state": "green"},
    ),
    "comtech-made": (
        "comtech-ef-data",
        "6247.80",
        {"6247.80.1.1.1.2.0": "43", "6247.80.1.3.2.5.0": "98"},
        {"temperature_c": 43, "es_n0_db": None, "eb_n0_db": None},
    ),
    "comtech-tracking-made": (
        "comtech-tracking-receiver",
        "18723.5975",
        {
            "18723.5975.1.2.0": "Locked and tracking",
            "18723.5975.1.3.0": "12.4 dB",
            "18723.5975.1.4.0": "9.6 dB",
            "18723.5975.1.5.0": "-44.1 dBm",
        },
        {"rx_lock": True, "es_n0_db": 12.4, "eb_n0_db": 9.6, "rx_level_dbm": -44.1},
    ),
    "gilat-made": (
        "gilat-skyedge",
        "7352.3",
        {"7352.3.5.10.16.8.0": 1170, "7352.3.5.10.16.25.0": 117},
        {"es_n0_db": 11.7, "rx_level_dbm": None, "snr_db": None},
    ),
    "ayecka-made": (
        "ayecka-sr1",
        "27928",
        {
            "27928.101.1.1.4.1.0": 0,
            "27928.101.1.1.4.4.0": 95,
            "27928.101.1.1.4.6.0": 40,
            "27928.101.1.1.4.7.0": 12,
            "27928.101.1.2.4.1.0": 3,
        },
        {"rx_lock": True, "es_n0_db": 9.5, "link_margin_db": 4, "modcod": "8PSK 3/5", "es_n0_threshold_db": 5.5},
    ),
    "arris-made": (
        "arris-dsr",
        "1166.1.621",
        {"1166.1.621.11.1.0": 0, "1166.1.621.11.9.0": -382, "1166.1.621.11.10.0": 84},
        {"rx_lock": True, "rx_level_dbm": -38.2, "eb_n0_db": 8.4},
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """An agent for each family, by its name as the community."""
    walks = {name: (above, walk) for name, (_, above, walk, _) in FAMILIES.items()}
    with served(walks, tmp_path_factory.mktemp("made")) as agent:
        yield agent


@pytest.mark.parametrize("name", FAMILIES)
def test_what_its_objects_tell_is_among_the_satellite_values(name: str, made: RunningAgent) -> None:
    profile, _, _, expected = FAMILIES[name]
    polled = poll(name, made.port)
    assert polled.reading.snmp is not None
    assert polled.reading.snmp.profile == profile
    assert {key: polled.taken.satellite[key] for key in expected} == expected
