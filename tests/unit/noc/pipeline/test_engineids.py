"""SNMPv3 engine ids that more than one device has."""

from __future__ import annotations

from noc.model.reading import Engine
from noc.pipeline.engineids import EngineIds

ID = "80001f8804636c6f6e65"


def test_clones_are_found_and_told_once() -> None:
    ids = EngineIds()
    assert ids.take("device/a", Engine(ID, 3, 1_000), 5_000.0) == ()
    assert ids.take("device/b", Engine(ID, 7, 90), 5_001.0) == ("device/a", "device/b")
    assert ids.take("device/a", Engine(ID, 3, 1_300), 5_300.0) == ()
    assert ids.take("device/b", Engine(ID, 8, 0), 5_301.0) == ()  # a restart of one of them is nothing new
    assert ids.twins("device/a") == ("device/b",)
    assert ids.twins("device/b") == ("device/a",)
    assert ids.shared == 1


def test_clones_that_started_as_often_are_told_by_their_clocks() -> None:
    ids = EngineIds()
    ids.take("device/a", Engine(ID, 1, 1_000), 5_000.0)
    assert ids.take("device/b", Engine(ID, 1, 400), 5_000.0) == ("device/a", "device/b")


def test_one_agent_at_two_addresses_is_no_clone() -> None:
    ids = EngineIds()
    ids.take("device/a", Engine(ID, 3, 1_000), 5_000.0)
    assert ids.take("device/b", Engine(ID, 3, 1_009), 5_010.0) == ()
    assert ids.shared == 0
    assert ids.twins("device/a") == ()


def test_a_device_that_got_an_id_of_its_own_is_no_clone_any_more() -> None:
    ids = EngineIds()
    ids.take("device/a", Engine(ID, 3, 1_000), 5_000.0)
    ids.take("device/b", Engine(ID, 7, 90), 5_001.0)
    ids.take("device/b", Engine("80001f8804736f6d656f6e65", 8, 10), 5_301.0)
    assert ids.shared == 0
    assert ids.twins("device/a") == ()
    assert ids.take("device/b", Engine(ID, 9, 10), 5_601.0) == ("device/a", "device/b")


def test_a_device_that_is_gone_is_forgotten() -> None:
    ids = EngineIds()
    ids.take("device/a", Engine(ID, 3, 1_000), 5_000.0)
    ids.take("device/b", Engine(ID, 7, 90), 5_001.0)
    ids.forget("device/b")
    assert ids.twins("device/a") == ()
    assert ids.shared == 0
    assert ids.engine_id("device/a") == ID
    assert ids.engine_id("device/b") == ""
