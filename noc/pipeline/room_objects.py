"""Which sensors tell of a room, by the MIB objects that they are read from. Pure.

What an object measures stands in its MIB; the name of a sensor is often the customer's. So objects of known makers
count by their place in the tree. Where the object is not known (a profile of one's own, sensors of servers and
switches), all words of the name must mean air, or power, or cooling: what is not understood doesn't count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Air = Literal["room", "supply", "return"]
"""The air that equipment takes in, that an air conditioner gives, that goes back to one."""

Flow = Literal["ups", "distribution", "transfer", "generator"]
"""What power goes through: what UPS give; what distribution units (or a plant of direct current) give to equipment;
what goes through automatic transfer switches; what generating sets give."""

Cooling = Literal["output", "demand", "capacity", "state"]
"""What a sensor of an air conditioner tells: cooling output and demand in watts of heat, capacity in use in percent,
the state of the unit."""


@dataclass(frozen=True, slots=True)
class Column:
    """Objects that together tell the power of a device. named: which of their rows; None: all."""

    flow: Flow
    oids: tuple[str, ...]
    named: re.Pattern[str] | None = None


_APC: Final = "1.3.6.1.4.1.318.1.1"
_LIEBERT: Final = "1.3.6.1.4.1.476.1.42.3"
_EATON: Final = "1.3.6.1.4.1.534"
_HUAWEI: Final = "1.3.6.1.4.1.2011.6"
_COMAP: Final = "1.3.6.1.4.1.28634"

PROBES: Final = (
    f"{_APC}.10.2.3.2.1",  # iemStatusProbesTable, as the two below
    f"{_APC}.10.3.13.1.1",  # emsProbeStatusTable
    f"{_APC}.10.4.2.3.1",  # memSensorsStatusTable
    f"{_APC}.25.1.2.1",  # uioSensorStatusTable
    f"{_APC}.26.10.2.2.1",  # rPDU2SensorTempHumidityStatusTable
    "1.3.6.1.4.1.5528.100.4.1.1",  # NetBotz: tempSensorTable
    "1.3.6.1.4.1.5528.100.4.1.2",  # humiSensorTable
    "1.3.6.1.4.1.52674.500.4.1.1",  # NetBotz 50, the same two
    "1.3.6.1.4.1.52674.500.4.1.2",
    "1.3.6.1.4.1.3854.1.2.2.1.16",  # AKCP: sensorProbeTempTable
    "1.3.6.1.4.1.3854.1.2.2.1.17",  # sensorProbeHumidityTable
    "1.3.6.1.4.1.3854.3.5.2",  # sensorProbe+, the same two
    "1.3.6.1.4.1.3854.3.5.3",
    "1.3.6.1.4.1.3808.1.1.4",  # CyberPower: environmentSensor
    "1.3.6.1.4.1.3808.1.1.8",  # environmentSensor2
    f"{_EATON}.1.6",  # xupsEnvironment
    f"{_EATON}.10.2.5",  # ats2EnvRemote
    f"{_EATON}.6.6.7.7",  # EATON-EPDU-MIB: environmental
    f"{_EATON}.6.8.1",  # EATON-SENSOR-MIB
    "1.3.6.1.4.1.705.1.8",  # upsmgEnviron
    "1.3.6.1.4.1.21239.5.1",  # Geist: internal, temperature sensors
    f"{_HUAWEI}.174.1.1.1",  # hwUpsAmbientTemperature, hwUpsAmbientHumidity
    f"{_HUAWEI}.164.1.8",  # hwEnvTemperature, hwEnvHumidity
    "1.3.6.1.4.1.21796.3.3.3",  # HW group: Poseidon
    "1.3.6.1.4.1.21796.4.1.3",  # STE
    "1.3.6.1.4.1.21796.4.9.3",  # STE2
    f"{_LIEBERT}.8.60",  # lgpPduAuxMeasTable
    "1.3.6.1.4.1.13742.6.5.5",  # Raritan: external sensors
    "1.3.6.1.4.1.1718.3.2.5",  # Sentry 3: tempHumidSensorTable
    "1.3.6.1.4.1.1718.4.1.9",  # Sentry 4: temperature
    "1.3.6.1.4.1.1718.4.1.10",  # humidity
)
"""Probes that hang in the air, wherever a customer hung them and whatever he called them."""

HUMIDITY: Final = (f"{_LIEBERT}.4.2.2.3.1.3", f"{_LIEBERT}.4.2.2.3.1.50")
"""lgpEnvHumidityMeasurementRel, …Tenths: what an air conditioner measures. Its temperatures don't tell of which air."""

