"""A short run of the kill proof; ``make proof-kill`` is the long one."""

from __future__ import annotations

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
