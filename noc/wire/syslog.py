"""Syslog messages: RFC 5424, RFC 3164, and what vendors make of it. Pure functions; no line is refused, none raises.

Read beside the standards: numbers before the header (Cisco IOS and IOS XR), times with years and zones or without any,
the sender's name before or behind the time or not at all, a node (`RP/0/RSP0/CPU0:`), a missing PRI, FortiGate's
`key=value`. What can't be told apart stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from noc.wire.syslogtime import TIME, ZONE, milliseconds

MAX_LINE: Final = 8_192
"""Bytes of one message that are read (RFC 5425 asks for 2,048 at least and 8,192 where possible)."""

USER_NOTICE: Final = 13
"""The PRI of a message without one (RFC 3164, section 4.3.3)."""

_PAIRS_AT_MOST: Final = 100
_PRI = re.compile(r"<(\d{1,3})>")
_MODERN = re.compile(
    r"1 (?P<time>\S{1,64}) (?P<host>\S{1,255}) (?P<app>\S{1,128}) (?P<pid>\S{1,128}) (?P<id>\S{1,64}) ?(?P<rest>.*)\Z",
    re.DOTALL,
)
_ELEMENT = re.compile(r'\[([^ \]="]{1,64})((?: [^ \]="]{1,64}="(?:[^"\\]|\\.){0,2000}")*) ?\]')
_PARAMETER = re.compile(r' ([^ \]="]{1,64})="((?:[^"\\]|\\.){0,2000})"')
_PAIR = re.compile(r'([A-Za-z_][A-Za-z0-9_.-]{0,63})=(?:"((?:[^"\\]|\\.){0,2000})"|([^ "]{0,2000}))(?: |\Z)')

_BEFORE_TIME = re.compile(
    r"(?:(?P<number>\d{1,10}): ?)*"  # the number of the message
    r"(?:(?P<host>[A-Za-z0-9][\w.:-]{0,254}?):? )?"  # the sender's name
    r"(?:(?P<node>[A-Za-z0-9][\w./-]{0,63}):? ?)?"  # a node of IOS XR, a port of Opengear
    r"(?:: )?[*.]?\Z"  # the mark of a clock that isn't synchronised
)
_TAG = re.compile(r"(?P<app>[\w./][\w./@-]{0,63}?)(?:\[(?P<pid>[\w.-]{1,32})\])? ?: ?(?P<text>.*)\Z", re.DOTALL)
_HOST = re.compile(r"(?P<host>[A-Za-z0-9][\w.:-]{0,254}|\[[0-9a-fA-F:.]{2,45}\]) +(?!:(?! ?%))")

_MNEMONIC = re.compile(
    r"%(?P<name>[A-Z][A-Z0-9_]{0,63}(?:-[A-Z][A-Z0-9_]{0,63}){0,4}?-(?P<severity>[0-7A-Z])-[A-Z0-9_]{1,96})"
)
_BARE_MNEMONIC = re.compile(r"%([A-Z][A-Z0-9_]{2,63})(?: ?:)")
_HUAWEI = re.compile(r"%%\d\d(?P<name>[A-Z0-9_]{1,64}/(?P<severity>[0-7])/[A-Za-z0-9_]{1,64})")
_JUNOS = re.compile(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): ")
_PALO_ALTO = re.compile(r"\d?,\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,\w*,(?P<type>[A-Z]{3,20}),(?P<subtype>[\w-]{0,30}),")
_MIKROTIK = re.compile(
    r"(?:bgp|dhcp|firewall|interface|ipsec|ospf|ppp|radius|route|snmp|system|wireless)(?:,[a-z0-9-]{2,20}){1,5}(?= )"
)
_FORTINET = re.compile(r"date=\d{4}-\d\d-\d\d time=\d\d:\d\d:\d\d ")
_NAMED_WITHIN: Final = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One message.

    facility, severity: of the PRI (RFC 5424, section 6.2.1); severity of the message itself where it says so.
    name: what the message calls itself (`%LINEPROTO-5-UPDOWN`, `IFNET/4/IF_STATE`, `SNMP_TRAP_LINK_DOWN`,
    `panos:SYSTEM/auth`, `mikrotik:system,info,account`), else the application's name. host, app: as the message says.
    device_ms: the sender's own time. pairs: structured data, or `key=value`. text: what is said, without the header.
    """

    facility: int
    severity: int
    name: str
    text: str
    host: str | None = None
    app: str | None = None
    device_ms: int | None = None
    pairs: Mapping[str, str] = field(default_factory=dict)


def parse(data: bytes, received_ms: int) -> Line:
    """Return the message in a datagram or a frame. received_ms: in milliseconds of the Unix epoch."""
    text = data[:MAX_LINE].decode("utf-8", "replace").removeprefix("\ufeff").strip("\r\n\0 ")
    found = _PRI.match(text)
    priority = USER_NOTICE
    if found is not None and int(found[1]) <= 191:
        priority, text = int(found[1]), text[found.end() :].lstrip(" ")
    facility, severity = divmod(priority, 8)
    modern = _MODERN.match(text)
    if modern is not None:
        return _modern(modern, facility, severity, received_ms)
    if _FORTINET.match(text):
        return _fortinet(text, facility, severity, received_ms)
    return _old(text, facility, severity, received_ms)


