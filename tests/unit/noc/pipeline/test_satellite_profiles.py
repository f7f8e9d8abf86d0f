"""Satellite modems, radio links and time servers that no recording holds: what their profiles make of an answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])
Rows = dict[Index, dict[str, Raw]]
UNMEASURED: dict[str, Raw] = {"ntcEsNo": -1000, "ntcCarrierLevel": -1000, "ntcEbNo": 0, "ntcLinkMargin": 0}
MEASURED: dict[str, Raw] = {"ntcEsNo": 1130, "ntcCarrierLevel": -415, "ntcEbNo": 940, "ntcLastModCod": 13}


def take(profile: str, tables: dict[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables or {})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def told(taken: Snapshot) -> dict[str, tuple[float | str | None, str]]:
    """Return each sensor's value, or its state, and status by its name."""
    return {row.name: (row.value if row.text is None else row.text, row.status) for row in taken.sensors}


def newtec(*demodulators: dict[str, Raw], locked: tuple[bool, ...]) -> Snapshot:
    rows: Rows = {(number,): row for number, row in enumerate(demodulators, 1)}
    alarms: Rows = {(number,): {"ntcNoLockAlarm": 0 if lock else 1} for number, lock in enumerate(locked, 1)}
    return take("newtec", {"ntcDemodTable": rows, "ntcDemodAlarmTable": alarms}, ntcTxLevel=-103, ntcTxState=1)


def test_a_margin_that_the_modem_does_not_tell_is_es_n0_over_what_the_modcod_needs() -> None:
    satellite = newtec(UNMEASURED, MEASURED, locked=(False, True)).satellite
    assert (satellite["es_n0_db"], satellite["modcod"]) == (11.3, "8PSK 2/3")
    assert satellite["link_margin_db"] == pytest.approx(11.3 - 6.62)  # EN 302 307-1, table 13
    assert (satellite["rx_level_dbm"], satellite["tx_power_dbm"]) == (-41.5, -10.3)
    assert (satellite["rx_lock"], satellite["tx_on"]) == (True, True)


def test_a_margin_that_the_modem_tells_comes_first() -> None:
    assert newtec({**MEASURED, "ntcLinkMargin": 310}, locked=(True,)).satellite["link_margin_db"] == 3.1


@pytest.mark.parametrize(
    ("number", "modcod", "standard", "margin"),
    [
        (28, "32APSK 9/10", "dvb-s2", 11.3 - 16.05),
        (137, "QPSK 120/180", None, None),  # the maker's own step: no threshold is public
        (200, "16APSK 135/180-L", None, None),
        (259, "8APSK 5/9-L", "dvb-s2x", 11.3 - 4.73),  # EN 302 307-2, table 20a
        (293, "256APSK 3/4", "dvb-s2x", 11.3 - 19.57),
        (307, "32APSK 2/3 short", "dvb-s2x", None),
        (128, None, None, None),
    ],
)
def test_a_margin_needs_the_threshold_of_the_modcod(
    number: int, modcod: str | None, standard: str | None, margin: float | None
) -> None:
    satellite = newtec({**MEASURED, "ntcLastModCod": number}, locked=(True,)).satellite
    assert (satellite["es_n0_db"], satellite["modcod"], satellite["standard"]) == (11.3, modcod, standard)
    assert satellite["link_margin_db"] == (None if margin is None else pytest.approx(margin))


def test_eb_n0_that_the_modem_does_not_tell_follows_from_the_modcod() -> None:
    silent = {key: value for key, value in MEASURED.items() if key != "ntcEbNo"}
    satellite = newtec(silent, locked=(True,)).satellite
    assert satellite["eb_n0_db"] == pytest.approx(11.3 - 2.97, abs=0.01)  # 10 log10 1.980636
    assert (satellite["standard"], satellite["es_n0_threshold_db"]) == ("dvb-s2", 6.62)


def test_a_dummy_frame_does_not_hide_the_modcod_of_the_link() -> None:
    dummy = {**MEASURED, "ntcLastModCod": 0, "ntcLastNonDummyModCod": 13}
    assert newtec(dummy, locked=(True,)).satellite["modcod"] == "8PSK 2/3"