AIR_CONDITIONERS: Final = (f"{_APC}.13", f"{_LIEBERT}.4.3")
"""PowerNet-MIB airConditioners (InRow, NetworkAIR); LIEBERT-GP-ENVIRONMENTAL-MIB lgpEnvState."""

COOLING: Final[Mapping[str, Cooling]] = {
    f"{_APC}.13.3.3.1.2.2.14": "output",  # airIRRP100UnitStatusCoolOutput
    f"{_APC}.13.3.3.2.2.2.14": "output",  # airIRRP500UnitStatusCoolOutput
    f"{_APC}.13.3.2.2.2.2": "output",  # airIRRCUnitStatusCoolOutput
    f"{_APC}.13.4.5.2.1.2": "output",  # airIRG2RDT2StatusCoolOutput
    f"{_APC}.13.3.3.1.2.2.13": "demand",
    f"{_APC}.13.3.3.2.2.2.13": "demand",
    f"{_APC}.13.3.2.2.2.3": "demand",
    f"{_APC}.13.4.5.2.1.3": "demand",
    f"{_APC}.13.3.3.1.2.2.1": "state",  # airIRRP100UnitStatusOperateMode
    f"{_APC}.13.3.3.2.2.2.1": "state",  # airIRRP500UnitStatusOperateMode
    f"{_APC}.13.1.3.1": "state",  # airFMGroupSysStatus
    f"{_LIEBERT}.4.3.1": "state",  # lgpEnvStateSystem
    f"{_LIEBERT}.4.3.9": "capacity",  # lgpEnvStateCoolingCapacity, %
}
RUNNING: Final = frozenset({"on", "prestart", "backup", "assist", "online", "loadShare"})
"""The words of those states that mean that the unit cools."""

ROWS_OF_UNITS: Final = f"{_APC}.13.4.5.2.1"
"""airIRG2RDT2StatusTable: each row is a unit."""

_RFC_1628: Final = "1.3.6.1.2.1.33.1.4.4.1.4"

