"""A real server in its own process over a fresh data folder, and the commands beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANGNON = Path(sys.executable).parent / "mangnon"
PASSWORD = "mat-khau-thu-nghiem"


@dataclass
class Server:
    """Where it listens and what it keeps."""

    data: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        keep = {key: value for key, value in os.environ.items() if not key.startswith("MANGNON_")}
        own = {"MANGNON_DATA": str(self.data), "PORT": str(self.port), "MANGNON_ADMIN_PASSWORD": PASSWORD}
        return keep | own

    def command(self, *words: str, check: bool = True) -> Any:
        """Run ``mangnon … --json`` and give back what it said."""
        done = subprocess.run(
            [MANGNON, *words, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert not check or done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else json.loads(done.stderr)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [MANGNON, "serve"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.process.stdout.read() if self.process.stdout else ""
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> int:
        """SIGTERM, as a service manager would; gives the seconds it took, rounded up."""
        if self.process is None:
            return 0
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return int(time.monotonic() - began) + 1

    def wait_until_derived(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                derivation = json.load(answer)["derivation"]
            if not derivation["waiting"]:
                assert not derivation["failed"], derivation
                return
            assert time.monotonic() < deadline, derivation
            time.sleep(0.2)


@contextmanager
def server(folder: Path, *, practice: bool = True) -> Iterator[Server]:
    """A server that was set up and runs; ended whatever happens."""
    made = Server(folder, free_port())
    made.command("init", *(["--practice"] if practice else []))
    made.start()
    try:
        yield made
    finally:
        made.stop()


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
