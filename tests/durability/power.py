"""Power: a simulated power cut loses every write that was not synced; nothing acknowledged may be among them.

A real server runs over the shim, which logs each change of its data folder, each sync, and the moment each 201 or 202
leaves. The log is then cut at many points; for each cut the folder is rebuilt as a disk would have it and checked. The
same harness runs servers weakened on purpose, and must show their losses.

    python power.py --cuts 1000 [--seed N]
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import shim
from deliveries import Delivery, Ledger, delivery, post
from disk_model import Disk, Event, Found, read_log, what_stands_in
from keeping import check
from offices import ProofServer, set_up_office
from running import free_port

PHONES = 4
CONTROLS = ("database", "folder", "file")
Sent = tuple[Delivery, dict[str, bytes]]


@dataclass
class Recording:
    """The log of one run, and which delivery each acknowledgement in it stands for."""

    root: Path
    start: list[Found]
    events: list[Event]
    acknowledged: dict[int, Sent]

    def disk(self) -> Disk:
        return Disk(self.root, self.start)


@dataclass
class Outcome:
    """What the cuts of one recording showed."""

    cuts: int = 0
    acknowledged: int = 0
    losing: int = 0
    lost: int = 0
    told: list[str] = field(default_factory=list)


def record(
    folder: Path, seed: int, count: int, *, weaken: str = "", prepared: tuple[Path, str] | None = None
) -> Recording:
    """Run a server over the shim while phones send ``count`` interviews.

    Everything from its set-up on is logged; with ``prepared`` (folder and key) the set-up is taken as kept.
    """
    root, log = folder / "disk", folder / "disk.log"
    root.mkdir(parents=True)
    extra = shim.environment(shim.build(folder), root, log=log) | {"PROOF_WEAKEN": weaken}
    if prepared:
        shutil.copytree(prepared[0], root / "data")
    start = what_stands_in(root)
    key = prepared[1] if prepared else set_up_office(root / "data", extra)
    office = ProofServer(
        root / "data", free_port(), key=key, extra=extra, changed=True, log=folder / "server.log"
    )
    office.start()
    answers: dict[int, list[Sent]] = {}
    try:
        _send_all(office.door, seed, count, answers)
    finally:
        office.end()
    events = read_log(log)
    return Recording(root, start, events, _match(events, answers))


def _send_all(url: str, seed: int, count: int, answers: dict[int, list[Sent]]) -> None:
    lock = threading.Lock()

    def send(number: int) -> None:
        sent = delivery(seed, number, largest=30_000)
        for files in sent.requests():
            answer = post(url, sent, files)
            assert answer is not None, "no answer"
            assert answer.receipt, answer
            with lock:
                answers.setdefault(answer.port, []).append((sent, files))

    with ThreadPoolExecutor(PHONES) as phones:
        list(phones.map(send, range(1, count + 1)))


def _match(events: list[Event], answers: dict[int, list[Sent]]) -> dict[int, Sent]:
    """Acknowledgements in the log, by their position; a client's port says whose it is."""
    waiting = {port: iter(sent) for port, sent in answers.items()}
    matched = {
        position: next(waiting[event.number])
        for position, event in enumerate(events)
        if event.kind == "A" and event.number in waiting
    }
    assert len(matched) == sum(map(len, answers.values())), "an acknowledgement was not seen leaving"
    return matched


def cut(recording: Recording, seed: int, count: int) -> Outcome:
    """Cut at ``count`` points: half anywhere after the set-up, half right after an acknowledgement has left."""
    random = Random(seed)
    first = min(recording.acknowledged)
    receipts = sorted(recording.acknowledged)
    points = sorted(
        random.randint(first, len(recording.events)) if number % 2 else random.choice(receipts) + 1
        for number in range(count)
    )
    disk, ledger, outcome = recording.disk(), Ledger(), Outcome()
    position = 0
    for number, point in enumerate(points):
        for index in range(position, point):
            disk.apply(recording.events[index])
            if index in recording.acknowledged:
                ledger.acknowledge(*recording.acknowledged[index])
        position = max(position, point)
        _one_cut(disk, ledger, Random(f"{seed}/{number}") if number % 2 else None, point, outcome)
    return outcome


def _one_cut(disk: Disk, ledger: Ledger, random: Random | None, point: int, outcome: Outcome) -> None:
    with _memory_folder() as target:
        disk.rebuild(target, random)
        data = target / "data"
        found = check(f"sqlite:///{data / 'mangnon.db'}", data / "attachments", ledger)
    outcome.cuts += 1
    outcome.acknowledged += found.acknowledged
    outcome.lost += len(found.lost) + len(found.doubled)
    outcome.losing += not found.clean
    if not found.clean:
        kind = "part of the cache kept" if random else "the cache lost whole"
        outcome.told.append(f"cut at event {point}, {kind}: {found.told()}")


@contextmanager
def _memory_folder() -> Iterator[Path]:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="proof-cut-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(seed: int, interviews: int, cuts: int, weaken: str = "") -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix="proof-power-"))
    try:
        return cut(record(folder, seed, interviews, weaken=weaken), seed, cuts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def long_run(seed: int, cuts: int) -> bool:
    """Recordings of 100 interviews with 250 cuts each until the table holds this many; then each control once."""
    import results

    good = True
    while (done := results.total("power", "cuts", weakened="nothing")) < cuts:
        outcome = run(seed + done, 100, min(250, cuts - done))
        _tell(seed + done, "nothing", outcome)
        if outcome.losing:
            print("\n".join(outcome.told[:20]))
            return False
    for weaken in CONTROLS:
        outcome = run(seed, 60, 100, weaken)
        _tell(seed, weaken, outcome)
        good = good and outcome.losing > 0
    return good


def _tell(seed: int, weaken: str, outcome: Outcome) -> None:
    import results

    results.append(
        "power",
        weakened=weaken,
        seed=seed,
        cuts=outcome.cuts,
        acknowledged_checked=outcome.acknowledged,
        cuts_with_loss=outcome.losing,
        lost=outcome.lost,
    )


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2000)
    given = parser.parse_args()
    raise SystemExit(0 if long_run(given.seed, given.cuts) else 1)
