"""From findings to proposals."""

from __future__ import annotations

from dataclasses import replace

from noc.discovery.book import entries
from noc.model.discovery import Baseline, Found, Proposal, ProposalState
from tests.unit.noc.discovery.houses import found, ground


def proposal(number: int, what: Found, state: ProposalState = "new") -> Proposal:
    return Proposal(number, state, what, 1, 1)


def test_what_is_new_is_proposed_with_its_site() -> None:
    made = entries([found("10.1.0.9", sys_name="nbo-ups-1")], [], ground(), None)
    assert [(one.address, one.site) for one in made.fresh] == [("10.1.0.9", "nairobi")]
    assert (made.changed, made.known) == ((), {})


def test_a_device_of_the_inventory_is_not_proposed_by_whatever_address() -> None:
    known = ground(baselines=(Baseline("nbo-sw-1", 1, serial="FTX1234A"),))
    made = entries(
        [
            found("10.1.0.1"),
            found("192.0.2.9", own=("10.2.0.1",)),
            found("192.0.2.77", serial="FTX1234A"),
        ],
        [],
        known,
        None,
    )
    assert made.fresh == ()
    assert sorted(made.known) == ["bds-rtr-1", "nbo-rtr-1", "nbo-sw-1"]


def test_a_proposal_is_seen_again_also_at_another_address() -> None:
    before = proposal(7, found("10.1.0.9", serial="FTX1234A"), "ignored")
    made = entries([found("10.1.0.10", serial="FTX1234A", model="C9300")], [before], ground(), None)
    assert made.fresh == ()
    (again,) = made.changed
    assert (again.id, again.state, again.found.addresses) == (7, "ignored", ("10.1.0.9", "10.1.0.10"))
    assert again.found.model == "C9300"


def test_another_device_at_the_address_of_one_that_was_ignored_is_proposed() -> None:
    before = proposal(7, found("10.1.0.9", serial="FTX1234A"), "ignored")
    made = entries([found("10.1.0.9", serial="FTX9999Z")], [before], ground(), None)
    assert [one.serial for one in made.fresh] == ["FTX9999Z"]
    assert made.changed == ()


def test_another_device_at_the_address_of_a_new_one_takes_its_place() -> None:
    before = proposal(7, found("10.1.0.9", serial="FTX1234A"))
    made = entries([found("10.1.0.9", serial="FTX9999Z")], [before], ground(), None)
    assert made.fresh == ()
    assert [(one.id, one.found.serial) for one in made.changed] == [(7, "FTX9999Z")]


def test_what_snmp_told_is_kept_when_only_ssh_answers() -> None:
    before = proposal(7, found("10.1.0.9", serial="FTX1234A", sys_name="r", credentials="standard"))
    seen = Found("10.1.0.9", ("10.1.0.9",), ("ssh",), banner="SSH-2.0-OpenSSH_9.2p1")
    (again,) = entries([seen], [before], ground(), None).changed
    assert (again.found.serial, again.found.sys_name, again.found.banner) == ("FTX1234A", "r", "SSH-2.0-OpenSSH_9.2p1")
    assert (again.found.credentials, again.found.ways) == ("standard", ("snmp", "ssh"))


def test_one_device_at_two_addresses_is_one_proposal() -> None:
    one = found("10.1.0.9", serial="FTX1234A")
    made = entries([one, replace(one, address="10.3.0.9", addresses=("10.3.0.9",))], [], ground(), None)
    assert [one.addresses for one in made.fresh] == [("10.1.0.9", "10.3.0.9")]


def test_who_claims_the_address_of_another_does_not_hide_behind_it() -> None:
    liar = found("192.0.2.66", sys_name="evil", own=("10.1.0.1",))
    honest = found("10.1.0.1", sys_name="nbo-rtr-1")
    assert [one.address for one in entries([honest, liar], [], ground(), None).fresh] == ["192.0.2.66"]
    known = ground(baselines=(Baseline("nbo-rtr-1", 1, sys_name="nbo-rtr-1"),))
    assert [one.address for one in entries([liar], [], known, None).fresh] == ["192.0.2.66"]
    other = found("192.0.2.66", sys_name="bds-rtr-1", own=("10.1.0.1",))
    assert [one.address for one in entries([other], [], ground(), None).fresh] == ["192.0.2.66"]
