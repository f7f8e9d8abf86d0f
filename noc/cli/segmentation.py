"""`noc segmentation`: what must not reach what, whether it holds, and by which proof."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, cast

import typer
from rich.text import Text

from noc.app.check import check
from noc.app.segmentationsettings import statements_of
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, on_state, time_text
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.model.errors import InputError
from noc.model.instants import to_ms
from noc.pipeline.segmentationdocument import segmentation_document
from noc.state import proofs

SOMETHING_WRONG: Final = 1

Document = Mapping[str, object]


def command(config: Config = None, as_json: Json = False) -> None:
    """Show what must not reach what: whether it holds, and the last proof.

    From the state database, whether the daemon runs or not; where it doesn't, proofs grow old, and nothing is proved.

    `--json`: a list of {statement, entity, from, must_not_reach, ports, icmp, owner, every_s, verdict, proven, last,
    reached, excepted, exceptions, asked, pairs, proofs}; a proof is {at, kind, who, from, to, port, answer, by, holds,
    said}.

    Exit codes: 0 all hold · 1 one is broken or unproven · 2 wrong use, or wrong settings.
    """
    path = config or default_config()
    checked = check(path, os.environ)
    if checked.settings is None or checked.inventory is None:
        raise InputError(checked.findings)
    statements = statements_of(checked.settings.segmentation, checked.inventory)
    kept = on_state(path, "proof", proofs.all_kept) if statements else {}
    found = segmentation_document(statements, kept, to_ms(SystemClock().now()), time_text)
    if as_json:
        print_json(found)
    elif not found:
        complain("nothing is to be proved; write segmentation: statements: into the settings")
    else:
        _print(found)
    if any(one["verdict"] != "held" for one in found):
        raise typer.Exit(SOMETHING_WRONG)


def _print(found: list[dict[str, object]]) -> None:
    columns = [Column("verdict"), Column("statement", shrinks_to=12), Column("from"), Column("must not reach")]
    columns += [Column("last proof", shrinks_to=20), Column("at"), Column("asked", right=True, drops=1)]
    columns += [Column("owner", drops=2)]
    rows = []
    for one in found:
        last = cast("Document | None", one["last"])
        cells = [str(one["verdict"]), str(one["statement"]), str(one["from"]), str(one["must_not_reach"])]
        cells += ["none" if last is None else _said(last), "" if last is None else str(last["at"])[:16] + "Z"]
        rows.append([*cells, f"{one['asked']}/{one['pairs']}", str(one["owner"])])
    print_rows(columns, [[Text(printable(cell)) for cell in row] for row in rows])
    for one in found:
        for proof in cast("list[Document]", one["reached"]):
            complain(f"{one['statement']}: {_said(proof)}, seen by {proof['who']} at {proof['at']}")


def _said(proof: Document) -> str:
    """Return a proof in a few words."""
    if proof["kind"] == "unasked":
        return f"not asked: {proof['said']}"
    port = "icmp" if proof["port"] is None else f"port {proof['port']}"
    by = f" by {proof['by']}" if proof["by"] and proof["by"] != proof["to"] else ""
    return f"{proof['from']} to {proof['to']} {port}: {proof['answer']}{by}"
