"""What a check took on the wire: counted where the collector counts, else a fair guess. Pure."""

from __future__ import annotations

from typing import Final

from noc.model.reading import Reading

ECHO: Final = 84
"""Of an echo request or reply of 56 bytes, with headers."""

CONNECT: Final = 300
"""Of a TCP connection that is made and reset, with one repeated SYN."""

SSH_LOG_IN: Final = 8_000
"""Of keys, algorithms, log-in and the end of an SSH connection."""

OTHER: Final = 2_000

FIRST_GUESS: Final = {
    "icmp": 10 * ECHO,
    "uptime": 200,
    "tcp": CONNECT,
    "ssh": 20_000,
    "backup": 100_000,
    "addresses": 20_000,
}
"""Of a check that has not run yet, by its collector."""

STATUS_GUESS: Final = 2_000
RECORDS_GUESS: Final = 3_000
REDISCOVERY_GUESS: Final = 8_000
"""Of a poll by SNMP that has not run yet, each beside the ones before: a small modem or router."""


def octets_of(reading: Reading) -> int:
    """Return the octets of a check on the wire, both ways, with all headers."""
    if reading.octets is not None:
        return reading.octets
    if reading.ping is not None:
        return ECHO * (len(reading.ping.rtts_s) + reading.ping.received)
    if reading.ssh is not None:
        return SSH_LOG_IN + sum(len(answer.text) * 5 // 4 + 400 for answer in reading.ssh)
    return FIRST_GUESS.get(reading.check, OTHER)
