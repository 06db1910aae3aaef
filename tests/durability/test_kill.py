"""A short run of the kill proof; ``make proof-kill`` is the long one."""

from __future__ import annotations

import time

from conftest import MakeOffice
from kill import one_office

SEED = 11


def test_nothing_acknowledged_is_lost_when_processes_are_killed(make_office: MakeOffice) -> None:
    print(f"seed {SEED}")
    tally = one_office(make_office(), SEED, 3)
    assert tally.clean, tally.told
    assert tally.kills == 3
    assert tally.acknowledged > 20
    assert tally.unanswered > 0, "no kill ever hit a phone that was sending"


def test_a_worker_killed_twice_at_once_does_not_end_the_server(make_office: MakeOffice) -> None:
    office = make_office()
    office.start()
    supervisor = office.process
    for _ in range(2):
        while not office.workers():
            time.sleep(0.05)
        office.kill("worker")
        time.sleep(0.3)
    office.wait_until_answering()
    assert office.process is supervisor
    assert office.stop() < 15, "it still ends when told"
