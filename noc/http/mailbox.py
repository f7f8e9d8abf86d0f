"""The mailbox of the demo: what noc has sent by mail and by HTTP, read from the folder where it landed."""

from __future__ import annotations

import email
import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

from noc.model.instants import from_ms

_BYTES_AT_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. name: of its file, without its ending. time: as its header says it. text: as text, never as HTML.

    html: the same as a mail program shows it; empty where there is only text. is_hook: it came by HTTP.
    """

    name: str
    sender: str
    to: str
    subject: str
    time: str
    text: str
    html: str = ""
    is_hook: bool = False

    @property
    def at_ms(self) -> int:
        """Return when it came: names begin with that. 0: this one doesn't."""
        began = self.name.partition("-")[0]
        return int(began) if began.isascii() and began.isdigit() else 0


def newest(folder: Path) -> list[Path]:
    """Return the files of all messages, the newest first: their names begin with the time."""
    found = (*folder.glob("*.eml"), *folder.glob("*.json"))
    return sorted(found, key=lambda path: path.name, reverse=True)


def one(path: Path) -> Mail | None:
    """Return a message; None where the mailbox has thrown it away in the meantime."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_AT_MOST)
    except FileNotFoundError:
        return None
    if path.suffix == ".json":
        return _hook(path, content)
    message = email.message_from_bytes(content, policy=default)
    return Mail(
        name=path.stem,
        sender=_whole(message["From"] or ""),
        to=_whole(message["To"] or ""),
        subject=_whole(message["Subject"] or "(no subject)"),
        time=_whole(message["Date"] or ""),
        text=_whole(_text(message, "plain", "html")),
        html=_whole(_text(message, "html")),
    )


def named(folder: Path, name: str) -> Mail | None:
    """Return a message by its name. Only a name of the list is opened, whatever the address says."""
    wanted = next((path for path in newest(folder) if path.stem == name), None)
    return None if wanted is None else one(wanted)


def _hook(path: Path, content: bytes) -> Mail:
    """Return a request that came by HTTP."""
    request = json.loads(content)
    body = request["body"]
    alerts = body.get("alerts") if isinstance(body, dict) else None
    said = alerts[0].get("annotations", {}) if isinstance(alerts, list) and alerts else {}
    subject = str(said.get("summary") or said.get("description") or request["path"])
    at = from_ms(int(path.stem.partition("-")[0])).strftime("%a, %d %b %Y %H:%M:%S +0000")
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    sender, to = _whole(request["headers"].get("user-agent", "noc")), _whole(f"POST {request['path']}")
    return Mail(path.stem, sender, to, _whole(subject), at, _whole(text), is_hook=True)


def _whole(said: object) -> str:
    """Return a text that a page can hold: halves of characters, which JSON and headers may name, are question marks."""
    return str(said).encode("utf-8", "replace").decode()


def _text(message: EmailMessage, *kinds: str) -> str:
    body = message.get_body(preferencelist=kinds)
    if body is None:
        return ""
    try:
        return str(body.get_content()).strip()
    except LookupError:
        return "(the message is in an encoding that noc doesn't know)"
