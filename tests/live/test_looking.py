"""What an agent has is found by few questions for many tables at once, and never wrongly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pytest

from noc.wire.ber import ErrorStatus, Message, Oid, Pdu, PduType, Tag, Version
from noc.wire.snmp import SnmpSession
from tests.agents import faults
from tests.agents.polling import where
from tests.agents.snmp import Agent, Fault, Objects, serving

pytestmark = pytest.mark.live

by_version = pytest.mark.parametrize("version", ["1", "2c"])

HAS = ["1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2.1", "1.3.6.1.4.1.32473.9.1"]
LACKS = [*(f"1.3.6.1.2.1.{arc}" for arc in (3, 10, 15, 99)), *(f"1.3.6.1.4.1.32473.{arc}.1" for arc in range(10, 60))]
OBJECTS: Objects = {
    (1, 3, 6, 1, 2, 1, 1, 2, 0): (Tag.OID, (1, 3, 6, 1, 4, 1, 32473, 1)),
    (1, 3, 6, 1, 2, 1, 1, 3, 0): (Tag.TIME_TICKS, 12_345),
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 7): (Tag.INTEGER, 7),
    (1, 3, 6, 1, 4, 1, 32473, 9, 1, 4): (Tag.INTEGER, 4),
}


@dataclass
class FollowsOnly(Fault):
    """Answers GETNEXT of the first so many objects alone; of more with an error, if it has a word for it."""

    most: int
    status: ErrorStatus | None = None

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        pdu = request.pdu
        if isinstance(pdu, Pdu) and pdu.type is PduType.GET_NEXT and len(pdu.varbinds) > self.most:
            if self.status is not None:
                return [agent.error(request, self.status, 0)]
            request = request._replace(pdu=pdu._replace(varbinds=pdu.varbinds[: self.most]))
        return super().answers(agent, request)


class GoesBackwards(Fault):
    """Says that its first object follows any that is behind its tables of interfaces."""

    def following(self, agent: Agent, oid: Oid, version: Version) -> Oid | None:
        return super().following(agent, (1,) if oid > (1, 3, 6, 1, 2, 1, 3) else oid, version)


async def look(version: Literal["1", "2c"], fault: Fault | None = None) -> tuple[dict[str, bool], int]:
    async with serving(Agent(OBJECTS, fault)) as agent:
        session = SnmpSession(where(agent, version))
        await session.open()
        try:
            return await session.look([*HAS, *LACKS]), agent.requests
        finally:
            session.close()


@by_version
async def test_few_questions_tell_of_many_tables(version: Literal["1", "2c"]) -> None:
    found, requests = await look(version)
    assert found == {**dict.fromkeys(HAS, True), **dict.fromkeys(LACKS, False)}
    assert requests <= 10


@by_version
@pytest.mark.parametrize(
    "fault",
    [
        FollowsOnly(1),
        FollowsOnly(6, ErrorStatus.TOO_BIG),
        FollowsOnly(0, ErrorStatus.GEN_ERR),
        faults.EndsHalfWay(frozenset({(1, 3, 6, 1, 2, 1, 2, 2, 1)})),
        GoesBackwards(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_an_agent_that_errs_is_not_believed(version: Literal["1", "2c"], fault: Fault) -> None:
    found, requests = await look(version, fault)
    wrong = [one for one in HAS if found.get(one) is False]
    # With v1 "nothing follows" is all that there is to hear, and to be asked again.
    assert wrong == (["1.3.6.1.2.1.2.2.1"] if version == "1" and isinstance(fault, faults.EndsHalfWay) else [])
    assert not [one for one in LACKS if found.get(one)]
    assert requests <= 30
