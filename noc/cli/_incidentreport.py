"""`noc incident report`: the report after an incident, on the terminal or as a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from noc.app.check import check
from noc.cli._config import default_config
from noc.cli._console import complain
from noc.cli._report import print_document
from noc.i18n.language import Language
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.reports.frame.postincident import post_incident
from noc.reports.render.files import rendered
from noc.state.casefile import CaseFile


def write_report(
    case: CaseFile, config: Path | None, now_ms: int, form: Literal["html", "pdf"], out: Path | None, reader: Language
) -> None:
    """Write the report on an incident, in the language of its reader.

    Raises UsageError where the file can't be written, RenderError.
    """
    # Names are nicer than ids, and no reason to fail: while the configuration is being changed, ids do.
    inventory = check(config or default_config(), os.environ).inventory or Inventory()
    document = post_incident(case, inventory, now_ms, reader=reader)
    if out is None:
        print_document(document)
        return
    content = rendered(document, form)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UsageError(f"--out: {out} can't be written: {error.strerror}") from error
    complain(f"the report is in {out}")
