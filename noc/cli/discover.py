"""`noc discover`: look for devices in the network, take them into the inventory, see where both disagree."""

from __future__ import annotations

import asyncio
import getpass
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Coroutine
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from noc.app import accepting, discovery, drifting
from noc.app.check import CheckResult, check
from noc.cli import _discover as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, noted
from noc.clock import SystemClock
from noc.discovery.ground import Ground
from noc.inventory.values import parse_network
from noc.model.counting import counted
from noc.model.discovery import PROPOSAL_STATES, Drift, Proposal
from noc.model.errors import ReachError, UsageError
from noc.service import running
from noc.state import drifts, proposals
from noc.state.database import Database, Transaction

SOMETHING_WRONG = 1
SWEEP = "sweep"

_Result = TypeVar("_Result")


class _SweepByDefault(TyperGroup):
    """`noc discover 10.0.0.0/24` is `noc discover sweep 10.0.0.0/24`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 click's own, which typer hides
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [SWEEP, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_SweepByDefault, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Find devices in the network. Take them into the inventory, see where both disagree.

    \b
    noc discover 10.20.0.0/24                what is there
    noc discover --from-site nairobi         … in the networks of a site
    noc discover list                        the proposals that came of it
    noc discover accept 3 4 --site nairobi   take two of them into the inventory
    noc discover ignore 5                    propose it no more
    noc discover propose 5                   … again
    noc discover drift                       where inventory and network disagree
    """  # noqa: D301 the backspace is meant: typer leaves the lines below it as they are


Who = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]
Step = Callable[[Database, list[int], str, SystemClock], Coroutine[None, None, list[Proposal]]]
Numbers = Annotated[list[int], typer.Argument(metavar="ID…", min=1, help="Proposals, by number.", show_default=False)]


@app.command()
def sweep(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CIDR…]", help="10.1.0.0/24, 10.1.0.7, 10.1.0.10-10.1.0.99, 2001:db8::/120."),
    ] = None,
    config: Config = None,
    from_site: Annotated[
        str | None,
        typer.Option(help="Its `subnets:`, else the networks that its devices are connected to.", show_default=False),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="A network that is not asked; beside `discovery: exclude:`.")
    ] = None,
    follow_neighbours: Annotated[
        int,
        typer.Option(
            min=0,
            max=discovery.FOLLOW_AT_MOST,
            help="Ask neighbours by LLDP and CDP too, also outside of the networks: so many steps far.",
        ),
    ] = 0,
    ping_only: Annotated[bool, typer.Option("--ping-only", help="Propose also what answers nothing but ICMP.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Sweep also more than `discovery: max_addresses`.")] = False,
    over_budget: Annotated[
        bool, typer.Option("--over-budget", help="Ask also behind sites and circuits with a byte budget.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the sweep that was broken off.")] = False,
    as_json: Json = False,
) -> None:
    """Ask addresses and propose devices.

    By ICMP, and where that is answered by SNMP and SSH. By SNMP with the configured credentials, never with more wrong
    log-ins an address than `discovery: max_wrong_log_ins`; of SSH only the version line is read. Ctrl-C keeps what was
    found; --resume goes on. What it takes of byte budgets is told first, and asked only with --over-budget.

    Exit codes: 0 done · 2 wrong use · 3 nothing answered · 130 interrupted.
    """
    _check_use(targets, from_site, exclude, resume=resume)
    wanted = discovery.Wanted(
        targets=tuple(targets or ()),
        from_site=from_site,
        exclude=tuple(ip_network(text) for text in exclude or ()),
        follow=follow_neighbours,
        force=force,
        resume=resume,
        pinged_too=ping_only,
        over_budget=over_budget,
    )
    line = page.ProgressLine("addresses")
    result, checked = discovery.Result(), _checked(config)
    try:
        _interruptible(discovery.sweep(checked, wanted, SystemClock(), line, result, complain))
    finally:
        line.end()
        if result.total:
            asyncio.run(_noted(discovery.state_of(checked)))
            page.tell_result(result)
            if as_json:
                print_json(page.result_document(result))
    if not result.tally.alive:
        raise ReachError(f"{', '.join(result.targets)}: nothing answered")


