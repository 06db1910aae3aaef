"""Long lists of ids in portions, so that no statement has more marks than a database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
MOST = 1_000


def portions(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in their order, each once, at most ``MOST`` at a time."""
    once = list(dict.fromkeys(values))
    for start in range(0, len(once), MOST):
        yield once[start : start + MOST]
