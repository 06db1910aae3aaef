"""Intake against its floor: a real server and its client on this machine, beside a raw SQLite loop with the same bytes.

    python bench/intake.py [--number N] [--stored N] [--only accept,derive,...]

Prints a table: the rate, the 99th percentile, processor time of the server per request, the ratio to the floor, and the
target. ``--stored 1000000`` fills the database first and shows that the rate stays (it needs about 10 GB).
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import sqlite3
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "builders"), str(ROOT / "bench")]

import load  # noqa: E402
from running import Server, free_port  # noqa: E402

from sync.digest import of_bytes  # noqa: E402
from tests.builders import ls_cl, small_form  # noqa: E402

PARTS = ("start", "accept", "derive", "photo", "list", "flat", "rebuild", "plain")


@dataclass(frozen=True)
class Line:
    what: str
    rate: float
    target: float
    p99: float | None = None
    cpu_ms: float | None = None
    floor: float | None = None
    note: str = ""


def main() -> None:
    args = _arguments()
    chosen = set(args.only.split(",")) if args.only else set(PARTS)
    print(
        f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; interview {len(_interview())} bytes"
    )
    with tempfile.TemporaryDirectory(prefix="mangnon-bench-") as folder:
        _tell(_measured(Path(folder), args.number, args.stored, chosen))


def _measured(folder: Path, number: int, stored: int, chosen: set[str]) -> Iterator[Line]:
    xmls = interviews(5 * number)
    floor = raw_sqlite(folder / "floor.db", xmls[:number])
    yield Line("floor: raw sqlite3, one commit each", floor, 0)
    with _office(folder / "office") as office:
        if "start" in chosen:
            yield Line("start, seconds", office.seconds, 3)
            yield Line("idle memory, MB (PSS, all processes)", office.memory(), 150)
        if "list" in chosen:
            yield from _lists(office, number)
        if "accept" in chosen:
            yield _posted("accept, 32 connections", office, xmls[:number], 600, floor)
        if "derive" in chosen:
            office.drain()
            yield _derived(office, xmls[number : 2 * number], floor)
        if "photo" in chosen:
            yield _posted(
                "accept with a 200 kB photo", office, xmls[2 * number : 3 * number], 100, floor, photo=True
            )
        if "flat" in chosen:
            yield from _flat(office, xmls[3 * number :], stored, number)
        if "rebuild" in chosen:
            office.drain()
            yield from _rebuilt(office)
    if "plain" in chosen:
        with _office(folder / "plain") as office:
            yield from _plain(office, folder, 5 * number, floor)


def _lists(office: Office, number: int) -> Iterator[Line]:
    path = f"{office.path}/formList"
    etag = office.etag(path)
    for what, request in (
        ("form list unchanged (304), key path", load.get(path, etag)),
        ("form list, whole", load.get(path)),
        ("form list, whole, Basic", load.get("/openrosa/formList", "", office.basic)),
    ):
        before = office.cpu()
        run = load.send(office.port, [request] * (3 * number))
        assert set(run.statuses) == {304 if b"If-None" in request else 200}, run.statuses
        yield Line(
            what, run.rate, 2000 if "304" in what else 0, run.milliseconds(0.99), office.spent(before, run)
        )


def _posted(
    what: str, office: Office, xmls: list[bytes], target: float, floor: float, *, photo: bool = False
) -> Line:
    requests = [
        load.submission(office.path, _with_photo(xml, number), (f"anh{number}.jpg", os.urandom(200_000)))
        if photo
        else load.submission(office.path, xml)
        for number, xml in enumerate(xmls)
    ]
    before = office.cpu()
    run = load.send(office.port, requests)
    assert set(run.statuses) == {201}, run.statuses
    return Line(what, run.rate, target, run.milliseconds(0.99), office.spent(before, run), floor)


def _derived(office: Office, xmls: list[bytes], floor: float) -> Line:
    """From the first interview sent to the last one derived."""
    begun, before = time.perf_counter(), office.cpu()
    run = load.send(office.port, [load.submission(office.path, xml) for xml in xmls])
    office.drain()
    seconds = time.perf_counter() - begun
    cpu = 1000 * (office.cpu() - before) / len(xmls)
    return Line(
        "accept and derive, backlog to zero", len(xmls) / seconds, 150, run.milliseconds(0.99), cpu, floor
    )


def _flat(office: Office, xmls: list[bytes], stored: int, number: int) -> Iterator[Line]:
    few = _posted("accept, few stored", office, xmls[:number], 0, 0)
    office.fill(stored)
    many = _posted(f"accept, {stored:,} more stored", office, xmls[number:], 0, 0)
    yield few
    yield Line(
        many.what, many.rate, 0.8 * few.rate, many.p99, many.cpu_ms, None, "target: 80 % of the line above"
    )


def _rebuilt(office: Office) -> Iterator[Line]:
    begun = time.perf_counter()
    done = office.server.command("rebuild")
    seconds = time.perf_counter() - begun
    yield Line(
        "rebuild, ls_cl with three children",
        done["submissions"] / seconds,
        400,
        note="command start included",
    )


def _plain(office: Office, folder: Path, number: int, floor: float) -> Iterator[Line]:
    """A form that declares no facts: received and derived, then all of it derived again."""
    form = folder / "small.md"
    form.write_bytes(small_form.small_form())
    office.server.command("forms", "publish", str(form))
    xmls = [small_form.interview(instance_id=f"uuid:{uuid.uuid4()}") for _ in range(number)]
    made = _derived(office, xmls, floor)
    yield replace(made, what="accept and derive, a form without facts", target=0)
    begun = time.perf_counter()
    done = office.server.command("rebuild")
    seconds = time.perf_counter() - begun
    assert done["submissions"] == number, done
    yield Line("rebuild, a form without facts", number / seconds, 1500, note="command start included")


def interviews(number: int) -> list[bytes]:
    """Different households with three children each, all of one shape."""
    template = _interview()
    entities = [str(value).encode() for value in _ids(template)]
    made = []
    for _ in range(number):
        xml = template
        for old in entities:
            xml = xml.replace(old, str(uuid.uuid4()).encode())
        made.append(xml)
    return made


def _interview() -> bytes:
    return ls_cl.household([ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child()])


def _ids(xml: bytes) -> list[str]:
    found = re.findall(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", xml)
    return list(dict.fromkeys(value.decode() for value in found))


def _with_photo(xml: bytes, number: int) -> bytes:
    return xml.replace(b"</b3>", f"</b3><b3_photo>anh{number}.jpg</b3_photo>".encode(), 1)


def raw_sqlite(path: Path, xmls: list[bytes]) -> float:
    """The same bytes with the same durability and nothing else: a commit for each, by one connection."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE kept (id TEXT PRIMARY KEY, xml BLOB)")
    begun = time.perf_counter()
    for xml in xmls:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO kept VALUES (?, ?)", (str(uuid.uuid4()), xml))
        connection.execute("COMMIT")
    rate = len(xmls) / (time.perf_counter() - begun)
    connection.close()
    return rate


