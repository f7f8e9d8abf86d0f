"""What the page of the highest numbers shows: which lists there are, and the rows of one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from noc.i18n.marking import say
from noc.inventory.inventory import Inventory
from noc.model.present import Present
from noc.model.series import Ranked
from noc.model.snapshot import Interface
from noc.web.places import Place, place_of

FULL_PCT: Final = 100.0
LOUD_PCT: Final = 90.0
"""A line this full is worth a look."""


@dataclass(frozen=True, slots=True)
class TopList:
    """A list. fields: field of the measurement, and the word for it. what: tags that tell a series from its mates."""

    key: str
    title: str
    measurement: str
    fields: Mapping[str, str]
    unit: str
    what: tuple[str, ...] = ()
    order: Literal["highest", "lowest"] = "highest"


_NAMES: Final = ("ifName", "ifDescr")
_FAULTS: Final = {
    "in_errors_ps": say("errors in"),
    "out_errors_ps": say("errors out"),
    "in_discards_ps": say("discards in"),
    "out_discards_ps": say("discards out"),
}

LISTS: Final = (
    TopList(
        "interfaces",
        say("Busiest interfaces"),
        "interface",
        {"in_pct": say("in"), "out_pct": say("out")},
        "percent",
        _NAMES,
    ),
    TopList(
        "traffic",
        say("Most traffic"),
        "interface",
        {"in_bps": say("in"), "out_bps": say("out")},
        "bits_per_second",
        _NAMES,
    ),
    TopList("errors", say("Errors and discards"), "interface", _FAULTS, "packets_per_second", _NAMES),
    TopList("loss", say("Packets lost"), "ping", {"percent_packet_loss": ""}, "percent"),
    TopList("delay", say("Longest round trips"), "ping", {"average_response_ms": ""}, "milliseconds"),
    TopList("satellite", say("Weakest satellite links"), "noc_satellite", {"es_n0_db": ""}, "db", (), "lowest"),
    TopList("processors", say("Busiest processors"), "noc_processor", {"usage_pct": ""}, "percent", ("name",)),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list. what: the interface or part; way: in, out. share: of the bar, 0 to 100.

    note: what its owner calls it. rate_bps: of an interface, what its percentage comes to; None where it isn't known.
    """

    rank: int
    place: Place
    what: str
    way: str
    value: float
    share: float
    note: str = ""
    rate_bps: float | None = None
    speed_bps: int | None = None
    is_loud: bool = False
    is_interface: bool = False

    @property
    def url(self) -> str | None:
        """Return the address of the page of the device; with the charts of the interface where it is one."""
        if self.place.url is None or not self.is_interface:
            return self.place.url
        return f"{self.place.url}?interface={quote(self.what, safe='')}"


Seen = Callable[[str], bool]
"""Whether the caller may see an entity."""


def rows_of(
    asked: TopList,
    found: Mapping[str, Iterable[Ranked]],
    count: int,
    inventory: Inventory,
    present: Present,
    seen: Seen,
) -> list[Row]:
    """Return the rows of a list. found: the first by field. A series is in it once, with the worst of its fields.

    Where nothing is wrong (no loss, no errors, nothing on the line) there is no row.
    """
    sign = -1 if asked.order == "highest" else 1
    worst: dict[tuple[str, str], tuple[float, str]] = {}
    for field, ranked in found.items():
        for one in ranked:
            device = one.tags.get("device", "")
            what = next((one.tags[tag] for tag in asked.what if tag in one.tags), "")
            known = worst.get((device, what))
            if (one.value or asked.order == "lowest") and (known is None or sign * one.value < sign * known[0]):
                worst[device, what] = (one.value, field)
    entities = {device: device if "/" in device else f"device/{device}" for device, _ in worst}
    keys = [key for key in worst if seen(entities[key[0]])]
    first = sorted(keys, key=lambda key: (sign * worst[key][0], key))[:count]
    whole = FULL_PCT if asked.unit == "percent" else max((abs(worst[key][0]) for key in first), default=0.0)
    return [
        _row(asked, rank, key, worst[key], place_of(inventory, entities[key[0]]), whole, present)
        for rank, key in enumerate(first, 1)
    ]


def _row(
    asked: TopList,
    rank: int,
    key: tuple[str, str],
    worst: tuple[float, str],
    place: Place,
    whole: float,
    present: Present,
) -> Row:
    value, field = worst
    port = _interface(present, place.entity, key[1]) if asked.measurement == "interface" else None
    speed = None if port is None else port.speed_bps
    return Row(
        rank=rank,
        place=place,
        what=key[1],
        way=asked.fields[field],
        value=value,
        share=min(100.0, 100 * abs(value) / whole) if whole else 0.0,
        note="" if port is None else port.alias or "",
        rate_bps=value / FULL_PCT * speed if speed and asked.key == "interfaces" else None,
        speed_bps=speed,
        is_interface=asked.measurement == "interface" and bool(key[1]),
        is_loud=asked.unit == "percent" and value >= LOUD_PCT,
    )


def _interface(present: Present, entity: str, name: str) -> Interface | None:
    snapshot = present.snapshot(entity)
    ports = () if snapshot is None else snapshot.interfaces
    return next((port for port in ports if name in (port.name, port.descr)), None)
