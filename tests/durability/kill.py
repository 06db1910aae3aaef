"""Kill: random ``kill -9`` of server processes while phones send; after each restart everything acknowledged is there.

Each kill takes the worker (which the supervisor starts again), the supervisor, or both. Six phones send interviews
with files without pause, repeat what got no receipt, and now and then what did. Results go to ``results/kill.csv``,
one line per office of up to 25 kills; a long run goes on where the table ends.

    python kill.py --kills 300 [--database sqlite|postgresql] [--seed N]
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from deliveries import Ledger, delivery, post
from keeping import Found, check
from offices import ProofServer

PHONES = 6
TARGETS = ("worker", "worker", "supervisor", "group")


@dataclass
class Tally:
    """What one office went through."""

    kills: int = 0
    acknowledged: int = 0
    repeats: int = 0
    unanswered: int = 0
    lost: int = 0
    doubled: int = 0
    damage: int = 0
    told: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        self.lost += len(found.lost)
        self.doubled += len(found.doubled)
        self.damage += len(found.damage)
        if not found.clean:
            self.told.append(found.told())

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.damage)


class Phones:
    """Phones that send without pause until told to stop."""

    def __init__(self, url: str, seed: int, ledger: Ledger, tally: Tally) -> None:
        self._url, self._seed, self._ledger, self._tally = url, seed, ledger, tally
        self._stop = threading.Event()
        self._numbers = iter(range(1, 1_000_000_000))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(PHONES)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a phone hangs"

    def _run(self, phone: int) -> None:
        random = Random(f"{self._seed}/phone/{phone}")
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers)
            self._send(number, again=random.random() < 0.1)

    def _send(self, number: int, *, again: bool) -> None:
        sent = delivery(self._seed, number)
        for files in sent.requests() * (2 if again else 1):
            while True:
                answer = post(self._url, sent, files)
                if answer is not None and answer.receipt:
                    self._ledger.acknowledge(sent, files)
                    break
                assert answer is None or answer.status >= 500, (answer.status, answer.body)
                with self._lock:
                    self._tally.unanswered += 1
                if self._stop.wait(0.2):
                    return
        if again:
            with self._lock:
                self._tally.repeats += 1


def one_office(office: ProofServer, seed: int, kills: int) -> Tally:
    """Kill the office's server this many times under load, checking after each restart and in full at the end."""
    random, ledger, tally = Random(seed), Ledger(), Tally()
    blobs = office.data / "attachments"
    office.start()
    phones = Phones(office.door, seed, ledger, tally)
    phones.start()
    checked: set[str] = set()
    try:
        for _ in range(kills):
            time.sleep(random.uniform(0.1, 1.2))
            _kill(office, random.choice(TARGETS))
            tally.kills += 1
            now = ledger.copy()
            fresh = set(now.xml) - checked
            tally.add(check(address(office), blobs, now, only=fresh))
            checked |= fresh
    finally:
        phones.stop()
        office.end()
    tally.add(check(address(office), blobs, ledger))
    tally.acknowledged = len(ledger)
    return tally


def _kill(office: ProofServer, target: str) -> None:
    while target == "worker" and not office.workers():
        time.sleep(0.02)
    office.kill(target)
    if office.process is None:
        office.start()
    else:
        time.sleep(0.05)
        office.wait_until_answering()


def address(office: ProofServer) -> str:
    given = office.extra.get("DATABASE_URL", "").replace("postgresql://", "postgresql+psycopg://", 1)
    return given or f"sqlite:///{office.data / 'mangnon.db'}"


def long_run(database: str, seed: int, kills: int) -> bool:
    """Offices of up to 25 kills each until the table holds this many for the database."""
    import databases
    import results

    while (done := results.total("kill", "kills", database=database)) < kills:
        number = seed + done
        folder = Path(tempfile.mkdtemp(prefix="proof-kill-"))
        try:
            with databases.office(database, folder) as office:
                tally = one_office(office, number, min(25, kills - done))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        results.append(
            "kill",
            database=database,
            seed=number,
            kills=tally.kills,
            acknowledged=tally.acknowledged,
            unanswered=tally.unanswered,
            repeated=tally.repeats,
            lost=tally.lost,
            doubled=tally.doubled,
            damaged=tally.damage,
        )
        if not tally.clean:
            print("\n".join(tally.told))
            return False
    print(f"{database}: {results.total('kill', 'kills', database=database)} kills in the table, nothing lost")
    return True


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1000)
    given = parser.parse_args()
    raise SystemExit(0 if long_run(given.database, given.seed, given.kills) else 1)
