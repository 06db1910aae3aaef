"""For `make mutation` only: what the engine keeps in memory must not outlive the change that a run tries out."""

from __future__ import annotations

import os
import sys

import pytest

TRIED = (
    "MUTANT_UNDER_TEST"  # set by mutmut: "stats" while it learns which test meets what, else the change tried
)
KEPT = ("server.labour", "law_cases", "tests.labour")


def pytest_sessionstart() -> None:
    if TRIED in os.environ:
        for name in [name for name in sys.modules if name.startswith(KEPT) and name != __name__]:
            del sys.modules[name]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """While mutmut learns, every test reads and compiles the profiles itself."""
    if os.environ.get(TRIED) == "stats":
        for name, module in list(sys.modules.items()):
            if name.startswith("server.labour"):
                for value in vars(module).values():
                    if hasattr(value, "cache_clear"):
                        value.cache_clear()
