"""Plans and identities."""

from __future__ import annotations

import base64
import json

import pytest

from noc.bus import identity, plans
from noc.bus.identity import Enrolled, Identity
from noc.bus.packing import PackingError, packed, squeezed
from noc.bus.plans import PlanText
from noc.bus.sealing import new_key, sealed

KEY = new_key()
FILES = {"noc.yaml": b"polling: {poller: nbo-1}\n", "inventory/sites.yaml": b"[]\n", "secrets/1": b"\xffhunter2"}
PLAN = PlanText("nbo-1", 5, "1.0", FILES)
KEY64 = base64.b64encode(KEY).decode()
MINE = Identity(
    poller="nbo-1", group="nbo", centre="centre", host="mq", port=8883, user="nbo-1", password="hunter2", key=KEY64
)


def test_a_plan_comes_back_as_it_was() -> None:
    octets = plans.written(PLAN, KEY)
    assert plans.read(octets, KEY, "nbo-1") == PLAN
    assert b"hunter2" not in octets
    assert "hunter2" not in repr(PLAN)


def test_its_digest_is_of_paths_and_what_stands_there() -> None:
    assert plans.digest(FILES) == plans.digest(dict(reversed(FILES.items())))
    assert len({plans.digest(one) for one in ({"a": b"bc"}, {"ab": b"c"}, {"a": b"b", "c": b""}, {})}) == 4


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../b", "a//b", "", ".", "a/", "./a", "a\0b"])
def test_a_path_that_leads_out_of_the_folder_is_refused(path: str) -> None:
    octets = plans.written(PlanText("nbo-1", 5, "1.0", {"noc.yaml": b"", path: b"x"}), KEY)
    with pytest.raises(PackingError, match="leads out of its folder"):
        plans.read(octets, KEY, "nbo-1")


def test_what_is_no_plan_or_anothers_is_refused() -> None:
    with pytest.raises(PackingError, match=r"no noc\.yaml"):
        plans.read(plans.written(PlanText("nbo-1", 5, "1.0", {}), KEY), KEY, "nbo-1")
    with pytest.raises(PackingError, match="wasn't sealed for bko-1"):
        plans.read(plans.written(PLAN, KEY), KEY, "bko-1")
    with pytest.raises(PackingError, match="the plan of nbo-1, not of bko-1"):
        plans.read(sealed(KEY, squeezed(packed(PLAN)), "bko-1"), KEY, "bko-1")
    with pytest.raises(PackingError, match="with this key"):
        plans.read(plans.written(PLAN, KEY), new_key(), "nbo-1")
    with pytest.raises(PackingError, match="compressed"):
        plans.read(sealed(KEY, b"\xff\xff", "nbo-1"), KEY, "nbo-1")


def test_an_identity_comes_back_and_tells_no_secret() -> None:
    assert identity.read(identity.written(MINE), Identity) == MINE
    assert MINE.sealing_key == KEY
    assert "hunter2" not in repr(MINE)
    assert KEY64 not in repr(MINE)
    theirs = Enrolled(poller="nbo-1", group="nbo", user="nbo-1", key=KEY64, at_ms=5, by="root")
    assert identity.read(identity.written(theirs), Enrolled) == theirs
    assert theirs.sealing_key == KEY
    assert KEY64 not in repr(theirs)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": 2}, "version 2, this noc knows 1"),
        ({"key": "hunter2!"}, "no base64"),
        ({"key": "aGk="}, "2 octets, not 32"),
        ({"port": "x"}, r"port"),
        ({"more": 1}, "more"),
    ],
)
def test_a_wrong_identity_is_refused_and_its_secrets_are_not_told(changed: dict[str, object], message: str) -> None:
    document = {**json.loads(identity.written(MINE)), **changed}
    with pytest.raises(PackingError, match=message) as caught:
        identity.read(json.dumps(document).encode(), Identity)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(PackingError, match="can't be read"):
        identity.read(b"\xff", Identity)
