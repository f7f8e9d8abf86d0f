"""What an SNMPv3 agent reports instead of an answer, and what that says of the log-in (RFC 3414, section 5). Pure."""

from __future__ import annotations

from enum import Enum
from typing import Final

from noc.model.reading import Failure, FailureKind
from noc.wire.ber import Oid, Pdu
from noc.wire.snmpusers import User


class Report(Enum):
    """The counter that an agent names in a report."""

    UNSUPPORTED_LEVEL = (1, 3, 6, 1, 6, 3, 15, 1, 1, 1)
    NOT_IN_TIME_WINDOW = (1, 3, 6, 1, 6, 3, 15, 1, 1, 2)
    UNKNOWN_USER = (1, 3, 6, 1, 6, 3, 15, 1, 1, 3)
    UNKNOWN_ENGINE = (1, 3, 6, 1, 6, 3, 15, 1, 1, 4)
    WRONG_DIGEST = (1, 3, 6, 1, 6, 3, 15, 1, 1, 5)
    DECRYPTION = (1, 3, 6, 1, 6, 3, 15, 1, 1, 6)
    OTHER = ()


_KNOWN: Final = {report.value: report for report in Report}
_LONG_KEYS: Final = {"AES-192": "AES-192-C", "AES-256": "AES-256-C", "AES-192-C": "AES-192", "AES-256-C": "AES-256"}
_SHORT_DIGESTS: Final = {"AES-192": ("MD5", "SHA-1"), "AES-256": ("MD5", "SHA-1", "SHA-224")}


def report_of(pdu: Pdu) -> Report:
    """Return which report a PDU is."""
    name: Oid = pdu.varbinds[0].oid if pdu.varbinds else ()
    return _KNOWN.get(name[:-1], Report.OTHER) if name else Report.OTHER


def refusal(report: Report, pdu: Pdu, user: User, address: str) -> Failure:
    """Return the failure that a report is, in words for who can mend it."""
    said = {
        Report.UNSUPPORTED_LEVEL: f"refuses the level {user.level} for user '{user.name}': give the credentials the"
        " same `auth` and `priv` as the device has for this user",
        Report.NOT_IN_TIME_WINDOW: "finds each message too old or too new, although it was given its own clock:"
        " its clock or its count of starts (snmpEngineBoots) jumps; restart its SNMP agent",
        Report.UNKNOWN_USER: f"knows no user '{user.name}'",
        Report.UNKNOWN_ENGINE: "does not know the engine id that it tells itself",
        Report.WRONG_DIGEST: f"knows user '{user.name}', with another authentication key or protocol than {user.auth}",
        Report.DECRYPTION: f"knows user '{user.name}', with another encryption key or protocol than {user.priv}"
        + dialect_hint(user),
    }
    if report in said:
        return Failure(FailureKind.AUTH, f"{address}: the agent {said[report]}")
    named = ".".join(map(str, pdu.varbinds[0].oid)) if pdu.varbinds else "nothing"
    return Failure(FailureKind.PROTOCOL, f"{address}: the agent reports {named} instead of an answer")


def dialect_hint(user: User) -> str:
    """Return a hint to the other way of making long keys of short digests, where there are two."""
    other = _LONG_KEYS.get(user.priv or "", "")
    if not other or user.auth not in _SHORT_DIGESTS[other.removesuffix("-C")]:
        return ""
    return f"; it may make its keys in the other dialect: try `priv: {other}`"