@pytest.mark.parametrize(
    ("hardware", "communication", "lnb", "told"),
    [
        (0, 0, (0,), (False, False)),
        (1, 0, (0, 1), (True, True)),
        (0, 1, (0, 0), (True, False)),
        (None, None, (), (None, None)),
        (0, None, (), (False, None)),
    ],
)
def test_alarms_of_the_outdoor_unit(
    hardware: int | None, communication: int | None, lnb: tuple[int, ...], told: tuple[bool | None, bool | None]
) -> None:
    rows: Rows = {(number,): {"ntcLnbPowerAlarm": alarm} for number, alarm in enumerate(lnb, 1)}
    alarms = {"ntcBucHardwareAlarm": hardware, "ntcBucCommunicationAlarm": communication}
    satellite = take("newtec", {"ntcDemodAlarmTable": rows}, ntcTemperature=41, **alarms).satellite
    assert (satellite["buc_alarm"], satellite["lnb_alarm"], satellite["temperature_c"]) == (*told, 41)


def test_a_carrier_too_low_to_measure_has_no_numbers() -> None:
    taken = newtec(UNMEASURED, locked=(False,))
    assert [taken.satellite[name] for name in ("es_n0_db", "eb_n0_db", "link_margin_db", "rx_level_dbm")] == [None] * 4
    assert taken.satellite["rx_lock"] is False
    assert told(taken)["Demodulator 1 no lock"] == ("on", "critical")
    assert not {"Demodulator 1 Es/N0", "Demodulator 1 Eb/N0", "Demodulator 1 link margin"} & told(taken).keys()


def test_es_n0_of_a_carrier_that_is_lost_is_none() -> None:
    locked = take("novelsat", nsLineState=1, nsLineSnr=1432, nsLinkMargin=310, nsSignalPower=-3520)
    lost = take("novelsat", nsLineState=0, nsLineSnr=1432, nsLinkMargin=310, nsSignalPower=-3520)
    names = ("rx_lock", "es_n0_db", "link_margin_db", "rx_level_dbm")
    assert [locked.satellite[name] for name in names] == [True, 14.32, 3.1, -35.2]
    assert [lost.satellite[name] for name in names] == [False, None, None, -35.2]


def test_the_numbers_of_modulation_and_rate_make_a_modcod() -> None:
    rows: Rows = {
        (1,): {"nsChannelLock": 0, "nsChannelModulation": 1, "nsChannelFec": 8},
        (2,): {"nsChannelLock": 1, "nsChannelModulation": 4, "nsChannelFec": 15},
    }
    satellite = take("novelsat", {"nsChannelTable": rows}, nsLineState=1, nsLineMode=2, nsLineSnr=1000).satellite
    assert (satellite["modcod"], satellite["standard"]) == ("16APSK 2/3", "dvb-s2")
    assert satellite["link_margin_db"] == pytest.approx(10 - 8.97)
    own = take("novelsat", {"nsChannelTable": rows}, nsLineState=1, nsLineMode=3, nsLineSnr=1000).satellite
    assert (own["modcod"], own["standard"], own["link_margin_db"]) == ("16APSK 2/3", "ns3", None)
    assert take("novelsat", nsLineState=0).satellite["modcod"] is None


@pytest.mark.parametrize(("first", "second", "read"), [(0, 3, (True, 9.5)), (3, 0, (True, 7.1)), (3, 3, (False, None))])
def test_of_two_receivers_the_one_that_is_locked_is_told(first: int, second: int, read: tuple[bool, float]) -> None:
    levels: dict[str, Raw] = {"ayeckaEsNo": 95, "ayeckaEsNo2": 71, "ayeckaModcod": 12, "ayeckaModcod2": 12}
    satellite = take("ayecka-sr1", ayeckaTuner=first, ayeckaTuner2=second, **levels).satellite
    assert (satellite["rx_lock"], satellite["es_n0_db"]) == read


def test_remotes_of_a_hub_have_their_names() -> None:
    tables: dict[str, Rows] = {
        "idirectNetModemTable": {(5001,): {"idirectNmName": b"Bor", "idirectNmState": 4}},
        "idirectRemoteStatusTable": {(5001,): {"idirectDownSnr": b"11.3"}, (5009,): {"idirectDownSnr": b"7"}},
        "idirectLatencyTable": {(5001,): {"idirectLatency": b"612.5"}},
    }
    assert told(take("idirect-hub", tables)) == {
        "Bor": ("offline", "critical"),
        "Bor downstream SNR": (11.3, "ok"),
        "5009 downstream SNR": (7, "ok"),
        "Bor latency": (0.6125, "ok"),
    }