POWER: Final = (
    Column("ups", (f"{_APC}.1.4.2.8",)),  # upsAdvOutputActivePower
    Column("ups", ("1.3.6.1.4.1.3808.1.1.1.4.2.5",)),  # upsAdvanceOutputPower
    # lgpPwrMeasurementPointTruePower, lgpPwrLineMeasurementTruePower; "System output" is that of all modules together
    Column("ups", (f"{_LIEBERT}.5.2.2.1.8",), re.compile(r"Output\Z")),
    Column("ups", (f"{_LIEBERT}.5.2.3.1.9",), re.compile(r"Output line ")),
    Column("ups", (f"{_APC}.1.9.3.3.1.13",)),  # upsPhaseOutputPower
    Column("ups", (f"{_EATON}.1.4.4.1.4",)),  # xupsOutputWatts
    Column("ups", tuple(f"{_HUAWEI}.174.1.4.100.1.{phase}" for phase in (8, 9, 10))),  # hwUpsOutputPowerA, B, C
    Column("ups", ("1.3.6.1.4.1.5491.10.1.4.4.1.4",)),  # rupsOutputPower
    Column("ups", (_RFC_1628,)),  # upsOutputPower, where the maker's own MIB tells nothing
    Column("distribution", (f"{_APC}.26.4.3.1.5",)),  # rPDU2DeviceStatusPower
    Column("distribution", (f"{_APC}.12.1.16",)),  # rPDUIdentDevicePowerWatts
    Column("distribution", (f"{_APC}.26.6.3.1.7",)),  # rPDU2PhaseStatusPower
    Column("distribution", (f"{_APC}.26.9.4.3.1.7",)),  # rPDU2OutletMeteredStatusPower
    Column("distribution", ("1.3.6.1.4.1.3808.1.1.3.2.3.1.1.7",), re.compile(r".* bank 0\Z")),  # ePDULoadStatus…
    Column("distribution", ("1.3.6.1.4.1.3808.1.1.3.2.3.1.1.7",)),  # …ActivePower: of phases, of banks
    Column("distribution", ("1.3.6.1.4.1.3808.1.1.3.3.5.1.1.8",)),  # ePDUOutletStatusActivePower
    Column("distribution", (f"{_EATON}.6.6.7.3.4.1.4",)),  # epduInputWatts
    Column("distribution", (f"{_EATON}.6.6.7.5.5.1.3",)),  # epduGroupWatts
    Column("distribution", (f"{_EATON}.6.6.7.6.5.1.3",)),  # epduOutletWatts
    Column("distribution", (f"{_LIEBERT}.8.30.20.1.65",)),  # lgpPduPsEntryPwrTotal
    Column("distribution", (f"{_LIEBERT}.8.40.20.1.115",)),  # lgpPduRbEntryPwr
    Column("distribution", (f"{_LIEBERT}.8.50.20.1.65",)),  # lgpPduRcpEntryPwrOut
    Column("distribution", ("1.3.6.1.4.1.13742.6.5.2.3.1.4",)),  # Raritan: inlets
    Column("distribution", ("1.3.6.1.4.1.13742.6.5.3.3.1.4",)),  # overcurrent protectors
    Column("distribution", ("1.3.6.1.4.1.13742.6.5.4.3.1.4",)),  # outlets
    Column("distribution", ("1.3.6.1.4.1.13742.4.1.3.1.3",)),  # PX1: unit
    Column("distribution", ("1.3.6.1.4.1.13742.4.1.2.2.1.7",)),  # PX1: outlets
    Column("distribution", ("1.3.6.1.4.1.1718.3.1.6",)),  # systemTotalPower
    Column("distribution", ("1.3.6.1.4.1.1718.3.2.1.1.11",)),  # towerActivePower
    Column("distribution", ("1.3.6.1.4.1.1718.3.2.2.1.12",)),  # infeedPower
    Column("distribution", ("1.3.6.1.4.1.1718.3.2.3.1.14",)),  # outletPower
    Column("distribution", ("1.3.6.1.4.1.1718.4.1.3.3.1.3",)),  # st4InputCordActivePower
    Column("distribution", ("1.3.6.1.4.1.1718.4.1.5.3.1.8",)),  # st4PhaseActivePower
    Column("distribution", ("1.3.6.1.4.1.1718.4.1.8.3.1.7",)),  # st4OutletActivePower
    Column("distribution", ("1.3.6.1.4.1.1918.2.13.10.50.30",)),  # scLoadPower
    Column("distribution", (f"{_HUAWEI}.164.1.6.1.5",)),  # hwDcsTotalPower
    Column("distribution", (f"{_HUAWEI}.164.1.6.2.1.1.6",)),  # hwDcOutputPower
    Column("distribution", ("1.3.6.1.4.1.20246.2.3.1.1.1.2.3.8",)),  # dcSystemPower
    Column("transfer", (f"{_APC}.8.5.4.3.1.13",)),  # atsOutputPower
    Column("transfer", (f"{_APC}.8.5.3.3.1.9",)),  # atsInputPower
    Column("transfer", ("1.3.6.1.4.1.3808.1.1.5.5.2.2.1.5",)),  # cpsAtsPhasePower
    Column("transfer", ("1.3.6.1.4.1.3808.1.1.5.5.2.4.1.5",)),  # cpsAtsBankPower
    Column("generator", tuple(f"{_COMAP}.{kind}.2.8202" for kind in (14, 17, 26))),  # comapGenPower
)
"""Power in watts, of each device by the first of these that it tells: the whole before its parts."""

OTHER_POWER: Final = (
    f"{_APC}.1.9.2.3.1.9",  # upsPhaseInputPower
    f"{_APC}.13",  # cooling output and demand
    f"{_EATON}.1.3.4.1.4",  # xupsInputWatts
    "1.3.6.1.4.1.5491.10.1.3.3.1.5",  # rupsInputTruePower
    "1.3.6.1.4.1.5491.10.1.5.3.1.4",  # rupsBypassPower
    "1.3.6.1.2.1.33.1.3.3.1.5",  # upsInputTruePower
    "1.3.6.1.2.1.33.1.5.3.1.4",  # upsBypassPower
    f"{_HUAWEI}.164.1.3",  # hwRectDCOutputPower
)
"""Watts that are not what a device gives: what goes into a UPS or past it, heat, what the load is made of."""


_KNOWN_POWER: Final = tuple(oid for column in POWER for oid in column.oids) + OTHER_POWER


def under(oid: str, branches: tuple[str, ...]) -> bool:
    """Return whether an object is one of these branches or stands below one."""
    return any(oid.startswith(branch) and oid[len(branch) : len(branch) + 1] in ("", ".") for branch in branches)


def cooling_of(oid: str) -> Cooling | None:
    """Return what an object of an air conditioner tells; None for those that tell something else."""
    while oid and oid not in COOLING:
        oid = oid.rpartition(".")[0]
    return COOLING.get(oid)


def is_power(oid: str) -> bool:
    """Return whether an object is known for the power that it tells, of whatever."""
    return under(oid, _KNOWN_POWER)