def _check_use(targets: list[str] | None, from_site: str | None, exclude: list[str] | None, *, resume: bool) -> None:
    if resume and (targets or from_site or exclude):
        raise UsageError("--resume goes on with what was asked for then; give no networks beside it")
    if not resume and not targets and from_site is None:
        raise UsageError("name networks to sweep, as 10.1.0.0/24, or --from-site SITE; see noc discover --help")
    for text in exclude or ():
        try:
            parse_network(text)
        except ValueError as error:
            raise UsageError(f"--exclude: {error}") from error


@app.command("list")
def list_proposals(
    config: Config = None,
    state: Annotated[str, typer.Option(help=f"Only these: {', '.join(PROPOSAL_STATES)}, all.")] = "new",
    as_json: Json = False,
) -> None:
    """List proposals.

    Those that the inventory has got meanwhile are left out of the new ones.
    """
    if state not in (*PROPOSAL_STATES, "all"):
        raise UsageError(f"--state: '{state}' is not one of {', '.join(PROPOSAL_STATES)}, all")
    checked = _checked(config)
    inventory = checked.inventory

    async def read(connection: Transaction) -> list[Proposal]:
        found = await proposals.everything(connection)
        if state == "new" and inventory is not None:
            return Ground(inventory, await drifts.baselines(connection)).open_to_decide(found)
        return [one for one in found if state in ("all", one.state)]

    found = _on(checked, read)
    if as_json:
        print_json([page.proposal_document(one) for one in found])
    elif found:
        page.show_proposals(found, with_state=state == "all")
    else:
        complain("there are no such proposals; `noc discover CIDR…` looks for devices")


