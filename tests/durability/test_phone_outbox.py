"""The phone's outbox meets every fault of the network, at the sending and at the question before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MakeOffice
from fault_proxy import FAULTS
from phone_outbox import send_all
from playwright.sync_api import Playwright, sync_playwright

SEED = 81
INTERVIEWS = 15  # more than the plan lets pass, well or badly, before every fault has come up
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_nothing_is_lost_or_doubled_and_the_outbox_empties(
    make_office: MakeOffice, playwright: Playwright, tmp_path: Path, method: str
) -> None:
    print(f"seed {SEED}")
    office = make_office()
    office.start()
    sent = send_all(playwright, office, tmp_path, seed=SEED, interviews=INTERVIEWS, method=method)
    assert sent.left["records"] == []
    assert sent.left["files"] == 0
    assert len(sent.left["receipts"]) == sent.found.acknowledged == sent.rows == INTERVIEWS
    assert sent.found.clean, sent.found.told()
    assert not sent.refused, "a fault of the network was taken for a refusal of the server"
    missed = [fault for fault in FAULTS if not sent.met.get(fault)]
    assert not missed, f"these faults never came up: {missed}"
