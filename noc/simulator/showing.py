"""What routers of the world print of their sessions and interfaces: the numbers that they tell by SNMP, too. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from noc.simulator.moment import Moment
from noc.simulator.objects import View
from noc.wire.ber import Oid

_LOCAL_AS: Final[Oid] = (1, 3, 6, 1, 2, 1, 15, 2, 0)
_PEER: Final[Oid] = (1, 3, 6, 1, 2, 1, 15, 3, 1)
_STATE: Final = 2
_REMOTE_AS: Final = 9
_LASTS_S: Final = 16
_TABLE: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_MTU, _ADMIN, _OPER = 4, 7, 8
_NAME: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
_ALIAS: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18)
_MBPS: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15)
_ESTABLISHED: Final = 6
_UP: Final = 1
_KEEPALIVE_S: Final = 60
_PREFIXES: Final = 24
_HOPS: Final = 15
_DAY_S: Final = 86_400


def bgp_summary(objects: View, now: Moment) -> str:
    """Return what `show ip bgp summary` prints."""
    if _LOCAL_AS not in objects.position:
        return "% BGP not active\n"
    local = _number(objects, _LOCAL_AS, now)
    rows = "".join(_peer(objects, oid[-4:], now) for oid in _column(objects, (*_PEER, _STATE)))
    return (
        f"BGP router identifier {now.machine.device.address}, local AS number {local}\n"
        "BGP table version is 1, main routing table version 1\n\n"
        f"{'Neighbor':<16}V {'AS':>12} MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n{rows}"
    )


def interfaces(objects: View, now: Moment) -> str:
    """Return what `show ip interface brief` prints."""
    rows = "".join(_brief(objects, oid[-1], now) for oid in _column(objects, _NAME))
    return f"{'Interface':<23}{'IP-Address':<16}OK? Method {'Status':<22}Protocol\n{rows}"


def interface(objects: View, now: Moment, name: str) -> str | None:
    """Return what `show interfaces NAME` begins with; None where the router has none of this name."""
    index = next((oid[-1] for oid in _column(objects, _NAME) if objects.text(oid) == name), None)
    if index is None:
        return None
    status, protocol = _status(objects, index, now)
    alias = objects.text((*_ALIAS, index)) if (*_ALIAS, index) in objects.position else ""
    described = f"  Description: {alias}\n" if alias else ""
    width, mtu = _number(objects, (*_MBPS, index), now) * 1000, _number(objects, (*_TABLE, _MTU, index), now)
    return (
        f"{name} is {status}, line protocol is {protocol}\n{described}"
        f"  MTU {mtu} bytes, BW {width} Kbit/sec, DLY 10 usec,\n"
    )


def traced(address: str, *, is_there: bool) -> str:
    """Return what `traceroute` to a neighbour prints."""
    hops = [f"  1 {address} 4 msec"] if is_there else [f"{hop:>3}  *" for hop in range(1, _HOPS + 1)]
    return f"Type escape sequence to abort.\nTracing the route to {address}\n" + "\n".join(hops) + "\n"


def _peer(objects: View, peer: Oid, now: Moment) -> str:
    def told(column: int) -> int:
        return _number(objects, (*_PEER, column, *peer), now)

    lasts_s = told(_LASTS_S)
    is_up = told(_STATE) == _ESTABLISHED
    said = lasts_s // _KEEPALIVE_S
    since, state = (_length(lasts_s), str(_PREFIXES)) if is_up else ("never", "Idle")
    address = ".".join(map(str, peer))
    return f"{address:<16}4 {told(_REMOTE_AS):>12} {said:>7} {said:>7}        1    0    0 {since:<8} {state:>12}\n"


def _brief(objects: View, index: int, now: Moment) -> str:
    status, protocol = _status(objects, index, now)
    address = str(now.machine.device.address) if index == 1 else "unassigned"
    return f"{objects.text((*_NAME, index)):<23}{address:<16}YES NVRAM  {status:<22}{protocol}\n"


def _status(objects: View, index: int, now: Moment) -> tuple[str, str]:
    if _number(objects, (*_TABLE, _ADMIN, index), now) != _UP:
        return "administratively down", "down"
    word = "up" if _number(objects, (*_TABLE, _OPER, index), now) == _UP else "down"
    return word, word


def _length(seconds: int) -> str:
    days, rest = divmod(seconds, _DAY_S)
    if days:
        return f"{days // 7}w{days % 7}d" if days > 6 else f"{days}d{rest // 3600:02}h"
    return f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def _column(objects: View, column: Oid) -> Iterator[Oid]:
    for oid in objects.oids[objects.after(column) :]:
        if oid[: len(column)] != column:
            return
        yield oid


def _number(objects: View, oid: Oid, now: Moment) -> int:
    found = objects.value(oid, now) if oid in objects.position else 0
    return found if isinstance(found, int) else 0