def _modern(found: re.Match[str], facility: int, severity: int, received_ms: int) -> Line:
    pairs, text = _structured(found["rest"])
    app = _given(found["app"])
    name, own = _named(text, severity)
    time = TIME.fullmatch(found["time"])
    return Line(
        facility=facility,
        severity=own,
        name=name or _given(found["id"]) or app or "syslog",
        text=text,
        host=_given(found["host"]),
        app=app,
        device_ms=None if time is None else milliseconds(time, time["z1"] or "", received_ms),
        pairs=pairs,
    )


def _structured(rest: str) -> tuple[dict[str, str], str]:
    """Return the parameters of all elements, and the text behind them."""
    if rest.startswith("-"):
        return {}, rest[1:].strip().removeprefix("\ufeff")
    pairs: dict[str, str] = {}
    at = 0
    while (element := _ELEMENT.match(rest, at)) is not None:
        for parameter in _PARAMETER.finditer(element[2]):
            if len(pairs) < _PAIRS_AT_MOST:
                pairs[parameter[1]] = _unquoted(parameter[2])
        at = element.end()
    return pairs, rest[at:].strip().removeprefix("\ufeff")


def _fortinet(text: str, facility: int, severity: int, received_ms: int) -> Line:
    pairs = dict(_pairs(text))
    time = TIME.match(f"{pairs['date']} {pairs['time']}")
    name = "/".join(pairs[key] for key in ("type", "subtype") if pairs.get(key))
    return Line(
        facility=facility,
        severity=severity,
        name=f"fortigate:{name}" if name else "fortigate",
        text=pairs.get("msg") or pairs.get("logdesc") or text,
        host=pairs.get("devname"),
        app="fortigate",
        device_ms=None if time is None else milliseconds(time, _zone_of(pairs.get("tz", "")), received_ms),
        pairs=pairs,
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for number, found in enumerate(_PAIR.finditer(text)):
        if number == _PAIRS_AT_MOST:
            return
        yield found[1], _unquoted(found[2]) if found[2] is not None else found[3]


def _old(text: str, facility: int, severity: int, received_ms: int) -> Line:
    host, device_ms = None, None
    found = TIME.search(text, 0, _NAMED_WITHIN)
    before = _BEFORE_TIME.match(text[: found.start()]) if found is not None else None
    if found is not None and before is not None:
        zone = ZONE.match(text, found.end())
        said = found["z1"] or (zone["zone"] if zone is not None else "")
        device_ms = milliseconds(found, said, received_ms)
        after = text[zone.end() if zone is not None and not found["z1"] else found.end() :]
        host, node = before["host"], before["node"]
        if host is None and node is not None:
            host = node
        text = after.lstrip(" ")
        if host is None and not text.startswith((":", "%")):
            named = _HOST.match(text)
            if named is not None and not named["host"].endswith(":"):
                host, text = named["host"], text[named.end() :]
        text = text.lstrip(": ")
    name, own = _named(text, severity)
    tag = _TAG.match(text)
    app = None
    if tag is not None:
        app, text = tag["app"], tag["text"].lstrip(" ")
        inner = _JUNOS.match(text)
        if name is None or inner is not None:
            name, own = _named(text, severity)
    return Line(facility, own, name or app or "syslog", text, host, app, device_ms)


def _named(text: str, severity: int) -> tuple[str | None, int]:
    """Return what a message calls itself, and how grave it says to be."""
    if "%" in text:
        for pattern, sign in ((_HUAWEI, ""), (_MNEMONIC, "%")):
            found = pattern.search(text, 0, _NAMED_WITHIN)
            if found is not None:
                own = found["severity"]
                return sign + found["name"], int(own) if own.isdigit() else severity
        bare = _BARE_MNEMONIC.search(text, 0, _NAMED_WITHIN)
        if bare is not None:
            return f"%{bare[1]}", severity
    tag = _JUNOS.match(text)
    if tag is not None:
        return tag[1], severity
    panos = _PALO_ALTO.match(text)
    if panos is not None:
        return "panos:" + "/".join(filter(None, (panos["type"], panos["subtype"]))), severity
    topics = _MIKROTIK.match(text)
    return (None if topics is None else f"mikrotik:{topics[0]}"), severity


def _given(text: str) -> str | None:
    return None if text == "-" else text


def _unquoted(text: str) -> str:
    return re.sub(r'\\(["\\\]])', r"\1", text) if "\\" in text else text


def _zone_of(text: str) -> str:
    return text if re.fullmatch(r"[+-]\d\d:?\d\d", text) else ""
