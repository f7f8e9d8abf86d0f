"""Replies of end points judged: what is wrong with one, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from noc.inventory.endpoints import (
    DnsProbe,
    Endpoint,
    HttpProbe,
    NtpProbe,
    SmtpProbe,
    TlsProbe,
)
from noc.model.reading import Reading
from noc.model.replies import Certificate, DnsReply, HttpReply, NtpReply, Reply, SmtpReply, TlsReply
from noc.settings.schema import format_duration

_DAY: Final = timedelta(days=1)
_SERIALS: Final = 2**32
_TLS: Final = {"1.2": ("TLSv1.2", "TLSv1.3"), "1.3": ("TLSv1.3",)}
_NOT_SYNCHRONISED: Final = 3
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Last:
    """The last word of an end point. faults: what is wrong by it; none: all is right."""

    reading: Reading
    faults: tuple[str, ...]


def faults(endpoint: Endpoint, reading: Reading) -> tuple[str, ...]:
    """Return what is wrong by one Reading: why it failed, or what of its reply is not right; nothing where all is."""
    if reading.failure is not None:
        return (reading.failure.reason,)
    match endpoint.probe, reading.reply:
        case HttpProbe() as http, HttpReply() as reply:
            return tuple(_http(http, reply))
        case TlsProbe() as tls, TlsReply() as reply:
            return tuple(_tls(tls, reply, reading.started_at))
        case DnsProbe() as dns, DnsReply() as reply:
            return tuple(_dns(dns, reply))
        case NtpProbe() as ntp, NtpReply() as reply:
            return tuple(_ntp(ntp, reply))
        case SmtpProbe() as smtp, SmtpReply() as reply:
            return tuple(_smtp(smtp, reply))
    return ()


def days_left(certificate: Certificate, at: datetime) -> float:
    """Return for how many days a certificate is valid; negative where it is over."""
    return (certificate.not_after - at) / _DAY


def _http(probe: HttpProbe, reply: HttpReply) -> Iterator[str]:
    if reply.status not in probe.status:
        yield f"status {reply.status}, not {' or '.join(map(str, probe.status))}"
    if reply.text_found is False:
        yield f"the answer lacks '{_short(probe.text)}'"
    if reply.regex_found is False:
        yield f"the answer has nothing like '{_short(probe.regex)}'"
    if probe.within is not None and reply.total_s > probe.within.total_seconds():
        yield f"the answer took {reply.total_s:.3g} s, more than {format_duration(probe.within)}"


def _tls(probe: TlsProbe, reply: TlsReply, at: datetime) -> Iterator[str]:
    left = days_left(reply.certificate, at)
    if left < 0:
        yield f"the certificate expired {-left:.0f} days ago"
    elif left < probe.days_left:
        yield f"the certificate has {left:.0f} days left, fewer than {probe.days_left}"
    elif probe.chain and reply.untrusted:
        yield f"the certificate is not trusted: {reply.untrusted}"
    if reply.certificate.not_before > at:
        yield f"the certificate is not valid before {reply.certificate.not_before:%Y-%m-%d}"
    if probe.name_matches and not reply.name_matches:
        yield f"the certificate does not name '{probe.server_name or probe.host}'"
    if reply.version not in _TLS[probe.version]:
        yield f"{reply.version or 'no TLS'} is older than TLS {probe.version}"


def _dns(probe: DnsProbe, reply: DnsReply) -> Iterator[str]:
    if reply.rcode != "NOERROR":
        yield f"{probe.name}: {reply.rcode}"
        return
    if not reply.answers:
        yield f"{probe.name} has no {probe.type} record"
    known = {answer.casefold().rstrip(".") for answer in reply.answers}
    for wanted in probe.answers:
        if wanted.casefold().rstrip(".") not in known and reply.answers:
            yield f"the answers lack '{_short(wanted)}'; there is '{_short(reply.answers[0])}'"
    if probe.authenticated and not reply.authenticated:
        yield "the resolver does not vouch for the answer (no AD flag)"
    if probe.signed and not reply.signed:
        yield "the answer is not signed (no RRSIG)"
    if probe.min_serial is not None and reply.serial is not None and _earlier(reply.serial, probe.min_serial):
        yield f"the serial is {reply.serial}, before {probe.min_serial}"


def _earlier(one: int, other: int) -> bool:
    """Return whether a serial is before another: they count in a circle (RFC 1982)."""
    return one != other and (other - one) % _SERIALS < _SERIALS // 2


def _ntp(probe: NtpProbe, reply: NtpReply) -> Iterator[str]:
    if reply.leap == _NOT_SYNCHRONISED:
        yield "its clock is not synchronised"
    elif reply.stratum > probe.max_stratum:
        yield f"stratum {reply.stratum}, beyond {probe.max_stratum}"
    if probe.max_offset is not None and abs(reply.offset_s) > probe.max_offset.total_seconds():
        yield f"{reply.offset_s:+.3f} s from noc's clock, more than {format_duration(probe.max_offset)}"


def _smtp(probe: SmtpProbe, reply: SmtpReply) -> Iterator[str]:
    if reply.code != 220:
        yield f"it greets with {reply.code}: {_short(reply.banner)}"
    if probe.banner is not None and probe.banner not in reply.banner:
        yield f"its greeting lacks '{_short(probe.banner)}'"
    if probe.starttls and not reply.starttls:
        yield "it does not offer STARTTLS"


def _short(text: str | None) -> str:
    shown = "".join(char if char.isprintable() else " " for char in text or "")
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def response_s(reply: Reply | None) -> float | None:
    """Return how long an end point took to answer, in seconds; None where it didn't."""
    match reply:
        case HttpReply():
            return reply.total_s
        case TlsReply():
            return reply.handshake_s
        case DnsReply():
            return reply.query_s
        case NtpReply():
            return reply.delay_s
        case SmtpReply():
            return reply.response_s
        case None:
            return None
    return reply.connect_s
