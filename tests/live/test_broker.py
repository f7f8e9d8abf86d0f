"""What `noc broker config` writes, on a real Mosquitto: who gets in, who may say what, and what survives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from noc.app.brokerfiles import keep_out
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Publication, linked, publish
from tests.live.mosquitto import OwnBroker, own_broker

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def mosquitto() -> Iterator[OwnBroker]:
    with own_broker(["wall"]) as found:
        found.let_in("nbo-1", "first")
        found.let_in("suv-1", "second")
        found.give()
        found.reread()
        yield found


async def let_in(broker: Broker) -> bool:
    try:
        async with linked(broker, (), timeout_s=2):
            return True
    except WireError:
        return False


async def until(broker: Broker, *, may: bool) -> None:
    async with asyncio.timeout(20):
        while await let_in(broker) is not may:
            await asyncio.sleep(0.1)


async def test_pollers_say_and_hear_what_is_theirs_alone(mosquitto: OwnBroker) -> None:
    nairobi = mosquitto.at("noc-poller-nbo-1", "noc-poller-nbo-1", "first")
    await until(nairobi, may=True)
    async with asyncio.timeout(20), linked(mosquitto.centre(), ["noc/v1/#"]) as centre:
        heard = centre.heard()
        async with linked(nairobi, ["noc/v1/#", "noc/v1/poller/nbo-1/acks", "noc/v1/poller/+/presence"]) as link:
            # What it may not the broker drops without a word; what it may comes after, so that would have come.
            await link.publish(Publication("noc/v1/poller/suv-1/samples", b"as another"))
            await link.publish(Publication("noc/v1/poller/nbo-1/plan", b"as the centre"))
            await link.publish(Publication("noc/v1/state/site/nairobi", b"all is well", retain=True))
            await link.publish(Publication("noc/v1/poller/nbo-1/samples", b"mine"))
            assert (await anext(heard)).body == b"mine"
            for topic in ("poller/suv-1/plan", "poller/suv-1/acks", "poller/suv-1/samples", "state/site/suva"):
                await centre.publish(Publication(f"noc/v1/{topic}", b"not for it"))
            await centre.publish(Publication("noc/v1/poller/nbo-1/acks", b"for it"))
            assert (await anext(link.heard())).body == b"for it"


async def test_a_reader_sees_states_and_nothing_of_pollers(mosquitto: OwnBroker) -> None:
    await publish(mosquitto.centre(), "noc/v1/state/site/nairobi", b"{}", retain=True)
    async with asyncio.timeout(20), linked(mosquitto.at("wall", "wall"), ["noc/v1/#"]) as wall:
        heard = wall.heard()
        assert (await anext(heard)).body == b"{}"
        await wall.publish(Publication("noc/v1/state/site/nairobi", b"all is well", retain=True))
        await publish(mosquitto.centre(), "noc/v1/poller/nbo-1/samples", b"not for it", retain=False)
        await publish(mosquitto.centre(), "noc/v1/incident/7", b"for it", retain=False)
        assert (await anext(heard)).body == b"for it"


async def test_nobody_gets_in_without_password_or_tls_and_who_is_removed_no_more(mosquitto: OwnBroker) -> None:
    assert not await let_in(mosquitto.at("noc-poller-nbo-1", "x", "second"))
    assert not await let_in(Broker("127.0.0.1", mosquitto.port, "x"))
    suva = mosquitto.at("noc-poller-suv-1", "s", "second")
    await until(suva, may=True)
    keep_out(mosquitto.folder, "noc-poller-suv-1")
    mosquitto.reread()
    await until(suva, may=False)


async def test_what_is_retained_survives_an_orderly_restart_and_all_get_in_again_after_a_kill(
    mosquitto: OwnBroker,
) -> None:
    await publish(mosquitto.centre(), "noc/v1/state/site/suva", b"1", retain=True)
    mosquitto.stop()
    mosquitto.start()
    async with asyncio.timeout(20), linked(mosquitto.centre(), ["noc/v1/state/site/suva"]) as centre:
        assert (await anext(centre.heard())).body == b"1"
    mosquitto.kill()
    mosquitto.start()
    await until(mosquitto.centre(), may=True)
