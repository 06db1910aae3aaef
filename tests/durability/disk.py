"""Disk: full, read-only, failing at the sync, or the database locked for 30 s.

Each time: a clear answer (503 with our code, in OpenRosa's shape), nothing acknowledged that is not kept, no process to
start again by hand, and service as before once the cause has gone. The disk is a real small one (tmpfs) where root may
mount it; everywhere the shim gives the server the same errors.

    python disk.py [--seed N]
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import shim
from deliveries import Answer, Ledger, delivery, post
from keeping import Found, check
from kill import address
from offices import ProofServer, copy_of, set_up_office
from running import free_port

FAULTS = {
    "full": "28 write",  # ENOSPC
    "read-only": "30 change",  # EROFS
    "failing": "5 sync",  # EIO
}
BUSY = b"[C204]"


@dataclass
class Story:
    """What phones met before, during and after; ``ledger`` is what they were promised."""

    ledger: Ledger = field(default_factory=Ledger)
    refused: list[Answer] = field(default_factory=list)
    silent: int = 0
    received: dict[str, int] = field(default_factory=dict)
    found: Found = field(default_factory=Found)
    recovery: float = 0.0

    def unclear(self) -> list[Answer]:
        """Refusals that were not a clear 503 of ours."""
        return [a for a in self.refused if a.status != 503 or not a.open_rosa or BUSY not in a.body]


class Sender:
    """Phones that send the next interviews of a seed and note what they were told."""

    def __init__(self, office: ProofServer, seed: int, story: Story) -> None:
        self._office, self._seed, self._story, self._next = office, seed, story, 0

    def send(self, count: int, phase: str, *, timeout: float = 60) -> None:
        """Send this many at once, each with its files in one request."""
        numbers = range(self._next + 1, self._next + count + 1)
        self._next += count
        threads = [threading.Thread(target=self._one, args=(n, phase, timeout)) for n in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, number: int, phase: str, timeout: float) -> None:
        sent, story = delivery(self._seed, number, largest=40_000), self._story
        answer = post(self._office.door, sent, sent.files, timeout=timeout)
        if answer is None:
            story.silent += 1
        elif answer.receipt:
            story.ledger.acknowledge(sent, sent.files)
            story.received[phase] = story.received.get(phase, 0) + 1
        else:
            story.refused.append(answer)

    def until_served(self, patience: float = 30) -> float:
        """Seconds until an interview is received again."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            self.send(1, "first after")
            if self._story.received.get("first after"):
                return time.monotonic() - began
            time.sleep(0.1)
        raise AssertionError("the service did not come back by itself")


def tell(office: ProofServer, seed: int, begin: Callable[[], None], end: Callable[[], None]) -> Story:
    """Before, during and after; the server is never started again in between."""
    story = Story()
    sender = Sender(office, seed, story)
    supervisor = office.process
    sender.send(6, "before")
    begin()
    try:
        sender.send(8, "during")
    finally:
        end()
    story.recovery = sender.until_served()
    story.refused, during = [], story.refused
    sender.send(8, "after")
    assert not story.refused, story.refused[:1]
    story.refused = during
    assert office.process is supervisor
    story.found = check(address(office), office.data / "attachments", story.ledger)
    return story


def with_fault(office: ProofServer, seed: int, kind: str, file: Path) -> Story:
    """The shim gives the errors of this kind; the office was started with it."""
    return tell(office, seed, lambda: _write_whole(file, FAULTS[kind]), lambda: file.unlink())


def _write_whole(file: Path, text: str) -> None:
    passing = file.with_suffix(".new")
    passing.write_text(text, encoding="ascii")
    passing.rename(file)


def with_lock(office: ProofServer, seed: int, seconds: float) -> Story:
    """Somebody else holds the database's write lock for this long."""
    other = sqlite3.connect(office.data / "mangnon.db", isolation_level=None, check_same_thread=False)
    timer = threading.Timer(seconds, lambda: other.execute("ROLLBACK"))

    def begin() -> None:
        other.execute("BEGIN IMMEDIATE")
        timer.start()

    try:
        return tell(office, seed, begin, timer.join)
    finally:
        other.close()


def with_full_tmpfs(folder: Path, prepared: tuple[Path, str], seed: int) -> Story:
    """A real file system of 24 MB that somebody else fills to the last block, and later gives back."""
    with _small_disk(folder / "disk", "24m") as disk:
        office = copy_of(*prepared, disk / "data")
        office.start()
        try:
            return tell(office, seed, lambda: _fill(disk), lambda: (disk / "filler").unlink())
        finally:
            office.end()


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def may_mount() -> bool:
    """Whether a small disk can be mounted here."""
    folder = Path(tempfile.mkdtemp(prefix="proof-mount-"))
    try:
        with _small_disk(folder, "1m"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _small_disk(at: Path, size: str) -> Iterator[Path]:
    at.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], check=True, capture_output=True
    )
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True, capture_output=True)


def shimmed(folder: Path, prepared: tuple[Path, str]) -> tuple[ProofServer, Path]:
    """An office over the shim, and the file whose presence makes the disk fail."""
    data, fault = folder / "data", folder / "fault"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(prepared[0], data)
    extra = shim.environment(shim.build(folder), data, fault=fault)
    return ProofServer(data, free_port(), key=prepared[1], extra=extra, log=folder / "server.log"), fault


def long_run(seed: int) -> bool:
    """Every kind once, by the shim, with the lock of 30 s, and on a real full disk where one may be mounted."""
    import results

    folder = Path(tempfile.mkdtemp(prefix="proof-disk-"))
    good = True
    try:
        prepared = folder / "prepared", set_up_office(folder / "prepared")
        for kind, story in _stories(folder, prepared, seed):
            clean = story.found.clean and not story.unclear()
            results.append(
                "disk",
                kind=kind,
                seed=seed,
                acknowledged=len(story.ledger),
                refused_clearly=len(story.refused) - len(story.unclear()),
                refused_unclearly=len(story.unclear()) + story.silent,
                lost=len(story.found.lost),
                doubled=len(story.found.doubled),
                back_after_seconds=round(story.recovery, 1),
            )
            good = good and clean
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return good


def _stories(folder: Path, prepared: tuple[Path, str], seed: int) -> Iterator[tuple[str, Story]]:
    for kind in FAULTS:
        office, fault = shimmed(folder / kind, prepared)
        office.start()
        try:
            yield f"{kind} (shim)", with_fault(office, seed, kind, fault)
        finally:
            office.end()
    for seconds in (25.0, 35.0):
        office = copy_of(*prepared, folder / f"locked-{seconds:.0f}")
        office.start()
        try:
            yield f"locked {seconds:.0f} s", with_lock(office, seed, seconds)
        finally:
            office.end()
    if may_mount():
        yield "full (tmpfs)", with_full_tmpfs(folder, prepared, seed)


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=4000)
    raise SystemExit(0 if long_run(parser.parse_args().seed) else 1)
