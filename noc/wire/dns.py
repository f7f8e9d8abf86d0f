"""DNS as a client: the one door of dnspython. One question to one server; nothing is cached, no resolver is asked."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.reversename

from noc.clock import Clock
from noc.model.reading import FailureKind
from noc.model.replies import DnsReply
from noc.wire.errors import WireError
from noc.wire.streams import broken

MAX_ANSWERS: Final = 64
_PAYLOAD_BYTES: Final = 1232  # what arrives without fragments: https://www.dnsflagday.net/2020/
_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. name: a host name; of PTR an IP address too. type: as `A`. dnssec: ask for signatures."""

    server: str
    port: int
    name: str
    type: str
    dnssec: bool = False


async def ask(question: Question, clock: Clock, timeout_s: float) -> DnsReply:
    """Return what the server answers, also when that is an error (`rcode`). timeout_s: for all, TCP included.

    Raises WireError: TIMEOUT, REFUSED (no such server, nobody listens), PROTOCOL (no DNS, or of another question).
    """
    where = f"{question.server} port {question.port}"
    try:
        query = _query(question)
    except (dns.exception.DNSException, ValueError):
        raise WireError(FailureKind.PROTOCOL, f"{where}: '{question.name}' is no name to ask for") from None
    begun = clock.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            address = await _address(question.server, question.port)
            answer, _ = await dns.asyncquery.udp_with_fallback(
                query, address, timeout=timeout_s, port=question.port, ignore_unexpected=True
            )
    except (TimeoutError, dns.exception.Timeout):
        raise WireError(FailureKind.TIMEOUT, f"{where}: no answer within {timeout_s:g} s") from None
    except OSError as error:
        raise broken(where, error) from None
    # A message that lies about its own lengths may fail in many ways.
    except (dns.exception.DNSException, EOFError, ValueError, IndexError, KeyError) as error:
        message = f"{where}: what it answers is no DNS, or not to this question: {type(error).__name__}"
        raise WireError(FailureKind.PROTOCOL, message) from None
    return _reply(question, answer, clock.monotonic() - begun)


def _query(question: Question) -> dns.message.Message:
    name = dns.name.from_text(question.name)
    if question.type == "PTR":
        with suppress(dns.exception.SyntaxError, ValueError):  # else it is written as a name already
            name = dns.reversename.from_address(question.name)
    return dns.message.make_query(
        name,
        question.type,
        use_edns=0,
        payload=_PAYLOAD_BYTES,
        want_dnssec=question.dnssec,
        flags=dns.flags.RD | (dns.flags.AD if question.dnssec else 0),
    )


async def _address(server: str, port: int) -> str:
    try:
        return str(ip_address(server))
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(server, port, type=socket.SOCK_DGRAM)
        return str(found[0][4][0])


def _reply(question: Question, answer: dns.message.Message, took_s: float) -> DnsReply:
    wanted = dns.rdatatype.from_text(question.type)
    answers: list[str] = []
    serial: int | None = None
    signed = False
    for rrset in answer.answer:
        signed = signed or rrset.rdtype == dns.rdatatype.RRSIG
        if rrset.rdtype == wanted:
            answers += [record.to_text()[:_CHARACTERS] for record in list(rrset)[: MAX_ANSWERS - len(answers)]]
        if rrset.rdtype == dns.rdatatype.SOA:
            serial = int(rrset[0].serial)
    return DnsReply(
        rcode=dns.rcode.to_text(answer.rcode()),
        answers=tuple(sorted(answers)),
        query_s=took_s,
        serial=serial,
        authenticated=bool(answer.flags & dns.flags.AD),
        signed=signed,
    )
