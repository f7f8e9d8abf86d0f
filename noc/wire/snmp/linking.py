"""Which link leads to an agent: by a community, or by a user of SNMPv3."""

from __future__ import annotations

from noc.wire.snmp.link import Link
from noc.wire.snmp.memory import AgentMemory
from noc.wire.snmp.model import Agent
from noc.wire.snmp.transport import CommunityLink
from noc.wire.snmp.v3 import UserLink
from noc.wire.snmpusers import User


def link_to(agent: Agent, memory: AgentMemory) -> Link:
    """Return the link to an agent; it isn't open yet."""
    if isinstance(agent.credentials, User):
        return UserLink(agent, agent.credentials, memory)
    return CommunityLink(agent, agent.credentials, memory)
