"""Every model: its values fit their types at any time and under any fault, and its counters never go back."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.layers import DeviceClass
from noc.pipeline.dvbs2 import DVB_S2
from noc.simulator import models
from noc.simulator.models.acm import LADDER
from noc.simulator.moment import METRICS, Condition, Machine, Moment
from noc.simulator.places import SiteClass, places
from noc.simulator.scene import machine
from noc.wire.ber import Message, Pdu, PduType, Tag, VarBind, Version, decode, encode_pdu
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, world

COUNTERS = {Tag.COUNTER32: 2**32, Tag.COUNTER64: 2**64}
IF_IN_OCTETS, IF_HC_IN, IF_OPER = (
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 10),
    (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6),
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 8),
)
SNR = (1, 3, 6, 1, 4, 1, 8000, 22, 2, 1, 0)
SERVER = "brindisi-srv-1"

VALUES = st.dictionaries(st.sampled_from(METRICS), st.floats(-1e9, 1e9), max_size=4)
CONDITIONS = st.builds(
    Condition,
    set_to=VALUES,
    changed=VALUES,
    down=st.sets(st.integers(1, 5)),
    on_battery_ms=st.none() | st.integers(NOW_MS - DAY_MS, NOW_MS),
    lasting_ms=st.integers(1, DAY_MS),
)
MACHINES = st.integers(0, len(world().devices) - 1).map(lambda number: machine(world(), world().devices[number]))


def read(model: str, moment: Moment) -> dict[tuple[int, ...], VarBind]:
    """Return all that a device answers, decoded."""
    view = models.view(model)
    found: list[VarBind] = []
    for start in range(0, len(view.oids), 300):
        varbinds = [view.varbind(index, moment) for index in range(start, min(start + 300, len(view.oids)))]
        message: Message = decode(encode_pdu(Version.V2C, b"x", PduType.RESPONSE, 1, 0, 0, varbinds))
        assert isinstance(message.pdu, Pdu)
        found += message.pdu.varbinds
    assert [varbind.oid for varbind in found] == view.oids
    return {varbind.oid: varbind for varbind in found}


def moment(one: Machine, time_ms: int = NOW_MS, condition: Condition | None = None, **lost: int) -> Moment:
    lost_ms = {int(index.removeprefix("i")): value for index, value in lost.items()}
    return Moment(one, time_ms, NOW_MS - 40 * DAY_MS, condition or Condition(), lost_ms)


def device(name: str) -> Machine:
    return machine(world(), world().device[name])


@pytest.mark.parametrize("model", models.MODELS)
@given(one=MACHINES, later=st.integers(0, 90 * DAY_MS), condition=CONDITIONS)
def test_every_value_fits_its_type(model: str, one: Machine, later: int, condition: Condition) -> None:
    assert read(model, moment(one, NOW_MS + later, condition))


@pytest.mark.parametrize("model", models.MODELS)
def test_counters_go_on_and_never_back(model: str) -> None:
    one = device(SERVER)
    before, after = (read(model, moment(one, NOW_MS + later)) for later in (0, 1000))
    for oid, varbind in before.items():
        if varbind.tag in COUNTERS:
            assert isinstance(varbind.value, int)
            value = after[oid].value
            assert isinstance(value, int)
            assert (value - varbind.value) % COUNTERS[varbind.tag] < 2**31


def test_every_class_of_device_has_a_model_at_every_site() -> None:
    for device_class in get_args(DeviceClass):
        for site_class in get_args(SiteClass):
            for number in range(3):
                assert models.view(models.model_of(device_class, site_class, number)).oids


def test_the_counters_of_32_bits_are_those_of_64() -> None:
    found = read("router", moment(device("brindisi-rtr-1")))
    wide, narrow = found[*IF_HC_IN, 1].value, found[*IF_IN_OCTETS, 1].value
    assert isinstance(wide, int)
    assert wide > 2**32
    assert narrow == wide % 2**32


def test_an_interface_that_is_down_stands_still_and_goes_on_where_it_stood() -> None:
    one = device("brindisi-rtr-1")
    down_at, up_at = NOW_MS, NOW_MS + 600_000

    def octets(time_ms: int, lost: int) -> int:
        value = read("router", moment(one, time_ms, i2=lost))[*IF_HC_IN, 2].value
        assert isinstance(value, int)
        return value

    still = octets(down_at, 0)
    assert octets(down_at + 300_000, 300_000) == still
    assert octets(up_at, 600_000) == still
    on = octets(up_at + 10_000, 600_000) - still
    assert 0 < on < 10 * 1_000_000_000 / 8
    assert read("router", moment(one, condition=Condition(down={2})))[*IF_OPER, 2].value == 2
    assert read("router", moment(one))[*IF_OPER, 2].value == 1


def test_metrics_can_be_set_and_changed() -> None:
    modem = next(one for one in world().devices if one.device_class == "satellite-modem")
    usual = read("satellite-modem", moment(device(modem.id)))[SNR].value
    assert isinstance(usual, int)
    assert 60 <= usual <= 125
    changed = read("satellite-modem", moment(device(modem.id), condition=Condition(changed={"es_n0_db": -3})))[
        SNR
    ].value
    assert changed == usual - 30
    held = read("satellite-modem", moment(device(modem.id), condition=Condition(set_to={"es_n0_db": 4.1})))[SNR].value
    assert held == 41
    lost = read("satellite-modem", moment(device(modem.id), condition=Condition(set_to={"snr_db": 0.5})))
    assert lost[1, 3, 6, 1, 4, 1, 8000, 22, 9, 4, 0].value == 0


def test_adaptive_coding_gives_up_rate_first_then_margin_then_the_lock() -> None:
    demodulator = (1, 3, 6, 1, 4, 1, 5835, 5, 2, 3300, 1)
    es_n0, modcod, alarm = (*demodulator, 5, 1, 4, 1), (*demodulator, 5, 1, 21, 1), (*demodulator, 2, 1, 6, 1)
    one = next(one for one in world().devices if one.device_class == "satellite-modem")

    def at(signal_db: float) -> tuple[object, ...]:
        condition = Condition(set_to={"es_n0_db": signal_db})
        found = read(models.ACM_MODEM, moment(device(one.id), condition=condition))
        return found[es_n0].value, found[modcod].value, found[alarm].value

    assert at(12.0) == (1200, 12, 0)  # 8PSK 3/5
    assert at(9.0) == (900, 8, 0)  # QPSK 4/5, as 8PSK 3/5 needs 5.5 dB and 4 more
    assert at(5.2) == (520, 4, 0)  # QPSK 1/2: there is nothing more robust
    assert at(1.5) == (150, 4, 0)
    assert at(0.6) == (-1000, 0, 1)


@given(days=st.integers(0, 30), minute=st.integers(0, 1439))
def test_while_all_is_well_a_modem_with_adaptive_coding_has_margin(days: int, minute: int) -> None:
    one = next(one for one in world().devices if one.device_class == "satellite-modem")
    now = moment(device(one.id), NOW_MS + days * DAY_MS + minute * 60_000)
    demodulator = (1, 3, 6, 1, 4, 1, 5835, 5, 2, 3300, 1, 5, 1)
    found = read(models.ACM_MODEM, now)
    signal, modcod = found[*demodulator, 4, 1].value, found[*demodulator, 21, 1].value
    assert isinstance(signal, int)
    assert isinstance(modcod, int)
    known = DVB_S2[modcod - 1]
    assert signal / 100 - known.es_n0_db >= 3.99
    assert known.bits_per_symbol > 0.7 * DVB_S2[LADDER[-1] - 1].bits_per_symbol


def test_a_share_of_modems_and_earth_stations_has_adaptive_coding() -> None:
    for device_class in ("satellite-modem", "earth-station"):
        found = {models.model_of(device_class, "field", number) for number in range(6)}
        assert found == {device_class, models.ACM_MODEM}


def test_a_ups_on_battery_loses_charge_evenly() -> None:
    ups = Condition(on_battery_ms=NOW_MS, lasting_ms=1_000_000)
    charge, source = (1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0), (1, 3, 6, 1, 2, 1, 33, 1, 4, 1, 0)
    one = device("brindisi-ups-1")
    left = [read("ups", moment(one, NOW_MS + part * 250_000, ups))[charge].value for part in range(6)]
    assert left == [100, 76, 52, 29, 5, 5]
    assert read("ups", moment(one, NOW_MS + 1, ups))[source].value == 5
    assert read("ups", moment(one))[source].value == 3


def test_a_device_says_who_it_is() -> None:
    found = read("server", moment(device(SERVER)))
    system = (1, 3, 6, 1, 2, 1, 1)
    assert found[*system, 5, 0].value == SERVER.encode()
    assert found[*system, 6, 0].value == b"Brindisi data centre, IT"
    assert found[*system, 3, 0].value == 40 * DAY_MS // 10


def test_far_devices_take_longer_over_satellite_than_over_fibre() -> None:
    rtt = (1, 3, 6, 1, 4, 1, 9, 9, 42, 1, 2, 10, 1, 1, 10)
    near, far = device("geneva-rtr-1"), device("bangkok-rtr-1")
    field = next(place for place in places(40) if place.site_class == "field")
    satellite = device(f"{field.id}-rtr-1")
    times = [read("router", moment(one))[rtt].value for one in (near, far, satellite)]
    assert times == sorted(times)
    assert isinstance(times[2], int)
    assert 590 <= times[2] <= 650


def test_port_names() -> None:
    assert models.port_names(models.view("router"))[0] == models.WAN_INTERFACE
    assert len(models.port_names(models.view("switch-large"))) == models.PORTS_OF_A_SWITCH["large"]


def test_an_air_conditioner_takes_out_what_it_is_asked_to_and_gives_cold_air() -> None:
    branch = (1, 3, 6, 1, 4, 1, 318, 1, 1, 13, 3, 3, 1, 2, 2)

    def numbers(**metrics: float) -> dict[int, int]:
        found = read("air-conditioner", moment(device(SERVER), condition=Condition(set_to=metrics)))
        return {oid[-2]: value.value for oid, value in found.items() if oid[:-2] == branch and type(value.value) is int}

    usual = numbers()
    mode, supply, back, demand, output, inlet = (usual[column] for column in (1, 5, 7, 13, 14, 24))
    assert mode == 2
    assert 100 < supply < inlet < back < 450  # tenths of a degree
    assert 0 < output <= demand < 300  # hundreds of watts
    assert numbers(temperature_c=41)[24] == 410
    idle = numbers(load_pct=0)
    assert (idle[1], idle[14]) == (3, 0)
