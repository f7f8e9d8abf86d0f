"""Numbers as people read them: 19.4 GB, 1 Gbit/s, 6 d 22 h, -11.9 dBm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.model.snapshot import Scalar

_UNITS: Final[Mapping[str, str]] = {
    "celsius": "°C",
    "volts": "V",
    "amperes": "A",
    "watts": "W",
    "watt_hours": "Wh",
    "percent": "%",
    "hertz": "Hz",
    "dbm": "dBm",
    "dbuv": "dBµV",
    "db": "dB",
    "bits_per_second": "bit/s",
    "seconds": "s",
}
_HEADS: Final[Mapping[str, str]] = {
    "oid": "OID",
    "used_pct": "share",
    "remote_as": "remote AS",
    "es_n0_db": "Es/N0",
    "eb_n0_db": "Eb/N0",
    "snr_db": "SNR",
    "es_n0_threshold_db": "Es/N0 needed",
    "temperature_c": "temperature",
    "buc_alarm": "BUC alarm",
    "lnb_alarm": "LNB alarm",
    "ber": "BER",
    "modcod": "MODCOD",
}
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_LONG_S = 120  # shorter times are seconds


def quantity(value: float | None, unit: str | None) -> str | None:
    """Return a value with its unit, as sensors name it (`celsius`, `seconds`)."""
    if value is None:
        return None
    if unit == "seconds" and value >= _LONG_S:
        return duration(value)
    if unit == "bits_per_second":
        return speed(value)
    shown = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    return shown if unit is None else f"{shown} {_UNITS.get(unit, unit)}"


def octets(count: int | None) -> str | None:
    """Return a number of octets in decimal multiples."""
    return None if count is None else _scaled(count, 3, ("B", "kB", "MB", "GB", "TB", "PB"))


def speed(bps: float | None) -> str | None:
    """Return a bit rate; nothing for 0, which says that the interface has none (RFC 2863)."""
    return _scaled(bps, 4, ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")) if bps else None


def duration(seconds: float | None) -> str | None:
    """Return a time with its two largest units."""
    if seconds is None:
        return None
    if abs(seconds) < _LONG_S:
        return f"{seconds:.3g} s"
    whole = int(seconds)
    days, hours, minutes = whole // _DAY_S, whole % _DAY_S // _HOUR_S, whole % _HOUR_S // _MINUTE_S
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {whole % _MINUTE_S} s"


def field(name: str, value: Scalar) -> str | None:
    """Return a field of a record by the unit at the end of its name: `used_bytes`, `usage_pct`, `rtt_ms`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_bytes"):
        return octets(int(value))
    if name.endswith("_s"):
        return duration(value)
    for end, unit in (("_pct", "%"), ("_ms", "ms"), ("_dbm", "dBm"), ("_db", "dB"), ("_c", "°C")):
        if name.endswith(end):
            return f"{value:.3g} {unit}" if end == "_pct" else f"{value:g} {unit}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def head(name: str) -> str:
    """Return the name of a field in words, without its unit: `used`, `remote AS`."""
    if name in _HEADS:
        return _HEADS[name]
    for end in ("_bytes", "_pct", "_ms", "_dbm", "_db", "_s"):
        name = name.removesuffix(end)
    return name.replace("_", " ")


def _scaled(value: float, digits: int, units: tuple[str, ...]) -> str:
    last = len(units) - 1
    step = 0
    while step < last and abs(float(f"{value:.{digits}g}")) >= 1000:
        value /= 1000
        step += 1
    return f"{value:.{digits}g} {units[step]}" if step < last or value < 1000 else f"{value:.0f} {units[last]}"
