"""Where LibreNMS's reading of a recording is wrong: (recording, OID or part) -> why. noc is right there, and differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NO_COLUMN = "an OID without the column, which no agent has; the loss stands at jnxRpmResSumPercentLost, column 4"
_NO_RADIO = "a virtual access point has no radio of its own, and gives 0: no noise floor is 0 dBm"

OPINIONS: Final[Mapping[tuple[str, str], str]] = {
    (
        "junos_vmx",
        "1.3.6.1.4.1.2636.3.50.1.2.1.8.116.101.115.116.45.114.112.109.8.105.110.116.101.114.110.101.116.2",
    ): _NO_COLUMN,
    (
        "junos_vmx",
        "1.3.6.1.4.1.2636.3.50.1.2.1.9.116.101.115.116.45.114.112.109.51.9.116.105.109.101.115.116.97.109.112.2",
    ): _NO_COLUMN,
    ("routeros", "1.3.6.1.4.1.14988.1.1.1.3.1.9.8"): _NO_RADIO,
    ("routeros", "1.3.6.1.4.1.14988.1.1.1.3.1.9.9"): _NO_RADIO,
}
