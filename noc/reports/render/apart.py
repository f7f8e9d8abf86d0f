"""Makes a document into a file beside the event loop: in a process of its own what takes seconds."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from noc.reports.frame.document import Document
from noc.reports.render.files import Format, rendered


async def rendered_apart(document: Document, form: Format) -> bytes:
    """Return a document as a file. Raises RenderError; ValueError for JSON."""
    if form not in ("pdf", "xlsx"):
        return await asyncio.to_thread(rendered, document, form)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, rendered, document, form)
