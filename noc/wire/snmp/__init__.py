"""SNMP v1, v2c and v3: the one door to gufo-snmp (ADR 0002); v3 is spoken by our own codec (ADR 0011)."""

from noc.wire.snmp.exchange import SpentError
from noc.wire.snmp.memory import Memory
from noc.wire.snmp.model import Agent, Fault, Walk, WalkEnd
from noc.wire.snmp.session import MAX_ROWS, SnmpSession
from noc.wire.snmp.v3 import ForbiddenError
from noc.wire.snmpusers import AuthProtocol, Community, PrivProtocol, User

__all__ = [
    "MAX_ROWS",
    "Agent",
    "AuthProtocol",
    "Community",
    "Fault",
    "ForbiddenError",
    "Memory",
    "PrivProtocol",
    "SnmpSession",
    "SpentError",
    "User",
    "Walk",
    "WalkEnd",
]
