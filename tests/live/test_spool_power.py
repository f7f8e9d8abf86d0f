"""A power cut: the disk behind a mounted ext4 is copied while noc writes, and noc is started on the copy."""

from __future__ import annotations

import contextlib
import filecmp
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.spool.report import wrong
from tests.live.conftest import find_program
from tests.live.feeding import Feeder, emptied, missing
from tests.surroundings import leave_out

pytestmark = pytest.mark.live

BASE = SystemClock().now().replace(microsecond=0) - timedelta(days=1)
IMAGE_MB = 48
COPIES = 50
APART = 1_000_000


@contextlib.contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """Mount the file system of an image; leaves the test out where this machine lets nobody do that."""
    place.mkdir(exist_ok=True)
    # No delayed writes by the journal's clock: what is not synced is lost, as much of it as can be.
    done = subprocess.run(
        ["mount", "-o", "loop,commit=300", str(image), str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a power cut needs loop mounts, which are not permitted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        leave_out("a power cut", "only root can mount a file system")
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(IMAGE_MB * 1024 * 1024)
    subprocess.run([find_program("mkfs.ext4", "e2fsprogs"), "-q", "-F", str(image)], check=True)
    return image


def copied(disk: Path, copy: Path) -> None:
    """Copy a disk as it is at one moment: the kernel may write to it while it is copied, also for who is stopped."""
    for _ in range(COPIES):
        shutil.copyfile(disk, copy)
        if filecmp.cmp(disk, copy, shallow=False):
            return
    pytest.fail(f"{disk} changed while it was copied, {COPIES} times")


def listed(folder: Path) -> list[tuple[str, int]]:
    """Return the files below a folder, with their sizes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), path.stat().st_size) for path in files]


def spans(numbers: list[int]) -> str:
    """Return how many numbers these are, and the first and last of them."""
    return f"{len(numbers)} ({numbers[0]} to {numbers[-1]})" if numbers else "none"


@pytest.mark.parametrize(
    ("cuts", "seed"), [(4, 1), pytest.param(100, 2, marks=(pytest.mark.slow, pytest.mark.timeout(900)))]
)
async def test_what_was_on_disk_survives(tmp_path: Path, disk: Path, cuts: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 the same chances each time, no secret
    torn, proved = 0, 0
    with mounted(disk, tmp_path / "running") as place:
        for number in range(cuts):
            for left in place.iterdir():
                if left.is_dir() and left.name != "lost+found":
                    shutil.rmtree(left)
            feeder = Feeder(place, BASE, 1 + number * APART)
            feeder.until(chance.randint(2, 80))
            # Numbers that were said before the copy begins are on disk; time stands still while it is made.
            acknowledged = feeder.acknowledged
            feeder.send(signal.SIGSTOP)
            # Each cut in a file of its own: who makes a mount namespace meanwhile, as `ip netns exec` does, keeps what
            # is mounted here; the same file mounted again would show what it held then, not what was copied into it.
            copy = tmp_path / f"copy-{number}.img"
            copied(disk, copy)
            feeder.send(signal.SIGCONT)
            feeder.kill()
            with mounted(copy, tmp_path / "after") as after:
                files = listed(after)
                found, told = await emptied(after)
            lost = missing(found, acknowledged)
            assert not lost, (
                f"cut {number}: {spans(lost)} of {acknowledged} lost, found {spans(sorted(found))} in {files}"
            )
            copy.unlink()
            assert (told.batches["shed"], told.queued.batches) == (0, 0)
            assert told.adds_up
            assert not any(place for place in told.damaged if not place.torn), list(wrong(told))
            proved += len(acknowledged)
            torn += told.quarantined
    assert proved > 40 * cuts