def test_levels_with_their_unit_behind_them_are_numbers() -> None:
    texts = {"comtechAcuEsNo": b"12.4 dB", "comtechAcuPower": b"-44.1 dBm"}
    satellite = take("comtech-tracking-receiver", comtechAcuStatus=b"Locked and tracking", **texts).satellite
    assert [satellite[name] for name in ("rx_lock", "es_n0_db", "rx_level_dbm")] == [True, 12.4, -44.1]
    assert take("comtech-tracking-receiver", comtechAcuStatus=b"Searching").satellite["rx_lock"] is False


def test_an_alarm_of_a_radio_is_as_grave_as_it_says() -> None:
    tables: dict[str, Rows] = {
        "radioSettingsTable": {(1,): {"radioSettingsLabel": b"Radio A", "radioTxFrequency": 17_800_000}},
        "radioStatusTable": {
            (1,): {"radioPrx": -41, "radioNormalizedMse": 352, "radioRxPowerLowAlarm": 5, "radioTxPowerLowAlarm": 4}
        },
    }
    sensors = told(take("siae-smos", tables))
    assert sensors["Radio A received level"] == (-41, "ok")
    assert sensors["Radio A normalized MSE"] == (35.2, "ok")
    assert sensors["Radio A transmit frequency"] == (17_800_000_000, "ok")
    assert sensors["Radio A receive power low"] == ("activeReportableMajor", "critical")
    assert sensors["Radio A transmit power low"] == ("activeReportableMinor", "warning")


def test_a_radio_without_diversity_receiver_has_no_level_of_it() -> None:
    measures: dict[str, Raw] = {"analogueMeasuresLocalRxMainPower": -402, "analogueMeasuresLocalRxDivPower": -997}
    sensors = told(take("nokia-wavence", {"opticsIMRadioAnalogueMeasuresTable": {(50101,): measures}}))
    assert sensors == {"Radio 50101 received power": (-40.2, "ok")}


def test_a_subscriber_that_left_has_no_levels() -> None:
    tables: dict[str, Rows] = {
        "whispLinkTable": {
            (2,): {"whispLinkState": 1, "whispLinkSiteName": b"School", "whispLinkPower": b"-61"},
            (3,): {"whispLinkState": 0, "whispLinkSiteName": b"Gone", "whispLinkPower": b"-61"},
        }
    }
    assert told(take("cambium-pmp450", tables)) == {"School received power": (-61, "ok")}


def test_a_chain_whose_power_is_not_valid_is_left_out() -> None:
    status: dict[str, Raw] = {
        "afRadioLinkState": 1,
        "afRxPower0": -52,
        "afRxPower0Valid": 1,
        "afRxPower1": -127,
        "afRxPower1Valid": 2,
    }
    sensors = told(take("ubiquiti-airos", {"airFiberStatus": {(1,): status}}))
    assert sensors == {"airFiber link": ("up", "ok"), "airFiber chain 0 received power": (-52, "ok")}


def test_a_time_server_tells_whether_its_time_is_good() -> None:
    good = told(take("endrun-sonoma", gntpStratum=1, gntpTimeFigureOfMerit=3, gntpOffsetToGPSReference=b"-1.5e-07"))
    assert (good["NTP stratum"][1], good["Time error"]) == ("ok", ("lessthan100ns", "ok"))
    assert good["Offset to GPS"] == (-1.5e-07, "ok")
    lost = told(take("endrun-sonoma", gntpStratum=16, gntpTimeFigureOfMerit=9, gntpLeapIndBits=3))
    assert {status for _, status in lost.values()} == {"critical"}


def test_a_lantime_tells_of_its_clock_and_its_supplies() -> None:
    tables: dict[str, Rows] = {
        "mbgLtNgRefclockTable": {(1,): {"mbgLtNgRefclockState": 2, "mbgLtNgRefclockUsage": 3}},
        "mbgLtNgSysPsTable": {(1,): {"mbgLtNgSysPsStatus": 2}, (2,): {"mbgLtNgSysPsStatus": 1}},
    }
    sensors = told(take("meinberg-lantime", tables, mbgLtNgNtpCurrentState=2, mbgLtNgNtpRefclockOffset=b"0.002"))
    assert sensors["Reference clock 1"] == ("notSynchronized", "critical")
    assert (sensors["Power supply 1"][1], sensors["Power supply 2"]) == ("ok", ("down", "critical"))
    assert sensors["NTP offset to the reference clock"] == (2e-06, "ok")
