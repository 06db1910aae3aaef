"""The order of system calls, on a real server; ``make proof-trace`` prints the steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MakeOffice
from trace_calls import in_order, strace, trace


def test_file_folder_and_database_are_synced_before_201_is_sent(
    make_office: MakeOffice, tmp_path: Path
) -> None:
    tool = strace()
    if tool is None:
        pytest.skip("strace is not here and cannot be installed (not root, or no apt-get)")
    calls = trace(tool, make_office(), tmp_path / "calls.txt")
    steps = in_order(calls)
    assert [step.position for step in steps] == sorted(step.position for step in steps)
    assert [step.name for step in steps[2:5]] == ["fsync", "rename", "fsync"]
    for missing in (steps[2], steps[4], steps[6]):  # without any of the three syncs the check must fail
        folder_or_file = missing.text.split(")")[0]
        with pytest.raises(AssertionError):
            in_order([call for call in calls if call.text.split(")")[0] != folder_or_file])
