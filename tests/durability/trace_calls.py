"""Trace: the system calls of a real server, in order: file, folder and database are synced before 201 is written.

python trace_calls.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deliveries import Delivery, post
from offices import ProofServer, set_up_office
from running import free_port
from small_form import interview

CALLS = "openat,write,pwrite64,writev,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2,close"
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)$")


@dataclass(frozen=True)
class Call:
    """One finished call: its name and what stood in its line."""

    position: int
    thread: str
    name: str
    text: str

    @property
    def succeeded(self) -> bool:
        return not re.search(r"= -1 ", self.text)


def strace() -> str | None:
    """Where strace is; installed when root and apt-get is there."""
    found = shutil.which("strace")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update", "-qq"], timeout=120, **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-qq", "strace"], timeout=120, **quiet)  # type: ignore[call-overload]
        found = shutil.which("strace")
    return found


def trace(tool: str, office: ProofServer, log: Path) -> list[Call]:
    """One interview with one photo under strace; every finished call in the order in which it ended."""
    office.before = (tool, "-f", "-y", "-s", "120", "-e", f"trace={CALLS}", "-o", str(log))
    office.start()
    try:
        xml = interview(7, photo="anh.jpg")
        sent = Delivery("uuid:trace", xml, {"anh.jpg": os.urandom(200_000)}, frozenset({"anh.jpg"}))
        answer = post(office.door, sent, sent.files)
        assert answer is not None
        assert answer.status == 201, answer
    finally:
        _end(office)
    return read_calls(log.read_text(encoding="utf-8", errors="replace"))


def _end(office: ProofServer) -> None:
    """strace does not hand SIGTERM on, so its server is told."""
    from offices import children

    assert office.process is not None
    for pid in children(office.process.pid):
        os.kill(pid, 15)
    office.process.wait(timeout=60)
    office.process = None


def read_calls(text: str) -> list[Call]:
    """Calls by the moment they ended; what a call was given stands where it began, so both lines are joined."""
    begun: dict[tuple[str, str], str] = {}
    calls: list[Call] = []
    for position, line in enumerate(text.splitlines()):
        found = LINE.match(line)
        if not found:
            continue
        thread, name, rest = found.groups()
        if rest.endswith("<unfinished ...>"):
            begun[thread, name] = rest
            if name in ("sendto", "sendmsg", "writev"):  # an answer counts from when it starts to leave
                calls.append(Call(position, thread, name, rest))
            continue
        if "resumed>" in line:
            rest = begun.pop((thread, name), "") + rest
        calls.append(Call(position, thread, name, rest))
    return calls


def first(calls: list[Call], names: tuple[str, ...], *words: str, after: int = -1) -> Call:
    """The first successful call of these names after a position whose line holds all the words."""
    for call in calls:
        wanted = call.position > after and call.name in names and call.succeeded
        if wanted and all(re.search(word, call.text) for word in words):
            return call
    raise AssertionError(f"no {'/'.join(names)} with {words} after line {after}")


WRITES = ("write", "pwrite64")
SYNCS = ("fsync", "fdatasync")
RENAMES = ("rename", "renameat", "renameat2")
ANSWERS = ("sendto", "sendmsg", "writev", "write")


def in_order(calls: list[Call]) -> list[Call]:
    """The steps of the promise, each after the one before; raises where one is missing."""
    made = first(calls, ("openat",), "/incoming/[0-9a-f]{32}", "O_CREAT")
    written = first(calls, WRITES, "/incoming/", after=made.position)
    synced = first(calls, SYNCS, "/incoming/", after=written.position)
    renamed = first(calls, RENAMES, "/incoming/", after=synced.position)
    target = re.search(r'/attachments/([0-9a-f]{2})/[0-9a-f]{64}"', renamed.text)
    assert target, renamed
    folder = first(calls, SYNCS, rf"/attachments/{target[1]}>", after=renamed.position)
    row = first(calls, WRITES, r"mangnon\.db-wal>", after=folder.position)
    answer = first(calls, ANSWERS, "HTTP/1.1 201")
    database = _last_sync(calls, row, answer)
    return [made, written, synced, renamed, folder, row, database, answer]


def _last_sync(calls: list[Call], row: Call, answer: Call) -> Call:
    """The writer's last sync before the answer; it must cover all that this thread wrote to the database until then."""
    before = [
        call
        for call in calls
        if call.position < answer.position and call.thread == row.thread and call.succeeded
    ]
    log = [call for call in before if "mangnon.db-wal>" in call.text]
    syncs = [call for call in log if call.name in SYNCS]
    writes = [call for call in log if call.name in WRITES]
    assert syncs, "201 left before the database was synced"
    assert writes[-1].position < syncs[-1].position, "201 left while something was not synced"
    return syncs[-1]


def run() -> list[Call]:
    tool = strace()
    if tool is None:
        raise SystemExit("strace is needed: apt-get install strace")
    folder = Path(tempfile.mkdtemp(prefix="proof-trace-"))
    try:
        key = set_up_office(folder / "data")
        office = ProofServer(folder / "data", free_port(), key=key)
        return in_order(trace(tool, office, folder / "calls.txt"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    for step in run():
        print(f"{step.position:6} {step.name}({step.text[:150]}")
