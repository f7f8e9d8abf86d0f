"""What people write in rules of kind `expression` and `burn` (docs/extend/rule.md)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from alerts.rules.text import Hold, Names, RuleText, not_empty
from noc.settings.schema import Duration

BurnWindow = Literal["1h", "6h", "3d"]
BurnKind = Literal["network", "region", "site", "circuit", "service", "device"]

BURN_KINDS: tuple[BurnKind, ...] = ("network", "region", "site", "circuit", "service", "device")


class ExpressionText(RuleText):
    """A rule of kind `expression`: a condition over one or more numbers."""

    when: Annotated[str, Field(min_length=1)]
    """The condition, as in `noc_memory.used_pct > 90 % and change(noc_memory.used_pct, 30 min) > 0 %`."""
    clear: Annotated[str, Field(min_length=1)] | None = None
    """What ends it; between the two nothing changes. Default: that `when` is false."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Only rows whose tags are exactly these, such as `kind: charge`."""
    except_: dict[str, Names] = Field(default_factory=dict, alias="except")
    """Rows that are left out, by a tag and what it may be like; `*` stands for anything, `?` for one character."""
    degraded: bool = False
    """true: the device works, but worse than it should."""
    stale: Duration | None = None
    """As for thresholds: a longer gap starts `for` anew."""


class BurnText(RuleText):
    """A rule of kind `burn`: the error budget of an [objective](../objectives.md) is spent too fast, or is gone."""

    hold: Hold = Field(default="0s", alias="for", validate_default=True)
    """How long it must last before the rule is raised."""
    of: Annotated[tuple[BurnKind, ...], AfterValidator(not_empty)] = BURN_KINDS
    """Whose budget."""
    rates: Annotated[dict[BurnWindow, Annotated[float, Field(gt=0)]], AfterValidator(not_empty)] | None = None
    """By window, how many times as fast as the budget allows it is spent at least; all of them must hold. A short
    window beside a long one ends it soon after the outage. What came late counts as it was told in time."""
    left: Annotated[float, Field(lt=100)] | None = None
    """So many percent of the budget are left at most, whenever it came to be known; 0: it is spent."""
    clear: Annotated[float, Field(gt=0)] | None = None
    """Cleared when the shortest window is below this. Default: half of its rate."""

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if self.rates is None and self.left is None:
            raise ValueError("say 'rates', or 'left', or both")
        if self.rates is None and self.clear is not None:
            raise ValueError("'clear' is a rate, and there are no 'rates'")
        return self

    @property
    def when(self) -> str:
        """Return the condition as an expression."""
        said = [f"noc_objective.burn_{window} >= {rate:g}" for window, rate in (self.rates or {}).items()]
        if self.left is not None:
            said.append(f"noc_objective.budget_left_pct <= {self.left:g} %")
        return " and ".join(said)

    @property
    def clear_when(self) -> str:
        """Return what ends it as an expression."""
        if self.rates is None:
            return f"noc_objective.budget_left_pct > {self.left:g} %"
        shortest = min(self.rates, key=("1h", "6h", "3d").index)
        return f"noc_objective.burn_{shortest} < {self.clear or self.rates[shortest] / 2:g}"
