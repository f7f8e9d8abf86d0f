"""Liveness by SNMP is an answer to sysUpTime (docs/availability.md, section 1): what can't be understood is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pytest

from noc.model.reading import FailureKind
from noc.wire.ber import ErrorStatus, Message, Oid
from noc.wire.snmp import Community
from tests.agents import faults
from tests.agents.device import SYS_UP_TIME, device
from tests.agents.polling import probe
from tests.agents.snmp import Agent, Fault, serving

pytestmark = pytest.mark.live

VERSIONS: list[Literal["1", "2c"]] = ["1", "2c"]
by_version = pytest.mark.parametrize("version", VERSIONS)


@dataclass
class DamagedFor(Fault):
    """Answers what is asked of one object with garbage, all else as it is."""

    oid: Oid

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        asked = any(varbind.oid == self.oid for varbind in request.pdu.varbinds)
        for answer in super().answers(agent, request):
            yield faults.garbage(answer) if asked else answer


@by_version
@pytest.mark.parametrize(
    "fault",
    [faults.Damaged(faults.garbage), faults.Damaged(faults.truncated), DamagedFor(SYS_UP_TIME)],
    ids=["garbage", "truncated", "one object"],
)
async def test_garbage_is_no_sign_of_life(version: Literal["1", "2c"], fault: Fault):
    async with serving(Agent(device(), fault)) as agent:
        reading = await probe(agent.port, Community("public", version))
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.PROTOCOL
    assert "can't be understood" in reading.failure.reason
    assert reading.snmp is None


@by_version
@pytest.mark.parametrize("status", [ErrorStatus.GEN_ERR, ErrorStatus.NO_SUCH_NAME])
async def test_an_error_is_an_answer(version: Literal["1", "2c"], status: ErrorStatus):
    async with serving(Agent(device(), faults.ErrorFor(frozenset({SYS_UP_TIME}), status))) as agent:
        reading = await probe(agent.port, Community("public", version))
    assert reading.failure is None
    assert reading.snmp is not None
    assert reading.snmp.scalars == {}


@by_version
async def test_an_agent_without_the_object_answers(version: Literal["1", "2c"]):
    objects = {oid: held for oid, held in device().items() if oid != SYS_UP_TIME}
    async with serving(Agent(objects)) as agent:
        reading = await probe(agent.port, Community("public", version))
    assert reading.failure is None


@by_version
async def test_an_answer_to_another_question_is_none(version: Literal["1", "2c"]):
    async with serving(Agent(device(), faults.OtherRequestId())) as agent:
        reading = await probe(agent.port, Community("public", version))
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT
