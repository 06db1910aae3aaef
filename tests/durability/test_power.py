"""A short run of the power proof and its controls; ``make proof-power`` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest
from power import CONTROLS, Recording, cut, record

SEED = 21


def test_a_power_cut_loses_nothing_acknowledged(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    recording = record(tmp_path / "full", SEED, 20)
    outcome = cut(recording, SEED, 60)
    assert outcome.losing == 0, outcome.told
    assert outcome.acknowledged > 60
    _the_log_tells_the_whole_folder(recording, tmp_path / "again")


def _the_log_tells_the_whole_folder(recording: Recording, again: Path) -> None:
    """With every write kept, the replayed folder equals the real one byte for byte: the log misses nothing."""
    disk, root = recording.disk(), recording.root
    for event in recording.events:
        disk.apply(event)
    disk.rebuild(again, everything=True)
    real = {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    told = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    assert sorted(real) == sorted(told)
    assert real == told


@pytest.mark.parametrize("weaken", CONTROLS)
def test_the_same_harness_shows_the_losses_of_a_weakened_server(
    prepared: tuple[Path, str], tmp_path: Path, weaken: str
) -> None:
    print(f"seed {SEED}, weakened: {weaken}")
    outcome = cut(record(tmp_path / weaken, SEED, 8, weaken=weaken, prepared=prepared), SEED, 10)
    assert outcome.losing > 0
    assert outcome.lost > 0
