"""Programs of noc as forks of one process that has imported it: they start at once instead of after seconds of CPU.

It is the same `main`, in a process of its own, with arguments, environment and output as if somebody had typed it. That
noc starts from nothing too is proved where the command itself is run (test_demo, test_wheel, test_handed_receivers).
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

from noc import crashpoints

_COMMANDS = sorted((Path(__file__).parents[2] / "noc" / "cli").glob("*.py"))

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "tests.live.forked",
        "noc.app.build",
        "noc.app.run",
        "noc.app.pollerrun",
        *(f"noc.cli.{path.stem}" for path in _COMMANDS if path.stem != "__init__"),
    ]
)

MAIN = "from noc.cli import main; main()"
ENDING_S = 10.0


class Program:
    """One that runs, as `subprocess.Popen` shows it.

    out, err: the files that it writes to, at their ends. code: of Python, that is run instead of `noc`.
    """

    def __init__(
        self, arguments: Sequence[str], out: Path, err: Path, env: Mapping[str, str] | None = None, code: str = MAIN
    ) -> None:
        self.args = ["noc", *arguments]
        environment = dict(os.environ if env is None else env)
        self._process = CONTEXT.Process(target=_run, args=(code, self.args, environment, str(out), str(err)))
        self._process.start()
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """Return how it ended, the negative of a signal's number; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises subprocess.TimeoutExpired while it runs."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


@contextmanager
def program(arguments: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Iterator[Program]:
    """Run `noc …`, all that it says in one file, made anew; it is stopped at the end, whatever happens."""
    log.write_bytes(b"")
    running = Program(arguments, log, log, env)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(ENDING_S)


def finished(
    arguments: Sequence[str], timeout_s: float = 90, env: Mapping[str, str] | None = None, code: str = MAIN
) -> subprocess.CompletedProcess[str]:
    """Run `noc …`, or code, to its end. Raises subprocess.TimeoutExpired; then it is ended."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        running = Program(arguments, out, err, env, code)
        try:
            code = running.wait(timeout_s)
        finally:
            running.kill()
        return subprocess.CompletedProcess(running.args, code, out.read_text(), err.read_text())


def _run(code: str, arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    os.dup2(_opened(out), 1)
    os.dup2(1 if err == out else _opened(err), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    importlib.reload(crashpoints)  # it asks the environment when it is imported
    exec(code, {"__name__": "__main__"})  # noqa: S102 of the test


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
