"""The formula of a service: which entities must be up for it to be up. Data, no language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from noc.settings.schema import Settings


def _one(_: object) -> int:
    return 1


def _sort(value: object) -> str:
    return "Formula" if isinstance(value, dict | Formula) else "Entity"


Item = Annotated[Annotated[str, Tag("Entity")] | Annotated["Formula", Tag("Formula")], Discriminator(_sort)]
"""An entity's name, `site/nairobi`, or a formula again."""


Weight = Annotated[int, Field(ge=1, le=1000)]


class Formula(Settings):
    """One of `all_of`, `any_of`, or `at_least` with `of`; each holds entity names, or formulas again."""

    all_of: tuple[Item, ...] | None = None
    """Up while all of these are."""
    any_of: tuple[Item, ...] | None = None
    """Up while one of these is."""
    at_least: int | None = Field(default=None, ge=1)
    """Up while so many of `of` are."""
    of: tuple[Item, ...] | None = None
    """What `at_least` counts."""
    weights: tuple[Weight, ...] | None = None
    """What each of `of` counts, in the same order. Default: 1 each."""

    @field_validator("all_of", "any_of", "of")
    @classmethod
    def _names_something(cls, items: tuple[Item, ...] | None) -> tuple[Item, ...] | None:
        if items == ():
            raise ValueError("names nothing")
        return items

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [self.all_of is not None, self.any_of is not None, self.at_least is not None or self.of is not None]
        if sum(forms) != 1 or (self.at_least is None) != (self.of is None):
            raise ValueError("write one of all_of, any_of, or at_least together with of")
        if self.weights is not None and (self.of is None or len(self.weights) != len(self.of)):
            raise ValueError("weights stand beside `of`, one for each that it names")
        if (
            self.at_least is not None
            and self.of is not None
            and self.at_least > sum(self.weights or map(_one, self.of))
        ):
            most = f"the weights add up to {sum(self.weights)}" if self.weights else f"`of` names {len(self.of)}"
            raise ValueError(f"at_least {self.at_least} can't be reached: {most}")
        return self

    def entities(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield every entity that is named, with its path inside the formula."""
        for key in ("all_of", "any_of", "of"):
            items: tuple[str | Formula, ...] = getattr(self, key) or ()
            for index, item in enumerate(items):
                if isinstance(item, str):
                    yield (key, index), item
                else:
                    for path, name in item.entities():
                        yield (key, index, *path), name
