"""Readings of end points to Samples, under the names that Telegraf's plug-ins use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from noc.inventory.endpoints import DnsProbe, Endpoint, HttpProbe
from noc.model.instants import to_s
from noc.model.reading import FailureKind, Reading
from noc.model.replies import Certificate, DnsReply, HttpReply, NtpReply, SmtpReply, TcpReply, TlsReply
from noc.model.samples import Samples
from noc.pipeline.endpoints import days_left

HTTP_FIELDS: Final = (
    "response_time",
    "first_byte_s",
    "http_response_code",
    "content_length",
    "redirects",
    "result_code",
    "certificate_days",
)
DNS_FIELDS: Final = ("query_time_ms", "rcode_value", "result_code", "soa_serial", "authenticated", "signed", "answers")
CERTIFICATE_FIELDS: Final = ("expiry", "age", "startdate", "enddate", "verification_code", "days_left", "handshake_s")
NTP_FIELDS: Final = ("offset", "delay", "stratum", "leap", "rootdisp", "offset_size")
SMTP_FIELDS: Final = ("response_time", "code", "starttls", "result_code")
TCP_FIELDS: Final = ("response_time", "result_code")

_DAY_S: Final = 86_400
_RCODES: Final = {
    "NOERROR": 0,
    "FORMERR": 1,
    "SERVFAIL": 2,
    "NXDOMAIN": 3,
    "NOTIMP": 4,
    "REFUSED": 5,
}


def endpoint_tags(endpoint: Endpoint, region: str, vantage: str = "") -> dict[str, str]:
    """Return the tags that all series of an end point have; `device` is whose they are, as for all series.

    vantage: from where a remote poller asked; empty where the centre did.
    """
    tags = {"device": endpoint.entity, "site": endpoint.site, "region": region}
    return {**tags, "vantage": vantage} if vantage else tags


def endpoint_samples(
    endpoint: Endpoint, reading: Reading, tags: Mapping[str, str], faults: Iterable[str]
) -> tuple[Samples, ...]:
    """Return the numbers of one Reading. tags: of `endpoint_tags`. faults: what is wrong by it."""
    reply, wrong = reading.reply, bool(tuple(faults))
    own: dict[str, str]
    match endpoint.kind:
        case "http" if isinstance(endpoint.probe, HttpProbe):
            own = {"server": endpoint.probe.url.partition("?")[0], "method": endpoint.probe.method}
            row = _http(reading, reply if isinstance(reply, HttpReply) else None, wrong)
            return (_table("http_response", reading, {**own, **tags}, HTTP_FIELDS, row),)
        case "dns" if isinstance(endpoint.probe, DnsProbe):
            probe = endpoint.probe
            own = {"server": probe.server, "domain": probe.name, "record_type": probe.type}
            row = _dns(reading, reply if isinstance(reply, DnsReply) else None, wrong)
            return (_table("dns_query", reading, {**own, **tags}, DNS_FIELDS, row),)
        case "tls" if isinstance(reply, TlsReply):
            row = _certificate(reading, reply)
            return (_table("x509_cert", reading, {"source": reading.address, **tags}, CERTIFICATE_FIELDS, row),)
        case "ntp" if isinstance(reply, NtpReply):
            row = _ntp(reply)
            own = {"remote": reading.address, "refid": reply.reference}
            return (_table("ntpq", reading, {**own, **tags}, NTP_FIELDS, row),)
        case "smtp":
            row = _smtp(reading, reply if isinstance(reply, SmtpReply) else None, wrong)
            return (_table("noc_smtp", reading, {"server": reading.address, **tags}, SMTP_FIELDS, row),)
        case "tcp":
            took_s = reply.connect_s if isinstance(reply, TcpReply) else None
            row = (took_s, _connect_code(reading, wrong=False))
            own = {"server": reading.address, "protocol": "tcp"}
            return (_table("net_response", reading, {**own, **tags}, TCP_FIELDS, row),)
    return ()


Row = tuple[float | None, ...]


def _http(reading: Reading, reply: HttpReply | None, wrong: bool) -> Row:
    if reply is None:
        code = 4.0 if reading.failure is not None and reading.failure.kind is FailureKind.TIMEOUT else 3.0
        return (None, None, None, None, None, code, None)
    mismatch = reply.text_found is False or reply.regex_found is False
    code = 1.0 if mismatch else 6.0 if wrong else 0.0
    days = None if reply.certificate is None else days_left(reply.certificate, reading.started_at)
    sizes = (float(reply.status), float(reply.length), float(reply.redirects))
    return (reply.total_s, reply.first_byte_s, *sizes, code, days)


def _dns(reading: Reading, reply: DnsReply | None, wrong: bool) -> Row:
    if reply is None:
        code = 1.0 if reading.failure is not None and reading.failure.kind is FailureKind.TIMEOUT else 2.0
        return (None, None, code, None, None, None, None)
    rcode = _RCODES.get(reply.rcode)
    return (
        reply.query_s * 1000,
        None if rcode is None else float(rcode),
        2.0 if wrong else 0.0,
        None if reply.serial is None else float(reply.serial),
        float(reply.authenticated),
        float(reply.signed),
        float(len(reply.answers)),
    )


def _certificate(reading: Reading, reply: TlsReply) -> Row:
    known: Certificate = reply.certificate
    at = reading.started_at
    left = days_left(known, at)
    age_s = (at - known.not_before).total_seconds()
    valid = 0.0 if not reply.untrusted and reply.name_matches else 1.0
    dates = (to_s(known.not_before), to_s(known.not_after))
    return (left * _DAY_S, age_s, *dates, valid, left, reply.handshake_s)


def _ntp(reply: NtpReply) -> Row:
    offset_ms = reply.offset_s * 1000
    root_ms = reply.root_dispersion_s * 1000
    return (offset_ms, reply.delay_s * 1000, float(reply.stratum), float(reply.leap), root_ms, abs(offset_ms))


def _smtp(reading: Reading, reply: SmtpReply | None, wrong: bool) -> Row:
    if reply is None:
        return (None, None, None, _connect_code(reading, wrong=False))
    offered = None if reply.starttls is None else float(reply.starttls)
    return (reply.response_s, float(reply.code), offered, _connect_code(reading, wrong))


def _connect_code(reading: Reading, wrong: bool) -> float:
    if reading.failure is None:
        return 4.0 if wrong else 0.0
    return {FailureKind.TIMEOUT: 1.0, FailureKind.PROTOCOL: 3.0}.get(reading.failure.kind, 2.0)


def _table(measurement: str, reading: Reading, tags: Mapping[str, str], fields: tuple[str, ...], row: Row) -> Samples:
    return Samples(measurement, reading.started_at, tuple(tags), fields, (tuple(tags.values()),), (row,))
