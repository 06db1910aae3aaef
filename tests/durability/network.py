"""Network: phones behind a bad network converge with the server; nothing is lost, nothing doubled.

Each phone is an OpenRosa client as ODK Collect is one: it asks HEAD, then posts, keeps what got no real receipt, and
tries again. Its clock may be a year off. The seed fixes which fault meets which connection.

    python network.py --interviews 400 [--database sqlite|postgresql] [--seed N]
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random

from deliveries import Delivery, Ledger, ask, delivery, multipart
from fault_proxy import FAULTS, Proxy
from keeping import Found, check
from kill import address
from offices import ProofServer

PHONES = 6
TRIES = 60
YEAR = timedelta(days=365)


@dataclass
class Meeting:
    """What the phones went through, and what the server has at the end."""

    found: Found
    met: Counter[str]
    tries: int = 0
    unfinished: list[str] = field(default_factory=list)
    extra_rows: int = 0

    @property
    def clean(self) -> bool:
        return self.found.clean and not self.unfinished and not self.extra_rows

    def told(self) -> str:
        return f"{self.found.told()}; unfinished {self.unfinished[:3]}; rows too many {self.extra_rows}"


class Plan:
    """The fault of each connection, the same for the same seed; every fault comes up before any comes again."""

    def __init__(self, seed: int) -> None:
        self._random, self._left, self._lock = Random(f"{seed}/plan"), list[str](), threading.Lock()

    def __call__(self) -> str:
        with self._lock:
            if not self._left:
                self._left = [*FAULTS, *["none"] * 10]
                self._random.shuffle(self._left)
            return self._left.pop()


class Client:
    """One phone: HEAD, POST, and again until there is a receipt."""

    def __init__(self, url: str, seed: int, phone: int, ledger: Ledger) -> None:
        self._url, self._ledger, self.tries = url, ledger, 0
        self._random = Random(f"{seed}/client/{phone}")
        self._clock = self._random.choice((timedelta(), YEAR, -YEAR))

    def send(self, sent: Delivery) -> bool:
        """Whether everything got its receipt within the tries."""
        return all(self._until_receipt(sent, files) for files in sent.requests())

    def _until_receipt(self, sent: Delivery, files: dict[str, bytes]) -> bool:
        for _ in range(TRIES):
            self.tries += 1
            if self._once(sent, files):
                self._ledger.acknowledge(sent, files)
                return True
            time.sleep(self._random.uniform(0.01, 0.05))
        return False

    def _once(self, sent: Delivery, files: dict[str, bytes]) -> bool:
        headers = {"Date": format_datetime(datetime.now(UTC) + self._clock, usegmt=True)}
        url = f"{self._url}/submission?deviceID=thu"
        may = ask(url, "HEAD", timeout=3, headers=headers)
        if may is None or may.status != 204 or not may.open_rosa:
            return False
        answer = ask(url, "POST", multipart(sent.xml, files), timeout=6, headers=headers)
        return answer is not None and answer.receipt


def meet(
    office: ProofServer, seed: int, interviews: int, *, delay: float = 2.0, largest: int = 12_000
) -> Meeting:
    """Send this many interviews through the bad network to a running server."""
    ledger, clients, unfinished = Ledger(), [], []
    with Proxy(office.port, Plan(seed), delay=delay) as proxy:
        url = f"http://127.0.0.1:{proxy.port}{office.key}"
        clients = [Client(url, seed, phone, ledger) for phone in range(PHONES)]

        def phone(number: int) -> None:
            for mine in range(number, interviews, PHONES):
                sent = delivery(seed, mine + 1, largest=largest)
                if not clients[number].send(sent):
                    unfinished.append(sent.instance_id)

        with ThreadPoolExecutor(PHONES) as phones:
            list(phones.map(phone, range(PHONES)))
    found = check(address(office), office.data / "attachments", ledger)
    rows = count_rows(address(office))
    return Meeting(found, proxy.met, sum(client.tries for client in clients), unfinished, rows - interviews)


def count_rows(database: str) -> int:
    import sqlalchemy as sa

    from server.store.submissions import SUBMISSIONS

    engine = sa.create_engine(database)
    with engine.connect() as connection:
        number = connection.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS))
    engine.dispose()
    return int(number or 0)


def long_run(database: str, seed: int, interviews: int) -> bool:
    import databases
    import results

    folder = Path(tempfile.mkdtemp(prefix="proof-network-"))
    try:
        with databases.office(database, folder) as office:
            office.start()
            try:
                meeting = meet(office, seed, interviews)
            finally:
                office.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    results.append(
        "network",
        database=database,
        seed=seed,
        interviews=interviews,
        tries=meeting.tries,
        spoiled=sum(count for fault, count in meeting.met.items() if fault in FAULTS),
        acknowledged=meeting.found.acknowledged,
        lost=len(meeting.found.lost),
        doubled=len(meeting.found.doubled) + max(0, meeting.extra_rows),
        unfinished=len(meeting.unfinished),
    )
    for fault in FAULTS:
        print(f"{meeting.met[fault]:5} x {fault}")
    return meeting.clean


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=400)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=3000)
    given = parser.parse_args()
    raise SystemExit(0 if long_run(given.database, given.seed, given.interviews) else 1)
