"""SNMP v1, v2c and v3: the one door to gufo-snmp (ADR 0002)."""

from noc.wire.snmp.model import Agent, AuthProtocol, Community, Fault, PrivProtocol, User, Walk, WalkEnd
from noc.wire.snmp.session import MAX_ROWS, SnmpSession

__all__ = [
    "MAX_ROWS",
    "Agent",
    "AuthProtocol",
    "Community",
    "Fault",
    "PrivProtocol",
    "SnmpSession",
    "User",
    "Walk",
    "WalkEnd",
]
