"""One message by Apprise, in a process of its own: `python -m noc.wire.apprising`, a question as JSON on stdin.

Apprise speaks to a hundred services, each in its own way: it blocks, follows redirects, reads the environment. Here it
may take as long as it likes, as whoever asked ends the process; and it connects only where noc would: each address is
looked at when it is about to be connected to, and nothing else is started.
"""

from __future__ import annotations

import json
import sys
from io import StringIO
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NoReturn

from noc.wire.outward import ALLOW, ForbiddenAddressError, Outward, parse_network

SAID_AT_MOST: Final = 2_000
_SENDS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_STARTS: Final = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.spawn"})


class Guard:
    """An audit hook (PEP 578). gone_to: addresses that were connected to; refused: those that were not."""

    def __init__(self, outward: Outward) -> None:
        self._outward = outward
        self.gone_to: set[str] = set()
        self.refused: set[str] = set()

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        """Look at what is about to be done. Raises OSError where it may not be."""
        if event in _STARTS:
            raise PermissionError("no program is started")
        if event not in _SENDS:
            return
        address = args[1] if len(args) > 1 else None
        if address is None:  # over a connection that was looked at
            return
        host = str(address[0]) if isinstance(address, tuple) and address else ""
        try:
            self._outward.check(host)
        except ForbiddenAddressError:
            self.refused.add(host[:60] or "a socket of this machine")
            raise
        self.gone_to.add(host)


def main() -> NoReturn:
    """Read `{url, title, body, networks}`, answer `{ok, said, gone_to}`."""
    question = json.load(sys.stdin)
    guard = Guard(Outward(tuple(parse_network(text) for text in question["networks"])))
    json.dump(tell(question["url"], question["title"], question["body"], guard), sys.stdout)
    sys.exit(0)


def tell(url: str, title: str, body: str, guard: Guard) -> dict[str, object]:
    """Send a message. From here on guard sees to all of this process."""
    import apprise  # noqa: PLC0415 half a second, and only in this process

    asset = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY, plugin_paths=[])
    heard = StringIO()
    with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as log:
        service = apprise.Apprise(asset=asset)
        known = service.add(url)
        sys.addaudithook(guard)
        sent = bool(known and service.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))
        heard.write(log.getvalue())
    if not known:
        return {"ok": False, "said": "apprise knows no service of this URL", "gone_to": []}
    if guard.refused:
        heard = StringIO(f"{', '.join(sorted(guard.refused))} is this machine or its link; {ALLOW}")
    return {"ok": sent, "said": heard.getvalue()[-SAID_AT_MOST:], "gone_to": sorted(filter(_is_address, guard.gone_to))}


def _is_address(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv4Address | IPv6Address)
    except ValueError:
        return False


if __name__ == "__main__":
    main()
