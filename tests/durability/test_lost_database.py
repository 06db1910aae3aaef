"""PostgreSQL goes away under a running server, for seconds or again and again."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from keeping import check
from kill import address
from lost_database import Power, office_and_power, restarted_under_load, stopped
from network import count_rows
from offices import ProofServer

SEED = 71


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ProofServer, Power]]:
    if os.environ.get("DATABASE_URL", "").startswith("postgresql"):
        pytest.skip("a given PostgreSQL is not ours to stop")
    with office_and_power(tmp_path_factory.mktemp("lost-database")) as both:
        yield both


def health(office: ProofServer) -> dict[str, Any]:
    with urllib.request.urlopen(f"{office.url}/healthz", timeout=10) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def test_stopped_it_is_told_clearly_and_started_it_goes_on(running: tuple[ProofServer, Power]) -> None:
    print(f"seed {SEED}")
    story = stopped(*running, SEED)
    assert story.found.clean, story.found.told()
    assert len(story.refused) == 8
    assert not story.unclear(), story.unclear()[:1]
    assert not story.silent
    assert story.received["after"] == 8


def test_restarted_under_load_nothing_acknowledged_is_lost_and_reading_goes_on(
    running: tuple[ProofServer, Power],
) -> None:
    print(f"seed {SEED + 1}")
    office, power = running
    supervisor = office.process
    ledger, tally = restarted_under_load(office, power, SEED + 1, 4)
    found = check(address(office), office.data / "attachments", ledger)
    assert found.clean, found.told()
    assert len(ledger) > 20
    assert tally.unanswered > 0, "no restart ever met a phone that was sending"
    assert office.process is supervisor
    deadline = time.monotonic() + 90
    while health(office)["derivation"]["waiting"]:
        assert time.monotonic() < deadline, "the reading did not come back by itself"
        time.sleep(0.5)
    assert health(office)["derivation"]["done"] == count_rows(address(office))
