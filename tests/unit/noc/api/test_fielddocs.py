"""What stands under fields: found without pydantic reading it at every start."""

from __future__ import annotations

from pydantic import Field

from noc.api._fielddocs import field_docs
from noc.api._shapes import Listing, Shape


class Thing(Shape):
    """A thing."""

    plain: int
    said: int
    """What it says."""
    named: int = Field(alias="else", default=1)
    """Over
    two lines."""
    own: int = Field(description="its own")
    """Not this."""


class Smaller(Thing):
    """A thing of a thing."""

    said: int
    """Otherwise."""
    many: Listing[Thing]


def test_texts_stand_under_their_fields() -> None:
    assert field_docs(Thing) == {"said": "What it says.", "named": "Over\ntwo lines.", "own": "Not this."}
    assert field_docs(Smaller)["said"] == "Otherwise."
    assert field_docs(Smaller)["named"] == "Over\ntwo lines."
    assert set(field_docs(Listing[Thing])) == {"next"}


def test_a_schema_shows_them_by_the_names_that_stand_outside() -> None:
    properties = Thing.model_json_schema()["properties"]
    assert "description" not in properties["plain"]
    assert properties["said"]["description"] == "What it says."
    assert properties["else"]["description"] == "Over\ntwo lines."
    assert properties["own"]["description"] == "its own"
    assert "next page" in Smaller.model_json_schema()["$defs"]["Listing_Thing_"]["properties"]["next"]["description"]
