"""Bursts of echo requests, connections and log-ins to Samples; `ping` and `net_response` as Telegraf has them. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final

from noc.model.reading import ConnectAnswer, FailureKind, PingAnswer, Reading
from noc.model.samples import Samples

PING_FIELDS: Final = (
    "packets_transmitted",
    "packets_received",
    "percent_packet_loss",
    "minimum_response_ms",
    "average_response_ms",
    "maximum_response_ms",
    "standard_deviation_ms",
    "jitter_ms",
)
CONNECT_FIELDS: Final = ("response_time", "result_code")
BACKUP_FIELDS: Final = ("age_s", "age_rhythms", "ok")
SSH_FIELDS: Final = ("session_s", "result_code", "host_key_changed")
POLL_FIELDS: Final = ("unread_s", "result_code")
_CODES: Final = {
    None: 0.0,
    FailureKind.TIMEOUT: 1.0,
    FailureKind.REFUSED: 2.0,
    FailureKind.AUTH: 3.0,
    FailureKind.PROTOCOL: 4.0,
}
_RESULT_CODES: Final = {None: 0.0, FailureKind.TIMEOUT: 1.0, FailureKind.REFUSED: 2.0}


def probe_samples(reading: Reading, context: Mapping[str, str]) -> tuple[Samples, ...]:
    """Return the numbers of a ping, a connection or a log-in; nothing for other checks.

    context: tags of the device that the inventory knows.
    """
    if reading.ping is not None:
        return (_table("ping", reading, {"url": reading.address}, context, PING_FIELDS, _ping(reading.ping)),)
    if reading.check == "tcp":
        kind = reading.failure.kind if reading.failure else None
        values = (_seconds(reading.connect), _RESULT_CODES.get(kind, 2.0))
        tags = {"server": reading.address, "protocol": "tcp"}
        return (_table("net_response", reading, tags, context, CONNECT_FIELDS, values),)
    if reading.check in ("ssh", "backup") and (reading.ssh is not None or reading.failure is not None):
        return (_ssh(reading, context),)
    return ()


def backup_samples(reading: Reading, context: Mapping[str, str], age_s: float, every_s: float, *, ok: bool) -> Samples:
    """Return how old the last good copy of a configuration is. every_s: its rhythm. ok: the last try was good."""
    tags = {"server": reading.address}
    return _table("noc_backup", reading, tags, context, BACKUP_FIELDS, (age_s, age_s / every_s, float(ok)))


def poll_samples(reading: Reading, context: Mapping[str, str], unread_s: float) -> Samples:
    """Return for how long a device that is up could not be read by a check."""
    tags = {"server": reading.address, "check": reading.check}
    kind = reading.failure.kind if reading.failure else None
    return _table("noc_poll", reading, tags, context, POLL_FIELDS, (unread_s, _CODES[kind]))


def _ssh(reading: Reading, context: Mapping[str, str]) -> Samples:
    """Return how a log-in went; whose host key has changed is told with both."""
    kind = reading.failure.kind if reading.failure else None
    changed = None if reading.failure is not None and kind is not FailureKind.AUTH else 0.0  # no key was seen
    tags = {"server": reading.address, "check": reading.check}
    if reading.host_key is not None:
        changed = 1.0
        tags |= {"known_key": reading.host_key.known, "shown_key": reading.host_key.shown}
    took = reading.duration_s if kind is None else None
    return _table("noc_ssh", reading, tags, context, SSH_FIELDS, (took, _CODES.get(kind), changed))


def _ping(answer: PingAnswer) -> tuple[float | None, ...]:
    sent, received = len(answer.rtts_s), answer.received
    loss = 100.0 * (sent - received) / sent if sent else None
    return (float(sent), float(received), loss, *_times([rtt * 1000 for rtt in answer.rtts_s if rtt is not None]))


def _times(rtts_ms: list[float]) -> tuple[float | None, ...]:
    """Return minimum, mean, maximum, standard deviation, and jitter: the mean change from one reply to the next."""
    if not rtts_ms:
        return (None,) * 5
    mean = math.fsum(rtts_ms) / len(rtts_ms)
    deviation = math.sqrt(math.fsum((rtt - mean) ** 2 for rtt in rtts_ms) / len(rtts_ms))
    steps = [abs(later - earlier) for earlier, later in pairwise(rtts_ms)]
    jitter = math.fsum(steps) / len(steps) if steps else None
    return min(rtts_ms), mean, max(rtts_ms), deviation, jitter


def _seconds(answer: ConnectAnswer | None) -> float | None:
    return None if answer is None else answer.connect_s


def _table(
    measurement: str,
    reading: Reading,
    tags: Mapping[str, str],
    context: Mapping[str, str],
    fields: tuple[str, ...],
    values: tuple[float | None, ...],
) -> Samples:
    whole = {**tags, **context}
    at: datetime = reading.started_at
    return Samples(measurement, at, tuple(whole), fields, (tuple(whole.values()),), (values,))
