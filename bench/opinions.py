"""Where LibreNMS reads a recording wrongly: (recording, OID or part) -> why. noc is right there, and differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NO_COLUMN = "an OID without the column, which no agent has; the loss stands at jnxRpmResSumPercentLost, column 4"
_NO_RADIO = "a virtual access point has no radio of its own, and gives 0: no noise floor is 0 dBm"
_UHP = "1.3.6.1.4.1.8000.22"
_BYTES = "UHP-MIB: a count of bytes, or a length in bytes; taken for a bit rate and divided by 8"
_MINUS = "UHP-MIB: 'x -10 dBm', 119 means -11.9 dBm; the sign is left out"
_WRAPS = "a Gauge32 that wraps below 0: 4294957397 is -9899"
_OFF = "IOS XR: -32768 stands for a transceiver that is shut down; nothing is measured"
_HC_ZERO = "the 32-bit counter was not read, though the agent has no 64-bit one"

_MILLISECONDS = "FORTINET-FORTIGATE-MIB: milliseconds, taken for a count without a unit; noc gives seconds"

OPINIONS: Final[Mapping[tuple[str, str], str]] = {
    **{
        ("iosxr_asr9001", f"1.3.6.1.4.1.9.9.91.1.1.1.1.4.{entity}"): _OFF
        for entity in (60048938, 26493680, 43271261, 9716067, 9714479)
    },
    ("ucos_2", "model"): "an OID that could not be translated; sysDescr says ucs-6100",
    (
        "junos_vmx",
        "1.3.6.1.4.1.2636.3.50.1.2.1.8.116.101.115.116.45.114.112.109.8.105.110.116.101.114.110.101.116.2",
    ): _NO_COLUMN,
    (
        "junos_vmx",
        "1.3.6.1.4.1.2636.3.50.1.2.1.9.116.101.115.116.45.114.112.109.51.9.116.105.109.101.115.116.97.109.112.2",
    ): _NO_COLUMN,
    ("vrp_ce12804-withvrf", "model"): "CE12800 is the series; sysDescr ends in CE12804, the model",
    ("routeros", "1.3.6.1.4.1.14988.1.1.1.3.1.9.8"): _NO_RADIO,
    ("routeros", "1.3.6.1.4.1.14988.1.1.1.3.1.9.9"): _NO_RADIO,
    **{("uhp", f"{_UHP}.{below}.0"): _BYTES for below in ("2.4", "4.1.1", "4.5.1", "4.2.1", "4.2.4")},
    **{("uhp", f"{_UHP}.{below}.0"): _MINUS for below in ("2.3", "3.3", "4.6.1", "4.6.3", "9.3.0")},
    ("uhp", f"{_UHP}.9.3.0.0.0"): "an OID with one .0 too many, which the agent does not have",
    ("uhp", f"{_UHP}.5.1.0"): "an OID without its last number, which the agent does not have (tdelta is 5.1.1.0)",
    ("uhp", f"{_UHP}.5.2.3.0"): "UHP-MIB: bits per second; divided by 8",
    ("uhp", f"{_UHP}.5.5.9.0"): "UHP-MIB: symbols; divided by 10^8",
    ("uhp", f"{_UHP}.5.5.6.0"): "a Gauge32 that wraps below 0: 4294967275 is -2.1 dB",
    ("uhp", f"{_UHP}.5.1.7.0"): "a Gauge32 that wraps below 0: 4294965151 is -2145",
    ("uhp", f"{_UHP}.2.1.0"): "the SNR (13.5 dB); taken for a temperature in Fahrenheit",
    ("uhp", "version"): "UHP-MIB: four numbers in four bytes, 3.6.0.45",
    ("uhp", "serial"): "UHP-MIB: to be printed in hexadecimal",
    **{
        ("wisi-tangram", f"1.3.6.1.4.1.7465.20.2.9.1.3.1.6.1.{below}"): "WISI-GTSENSORS-MIB: mV, up to 16000"
        for below in ("5.9.1", "5.10.2", "7.9.1", "7.10.2")
    },
    ("ceraos", "1.3.6.1.4.1.2281.10.7.1.1.2.268451906"): "MWRM-RADIO-MIB: -9900 stands for a signal that is not locked",
    **{
        ("ceraos", f"1.3.6.1.4.1.2281.10.7.1.1.5.{radio}"): _WRAPS
        for radio in (268452033, 268452097, 268452161, 268452225)
    },
    **{
        ("ceraos", f"{counter} {port}"): _HC_ZERO
        for counter in ("ifInUcastPkts", "ifOutUcastPkts")
        for port in (268443713, 268562561)
    },
    (
        "ptp670",
        "1.3.6.1.4.1.17713.7.13.11.0",
    ): "an OID of the PTP 650, which the agent does not have (it has 17713.11.13.11)",
    ("siklu", "1.3.6.1.4.1.31926.2.1.1.4.1"): "72375 MHz, a link at 72 GHz; divided by 1000",
    **{
        ("fortigate_sdwan", f"1.3.6.1.4.1.12356.101.4.9.2.1.{column}.{link}"): _MILLISECONDS
        for column in (5, 6)
        for link in range(1, 7)
    },
    ("panos", "1.3.6.1.4.1.25461.2.3.30.1.1.0"): "an object that the recorded device does not have; 0 is made up",
    ("linux_ntc", "model"): "a name made up for the processor's architecture; sysDescr says x86_64",
    ("linux_asterisk-v1", "model"): "a name made up for the processor's architecture; sysDescr says x86_64",
    **{
        ("quantum_scalari6000", f"1.3.6.1.4.1.3764.1.1.200.20.80.110.1.26.8.0.0.0.0.0.1.0.59.4.7.0.1.0.{drive}.0.0"): (
            "an Integer32 that ran over: no drive has written less than nothing"
        )
        for drive in (0, 1)
    },
    ("cyberpower_pr2200rt2uc", "ifName 1"): "dots in place of the NULs behind the name",
    **{
        ("apc_environmental-manager", f"1.3.6.1.4.1.318.1.1.10.4.2.3.1.6.0.{sensor}"): (
            "memSensorsHumidity: -1 stands for a sensor without humidity"
        )
        for sensor in (1, 2)
    },
    ("apc_environmental-manager", "model"): "the network card's kind; sysDescr names the model (MN)",
    **{
        ("netmanplus_204", f"1.3.6.1.2.1.33.1.3.3.1.4.{phase}"): (
            "upsInputCurrent, NonNegativeInteger: -1 stands for a current that isn't measured"
        )
        for phase in (1, 2, 3)
    },
    **{
        ("himoinsa-gensets", oid): "a sum of flags under one OID, taken apart into a state for each"
        for oid in ("1.3.6.1.4.1.41809.1.46.0", "1.3.6.1.4.1.41809.1.55.1.28.0")
    },
}
