"""A short run of the disk proof; ``make proof-disk`` is the long one, with a lock longer than the server waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from disk import BUSY, FAULTS, Story, may_mount, shimmed, with_fault, with_full_tmpfs, with_lock

from forms.problems import Problem

SEED = 41


def told_clearly(story: Story) -> None:
    """Nothing received while it failed, a clear answer each time, nothing promised that is not kept."""
    assert story.found.clean, story.found.told()
    assert not story.unclear()
    assert not story.silent
    assert story.received.get("after") == 8


def test_the_answer_is_the_one_of_the_catalogue() -> None:
    assert f"[{Problem('server_busy').kind.code}]".encode() == BUSY


def test_a_disk_that_fails_is_told_and_service_comes_back(prepared: tuple[Path, str], tmp_path: Path) -> None:
    """Full, read-only, failing, then locked, one after the other, under one server that is never started again."""
    office, fault = shimmed(tmp_path / "office", prepared)
    office.start()
    try:
        for number, kind in enumerate(FAULTS):
            print(f"seed {SEED + number}, {kind}")
            story = with_fault(office, SEED + number, kind, fault)
            told_clearly(story)
            assert len(story.refused) == 8, kind
        story = with_lock(office, SEED + 9, 1.5)
        told_clearly(story)
        assert story.received["during"] == 8, "a short lock makes phones wait, not fail"
    finally:
        office.end()


def test_a_real_disk_that_is_full(prepared: tuple[Path, str], tmp_path: Path) -> None:
    if not may_mount():
        pytest.skip("no small disk may be mounted here; the shim has shown the same error")
    story = with_full_tmpfs(tmp_path, prepared, SEED)
    told_clearly(story)
    assert story.refused