@app.command()
def accept(
    numbers: Numbers,
    config: Config = None,
    site: Annotated[str | None, typer.Option(help="The site. Default: as it was guessed.", show_default=False)] = None,
    device_class: Annotated[
        str | None, typer.Option("--class", help="The class. Default: as the profile says.", show_default=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What people call it. Default: its sysName.", show_default=False)
    ] = None,
    device_id: Annotated[
        str | None, typer.Option("--id", help="Its id. Default: made of the name.", show_default=False)
    ] = None,
    by: Who = None,
    as_json: Json = False,
) -> None:
    """Take proposals into the inventory.

    They are written into discovered.yaml of its folder; reload noc to have them watched. `noc check` runs on the
    result; where that finds an error the file is put back as it was.

    Exit codes: 0 done · 2 nothing was done: a wrong choice, or `noc check` finds errors.
    """
    choice = accepting.Choice(site, device_class, name, device_id)
    checked, path, clock = _checked(config), config or default_config(), SystemClock()
    database = discovery.state_of(checked)

    async def run() -> list[accepting.Accepted]:
        async with running([database]):
            done = await accepting.accept(database, path, os.environ, numbers, choice, _who(by), clock)
            await noted(database)
            return done

    accepted = asyncio.run(run())
    if as_json:
        print_json(
            [{"id": one.proposal.id, "device": one.device, **one.properties} for one in accepted],
        )
    for one in accepted:
        complain(f"device {one.device} is in the inventory: site {one.properties['site']}, {one.properties['address']}")
    complain("reload noc to have it watched: systemctl reload noc" if accepted else "nothing was accepted")


async def _noted(database: Database) -> None:
    async with running([database]):
        await noted(database)


@app.command()
def ignore(numbers: Numbers, config: Config = None, by: Who = None, as_json: Json = False) -> None:
    """Propose these devices no more.

    Also not at another address. `accept` takes them all the same.

    Exit codes: 0 done · 2 there is no such proposal, or it is accepted.
    """
    _decided(accepting.ignore, numbers, config, by, ("ignored", "is ignored from now on"), as_json=as_json)


@app.command()
def propose(numbers: Numbers, config: Config = None, by: Who = None, as_json: Json = False) -> None:
    """Propose devices again that are ignored.

    Exit codes: 0 done · 2 there is no such proposal, or it isn't ignored.
    """
    _decided(accepting.propose_again, numbers, config, by, ("new", "is proposed again"), as_json=as_json)


def _decided(
    step: Step, numbers: list[int], config: Path | None, by: str | None, said: tuple[str, str], *, as_json: bool
) -> None:
    """Decide on proposals. said: how they stand then, as a word and for people."""
    checked, clock = _checked(config), SystemClock()
    database = discovery.state_of(checked)

    async def run() -> list[Proposal]:
        async with running([database]):
            done = await step(database, numbers, _who(by), clock)
            await noted(database)
            return done

    state, words = said
    done = asyncio.run(run())
    if as_json:
        print_json([{"id": one.id, "state": state, "address": one.found.address} for one in done])
    for one in done:
        complain(f"proposal {one.id} ({printable(one.found.sys_name or one.found.address)}) {words}")


Sites = Annotated[list[str] | None, typer.Option("--site", help="Only devices of this site.", show_default=False)]
Devices = Annotated[list[str] | None, typer.Option("--device", help="Only this device.", show_default=False)]


@app.command()
def drift(
    config: Config = None,
    site: Sites = None,
    device: Devices = None,
    last: Annotated[bool, typer.Option("--last", help="Ask nobody: show what was found last.")] = False,
    as_json: Json = False,
) -> None:
    """Show where inventory and network disagree.

    The devices of the inventory are asked who they are. Drift is a name, serial number or model that changed, another
    profile or class, a device that answers no more or as another one, a neighbour that the inventory lacks.
    `noc discover agree DEVICE…` says that the network is right.

    Exit codes: 0 they agree · 1 they don't · 2 wrong use · 130 interrupted.
    """
    checked = _checked(config)
    if last:
        found = _last_drift(checked, site or (), device or ())
    else:
        line = page.ProgressLine("devices")
        looking = drifting.look_round(checked, SystemClock(), line, sites=site or (), devices=device or ())
        try:
            looked = _interruptible(looking)
        finally:
            line.end()
        found = list(looked.drifts)
        complain(f"{counted(looked.looked_at, 'device')} asked, {len({one.device for one in found}):,} with drift")
    if as_json:
        print_json([page.drift_document(one) for one in found])
    elif found:
        page.show_drift(found)
    else:
        complain("inventory and network agree")
    if found:
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def agree(
    devices: Annotated[list[str], typer.Argument(metavar="DEVICE…", help="Devices of the inventory.")],
    config: Config = None,
) -> None:
    """Say that the network is right.

    Devices are asked, and what they say of name, serial number, model, profile and class is no drift any more.

    Exit codes: 0 done · 1 something else is still drift (it is shown) · 2 wrong use · 3 a device doesn't answer.
    """
    looking = drifting.look_round(_checked(config), SystemClock(), lambda _: None, devices=devices, agree=True)
    looked = _interruptible(looking)
    if looked.drifts:
        page.show_drift(looked.drifts)
    silent = sorted({one.device for one in looked.drifts if one.kind in ("silent", "no-snmp")})
    if silent:
        raise ReachError(f"{', '.join(silent)}: no answer by SNMP; of these nothing was changed")
    complain(f"what {', '.join(devices)} say of themselves is right from now on")
    if looked.drifts:
        raise typer.Exit(SOMETHING_WRONG)


def _last_drift(checked: CheckResult, sites: Collection[str], devices: Collection[str]) -> list[Drift]:
    inventory = checked.inventory
    known = {} if inventory is None else inventory.devices

    def wanted(one: Drift) -> bool:
        device = known.get(one.device)
        if device is None:
            return False
        return (not sites and not devices) or device.site in sites or one.device in devices

    return [one for one in _on(checked, drifts.everything) if wanted(one)]


def _on(checked: CheckResult, read: Callable[[Transaction], Awaitable[_Result]]) -> _Result:
    """Read the state; where there is none yet it is made, and holds nothing."""
    database = discovery.state_of(checked)

    async def run() -> _Result:
        async with running([database]), database.read() as connection:
            return await read(connection)

    return asyncio.run(run())


def _checked(config: Path | None) -> CheckResult:
    checked = check(config or default_config(), os.environ)
    discovery.house_of(checked, SystemClock())  # says what is wrong before anything is done
    return checked


def _who(by: str | None) -> str:
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _interruptible(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end, or until Ctrl-C or SIGTERM: then what was found is written first. Raises KeyboardInterrupt."""

    async def run() -> _Result:
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
