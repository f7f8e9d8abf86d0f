"""The built scripts and styles: `static/`, made by `make assets` and carried by the wheel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from aiohttp import web

from noc.http.pages import ASSETS
from noc.http.problems import ProblemError, not_found

STATIC: Final = Path(__file__).parent / "static"
_FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Manifest:
    """Names of the built files, by the names that templates use; read when first asked, and again until it is there."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._files: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Return the address of a file, with its hash. Raises ProblemError (503) where nothing was built."""
        file = self._known().get(name)
        if file is None:
            raise ProblemError(503, f"noc/web/static has no {name}; {_WHAT_TO_DO}")
        return ASSETS + file

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file; its name holds its hash, so that browsers keep it for ever."""
        name = request.match_info["name"]
        path = self._folder / name
        if name not in self._known().values():
            raise not_found(f"file {name[:100]}")
        return web.FileResponse(
            path, headers={"Cache-Control": _FOREVER, "Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8"}
        )

    def _known(self) -> dict[str, str]:
        if not self._files:
            try:
                self._files = json.loads((self._folder / "manifest.json").read_text())
            except (OSError, ValueError) as error:
                raise ProblemError(503, f"the pages were not built: {error}; {_WHAT_TO_DO}") from error
        return self._files


_WHAT_TO_DO: Final = "in a checkout run `make assets` (Node 20 and npm), else install noc-monitor again"
