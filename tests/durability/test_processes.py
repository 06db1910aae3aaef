"""The server's processes: little is loaded while nothing happens, and the reader is never missing for long."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import MakeOffice
from deliveries import delivery, post
from offices import ProofServer

from server.store import schema

# Needed by those who locate, measure, publish, export, migrate or print codes: loaded when they first do so.
SELDOM = (
    "alembic",
    "geopy",
    "numpy",
    "obstore",
    "openpyxl",
    "pyxform",
    "rapidfuzz",
    "requests",
    "segno",
    "shapely",
    "xlsxwriter",
)
LOOK = """
import json, sys
from server.wsgi import make
import server.reader
app = make()
assert app.test_client().get("/healthz").status_code == 200
assert app.test_client().get("/sign-in").status_code == 200
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_a_started_server_has_not_loaded_what_is_seldom_needed(make_office: MakeOffice) -> None:
    assert all(importlib.util.find_spec(name) for name in SELDOM), (
        "a name that is never loaded proves nothing"
    )
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=make_office().environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert {"flask", "sqlalchemy", "server"} <= loaded
    assert sorted(loaded & set(SELDOM)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_idle_process_holds_the_heavy_libraries_until_the_reader_needs_them(
    make_office: MakeOffice,
) -> None:
    office = make_office()
    office.start()
    assert office.process is not None
    everyone = [office.process.pid, *office.workers()]
    assert len(everyone) == 3
    assert not any(
        holds(pid, library) for pid in everyone for library in ("/numpy/", "/shapely/", "/rapidfuzz/")
    )
    send_and_wait(office, 1)
    reader, worker = readers(office), office.workers()
    assert len(reader) == 1
    assert not any(holds(pid, "/numpy/") for pid in worker if pid not in reader)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_reader_is_started_again_and_ends_with_its_supervisor(make_office: MakeOffice) -> None:
    office = make_office()
    office.start()
    assert office.process is not None
    (first,) = readers(office)
    os.kill(first, signal.SIGKILL)
    second = wait_for_reader(office, but=first)
    send_and_wait(office, 2)
    os.kill(office.process.pid, signal.SIGKILL)
    office.process.wait()
    office.process = None
    deadline = time.monotonic() + 10
    while Path(f"/proc/{second}").exists():
        assert time.monotonic() < deadline, "the reader outlives its supervisor"
        time.sleep(0.05)


def readers(office: ProofServer) -> list[int]:
    """The children that do not listen: the web worker has the port."""
    return [pid for pid in office.workers() if not listens(pid)]


def listens(pid: int) -> bool:
    """Also said of one that is just gone: it is no reader any more."""
    try:
        handles = {os.readlink(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()}
        lines = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    except OSError:
        return True
    return any(line[3] == "0A" and f"socket:[{line[9]}]" in handles for line in lines)


def wait_for_reader(office: ProofServer, *, but: int) -> int:
    deadline = time.monotonic() + 20
    while True:
        found = [pid for pid in readers(office) if pid != but]
        if found:
            return found[0]
        assert time.monotonic() < deadline, "no reader was started"
        time.sleep(0.05)


def send_and_wait(office: ProofServer, number: int) -> None:
    """One interview, received and read."""
    sent = delivery(4, number)
    answer = post(office.door, sent, sent.files)
    assert answer is not None
    assert answer.status in (201, 202)
    office.wait_until_derived()


def holds(pid: int, library: str) -> bool:
    return library in Path(f"/proc/{pid}/maps").read_text()


def test_the_newest_migration_is_the_one_that_alembic_finds() -> None:
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(schema.alembic_config()).get_current_head()
    assert schema.head() == found
