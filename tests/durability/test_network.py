"""A short run of the network proof; ``make proof-network`` is the long one."""

from __future__ import annotations

from conftest import MakeOffice
from fault_proxy import FAULTS
from network import meet

SEED = 31


def test_phones_behind_a_bad_network_converge(make_office: MakeOffice) -> None:
    print(f"seed {SEED}")
    office = make_office()
    office.start()
    meeting = meet(office, SEED, 24, delay=0.5, largest=3_000)
    assert meeting.clean, meeting.told()
    assert meeting.found.acknowledged == 24
    missed = [fault for fault in FAULTS if not meeting.met[fault]]
    assert not missed, f"these faults never came up: {missed}"
