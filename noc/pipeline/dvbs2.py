"""What a DVB-S2 carrier needs, by its MODCOD: margin and Eb/N0 are worked out here, and nowhere else. Pure.

ETSI EN 302 307-1 V1.4.1, table 13: spectral efficiency (normal FECFRAME, no pilots) and ideal Es/N0 for a packet error
ratio of 1e-7 in white noise. A real receiver needs some tenths of a dB more, so a margin is that much too good. What
DVB-S2X adds stands in noc.pipeline.dvbs2x.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import log10
from typing import Final, NamedTuple

from noc.model.snapshot import Scalar
from noc.pipeline import dvbs2x

STANDARD: Final = "dvb-s2"
"""What a profile writes as `standard` where the names of its MODCODs are those of DVB-S2."""
EXTENDED: Final = "dvb-s2x"
"""And where those of DVB-S2X may be among them."""


class Modcod(NamedTuple):
    """Modulation and coding. es_n0_db: below, a receiver loses the carrier, in theory."""

    name: str
    bits_per_symbol: float
    es_n0_db: float


DVB_S2: Final = tuple(
    Modcod(*row)
    for row in (
        ("QPSK 1/4", 0.490243, -2.35),
        ("QPSK 1/3", 0.656448, -1.24),
        ("QPSK 2/5", 0.789412, -0.30),
        ("QPSK 1/2", 0.988858, 1.00),
        ("QPSK 3/5", 1.188304, 2.23),
        ("QPSK 2/3", 1.322253, 3.10),
        ("QPSK 3/4", 1.487473, 4.03),
        ("QPSK 4/5", 1.587196, 4.68),
        ("QPSK 5/6", 1.654663, 5.18),
        ("QPSK 8/9", 1.766451, 6.20),
        ("QPSK 9/10", 1.788612, 6.42),
        ("8PSK 3/5", 1.779991, 5.50),
        ("8PSK 2/3", 1.980636, 6.62),
        ("8PSK 3/4", 2.228124, 7.91),
        ("8PSK 5/6", 2.478562, 9.35),
        ("8PSK 8/9", 2.646012, 10.69),
        ("8PSK 9/10", 2.679207, 10.98),
        ("16APSK 2/3", 2.637201, 8.97),
        ("16APSK 3/4", 2.966728, 10.21),
        ("16APSK 4/5", 3.165623, 11.03),
        ("16APSK 5/6", 3.300184, 11.61),
        ("16APSK 8/9", 3.523143, 12.89),
        ("16APSK 9/10", 3.567342, 13.13),
        ("32APSK 3/4", 3.703295, 12.73),
        ("32APSK 4/5", 3.951571, 13.64),
        ("32APSK 5/6", 4.119540, 14.28),
        ("32APSK 8/9", 4.397854, 15.69),
        ("32APSK 9/10", 4.453027, 16.05),
    )
)
"""All MODCODs of DVB-S2 in the order of their numbers, from 1."""

DVB_S2X: Final = tuple(Modcod(*row) for row in dvbs2x.ROWS)
"""The MODCODs that DVB-S2X adds, normal frames."""

_BY_NAME: Final[Mapping[Scalar, Mapping[str, Modcod]]] = {
    STANDARD: {modcod.name: modcod for modcod in DVB_S2},
    EXTENDED: {modcod.name: modcod for modcod in DVB_S2 + DVB_S2X},
}
_NAME: Final = re.compile(
    r"(?<![0-9])(QPSK|8-?A?PSK|(?:16|32|64|128|256)-?APSK)[\s_-]*([0-9]{1,2}/[0-9]{1,2})(?![0-9])(-L\b)?", re.IGNORECASE
)


def modcod_of(name: str, standard: Scalar = STANDARD) -> Modcod | None:
    """Return the MODCOD that a modem calls so (`8PSK 3/4`, `16-APSK-2/3`, `8APSK 5/9-L`); None where there is none.

    A short frame's name ends in ` short`: it carries less than the tables say, and has no threshold here.
    """
    found = _NAME.search(name)
    if found is None or name.lower().endswith("short"):
        return None
    linear = "-L" if found[3] else ""
    return _BY_NAME.get(standard, {}).get(f"{found[1].upper().replace('-', '')} {found[2]}{linear}")


def completed(told: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return satellite values with what follows from them; what the modem tells itself is kept.

    Threshold and spectral efficiency come from the MODCOD where `standard` is DVB-S2 or DVB-S2X; the margin is Es/N0
    less the threshold, also one that a profile gives; Eb/N0 is Es/N0 less 10 log10 of the efficiency.
    """
    whole = dict(told)
    name = told.get("modcod")
    modcod = modcod_of(name, told.get("standard")) if isinstance(name, str) else None
    if modcod is not None:
        _fill(whole, "es_n0_threshold_db", modcod.es_n0_db)
        _fill(whole, "bits_per_symbol", modcod.bits_per_symbol)
    es_n0_db, threshold_db, bits = (
        _number(whole.get(key)) for key in ("es_n0_db", "es_n0_threshold_db", "bits_per_symbol")
    )
    if es_n0_db is not None and threshold_db is not None:
        _fill(whole, "link_margin_db", round(es_n0_db - threshold_db, 2))
    if es_n0_db is not None and bits is not None and bits > 0:
        _fill(whole, "eb_n0_db", round(es_n0_db - 10 * log10(bits), 2))
    return whole


def _fill(whole: dict[str, Scalar], key: str, value: float) -> None:
    if whole.get(key) is None:
        whole[key] = value


def _number(value: Scalar) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
