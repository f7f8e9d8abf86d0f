"""What stands in a cell, as people of a language read it. Pure."""

from __future__ import annotations

from noc.i18n.language import Language
from noc.reports.frame.document import Cell, Kind, Said

NOTHING = "–"


def shown(cell: Cell, kind: Kind, language: Language, zone: str) -> str:
    """Return a cell as text. zone: IANA time zone of moments."""
    if cell is None:
        return NOTHING
    if isinstance(cell, Said):
        return cell.text
    if isinstance(cell, str):
        return cell
    match kind:
        case "percent":
            return language.percent(cell)
        case "seconds":
            return language.length(cell)
        case "moment":
            return language.moment(int(cell), zone)
        case "number":
            return language.number(cell, 1)
        case _:
            return language.number(cell)
