"""A real office for the proofs: a data folder set up once, a server process over it, and ways to end it badly."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from running import MANGNON, PASSWORD, Server, free_port

FOLDER = Path(__file__).parent
LAUNCHER = FOLDER / "launcher.py"


@dataclass
class ProofServer(Server):
    """``mangnon serve`` with a database of choice, extra environment, and kill -9 for any of its processes."""

    key: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    changed: bool = False
    before: tuple[str, ...] = ()
    log: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        usual = {key: value for key, value in super().environment.items() if key != "DATABASE_URL"}
        return usual | self.extra

    @property
    def door(self) -> str:
        """The address that an OpenRosa client was given."""
        return f"{self.url}{self.key}"

    def start(self, *, wait: float = 60) -> None:
        """Start; ``changed`` runs it through the launcher that can weaken it, ``before`` is put before the command."""
        self.wait_for_port()
        command = [sys.executable, str(LAUNCHER)] if self.changed else [str(MANGNON)]
        output = self.log.open("ab") if self.log else subprocess.DEVNULL
        try:
            self.process = subprocess.Popen(  # type: ignore[assignment]
                [*self.before, *command, "serve"],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            if self.log:
                output.close()  # type: ignore[union-attr]
        self.wait_until_answering(wait)

    def wait_until_answering(self, wait: float = 60) -> None:
        deadline = time.monotonic() + wait
        while not self.answers():
            assert self.process is not None
            assert self.process.poll() is None, f"the server ended by itself with {self.process.returncode}"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)

    def wait_for_port(self) -> None:
        """A worker whose supervisor is gone lets go of the port a moment later."""
        deadline = time.monotonic() + 30
        while True:
            with socket.socket() as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    trial.bind(("127.0.0.1", self.port))
                except OSError:
                    assert time.monotonic() < deadline, "the port stays taken"
                    time.sleep(0.05)
                else:
                    return

    def workers(self) -> list[int]:
        """The process ids of the web worker and of the reader of what was received."""
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if b"resource_tracker" not in command_line(pid)]

    def kill(self, target: str) -> None:
        """``kill -9`` of the worker and the reader, of the supervisor, or of all at once."""
        assert self.process is not None
        victims = self.workers() if target in ("worker", "group") else []
        if target in ("supervisor", "group"):
            victims.append(self.process.pid)
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if target != "worker":
            self.process.wait(timeout=30)
            self.process = None

    def end(self) -> None:
        """Whatever is left of it is gone afterwards."""
        if self.process is None:
            return
        group = self.process.pid
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            os.killpg(group, signal.SIGKILL)
            assert self.process is not None
            self.process.wait()
            self.process = None


def children(parent: int) -> list[int]:
    """The children of a process, whichever of its threads started them."""
    try:
        listed = [task.read_text("ascii") for task in Path(f"/proc/{parent}/task").glob("*/children")]
        return sorted(int(number) for text in listed for number in text.split())
    except (OSError, ValueError):
        return []


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def set_up_office(data: Path, extra: dict[str, str] | None = None) -> str:
    """Set a data folder up in a process of its own; gives the key path of its collaborator."""
    office = ProofServer(data, free_port(), extra=extra or {})
    paths = [str(FOLDER.parent.parent), str(FOLDER.parent / "builders"), str(FOLDER)]
    done = subprocess.run(
        [sys.executable, str(FOLDER / "prepare_office.py")],
        env=office.environment | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def copy_of(template: Path, key: str, target: Path, extra: dict[str, str] | None = None) -> ProofServer:
    """A server over a fresh copy of a folder that was set up before."""
    shutil.copytree(template, target)
    return ProofServer(target, free_port(), key=key, extra=extra or {})


__all__ = ["PASSWORD", "ProofServer", "copy_of", "set_up_office"]