@dataclass
class Office:
    """A running server with one collaborator."""

    server: Server
    path: str
    basic: str
    seconds: float

    @property
    def port(self) -> int:
        return self.server.port

    def etag(self, path: str) -> str:
        asked = urllib.request.Request(f"{self.server.url}{path}", headers={"Host": "127.0.0.1"})  # noqa: S310
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
            return str(answer.headers["ETag"])

    def pids(self) -> list[int]:
        assert self.server.process
        found = [self.server.process.pid]
        for pid in found:
            tasks = Path(f"/proc/{pid}/task")
            found += [
                int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()
            ]
        return list(dict.fromkeys(found))

    def cpu(self) -> float:
        """Seconds of processor time of all its processes."""
        ticks = os.sysconf("SC_CLK_TCK")
        stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in self.pids()]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / ticks

    def spent(self, before: float, run: load.Run) -> float:
        return 1000 * (self.cpu() - before) / len(run.times)

    def memory(self) -> float:
        """Proportional set size: memory shared between the processes counts once."""
        sizes = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids()]
        lines = [line for text in sizes for line in text.splitlines() if line.startswith("Pss:")]
        return sum(int(line.split()[1]) for line in lines) / 1024

    def drain(self) -> None:
        """Wait until nothing is left to derive."""
        with sqlite3.connect(self.server.data / "mangnon.db") as connection:
            asked = "SELECT 1 FROM derivations WHERE state = 'waiting' LIMIT 1"
            while connection.execute(asked).fetchone():
                time.sleep(0.05)
        connection.close()

    def fill(self, number: int) -> None:
        """Copies of one kept interview under ids of their own, with true hashes, put in directly as derived."""
        connection = sqlite3.connect(self.server.data / "mangnon.db", isolation_level=None, timeout=60)
        names = [row[1] for row in connection.execute("PRAGMA table_info(submissions)")]
        row = dict(
            zip(names, connection.execute("SELECT * FROM submissions LIMIT 1").fetchone(), strict=True)
        )
        for start in range(0, number, 10_000):
            rows = []
            for _ in range(min(10_000, number - start)):
                own = str(uuid.uuid4())
                xml = row["xml"].replace(row["instance_id"].encode(), f"uuid:{own}".encode())
                other = {"id": own, "instance_id": f"uuid:{own}", "xml": xml, "xml_hash": of_bytes(xml)}
                rows.append(list((row | other).values()))
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                f"INSERT INTO submissions VALUES ({','.join('?' * len(names))})",  # noqa: S608 - marks only
                rows,
            )
            connection.executemany(
                "INSERT INTO derivations (province_code, submission_id, state, queued_at) VALUES (?, ?, 'done', ?)",
                [(row["province_code"], values[names.index("id")], row["received_at"]) for values in rows],
            )
            connection.execute("COMMIT")
        connection.close()


@contextmanager
def _office(folder: Path) -> Iterator[Office]:
    server = Server(folder, free_port())
    server.command("init", "--practice")
    begun = time.perf_counter()
    server.start()
    seconds = time.perf_counter() - begun
    try:
        added = server.command(
            "people", "add", "Cộng Tác Viên Đo", "--role", "collaborator", "--area", "05977"
        )
        path = added["openrosa_url"].split(f":{server.port}", 1)[-1]
        basic = base64.b64encode(f"{added['name']}:{added['password']}".encode()).decode()
        yield Office(server, path, f"Basic {basic}", seconds)
    finally:
        server.stop()


def _tell(lines: Iterator[Line]) -> None:
    print(f"{'':44}{'per s':>9}{'target':>9}{'p99 ms':>9}{'cpu ms':>9}{'of floor':>9}")
    for line in lines:
        p99 = f"{line.p99:.0f}" if line.p99 is not None else ""
        cpu = f"{line.cpu_ms:.2f}" if line.cpu_ms is not None else ""
        ratio = f"{line.rate / line.floor:.2f}" if line.floor else ""
        target = f"{line.target:.0f}" if line.target else ""
        print(f"{line.what:44}{line.rate:9.1f}{target:>9}{p99:>9}{cpu:>9}{ratio:>9}  {line.note}", flush=True)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=2_000, help="requests per line")
    parser.add_argument("--stored", type=int, default=20_000, help="interviews put in for the line 'flat'")
    parser.add_argument("--only", default="", help=f"some of {','.join(PARTS)}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
