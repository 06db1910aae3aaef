"""What the map shades: for every ward and village one share of two numbers, hidden where few children stand behind it.

Pure: counts in, shades out. Coverage counts households that were visited, which tells of nobody; a class tells of
children, so small cells are hidden, and with them those from which they could be worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from exports.privacy import LEAST, People, suppress

State = Literal["shown", "hidden", "unknown"]
Traits = tuple[Hashable, ...]
OUT_OF_SCOPE = "OUT_OF_SCOPE"


@dataclass(frozen=True)
class Shade:
    """``share`` is None unless the two numbers are shown and the second is not 0."""

    part: int | None
    whole: int | None
    state: State

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.part is not None and self.whole else None


UNKNOWN = Shade(None, None, "unknown")
HIDDEN = Shade(None, None, "hidden")


def coverage(visited: int, registered: int | None) -> Shade:
    """Households visited of those registered."""
    return Shade(visited, registered, "shown") if registered else Shade(visited, None, "unknown")


def of_class(
    counts: Iterable[tuple[str | None, str, int]], class_: str, least: int = LEAST
) -> tuple[Shade, Mapping[str | None, Shade]]:
    """Children of one class in one ward and in each of its villages; ``counts`` are (village, class, children)."""
    number: Counter[Traits] = Counter()
    for village, name, children in counts:
        if name != OUT_OF_SCOPE and children:
            number[(village, name == class_)] += children
    villages = sorted({traits[0] for traits in number}, key=repr)
    hidden = _hidden(number, villages, least)
    shades = {village: _shade(number, {village}, village, hidden) for village in villages}
    return _shade(number, set(villages), None, hidden, whole_ward=True), shades  # type: ignore[return-value]


def _hidden(number: Counter[Traits], villages: list[Hashable], least: int) -> frozenset[tuple[Hashable, ...]]:
    everyone = frozenset(number)
    people = People(number, _counted_in, open=(everyone, everyone), unproved=everyone)
    published = [
        (what, where) for what in ("all", "class") for where in [("ward",), *((v,) for v in villages)]
    ]
    return suppress(people, published, least).hidden


def _counted_in(traits: Traits) -> frozenset[tuple[Hashable, ...]]:
    village, is_class = traits
    what = ("all", "class") if is_class else ("all",)
    return frozenset((name, where) for name in what for where in (("ward",), (village,)))


def _shade(
    number: Counter[Traits],
    villages: set[Hashable],
    village: Hashable,
    hidden: frozenset[tuple[Hashable, ...]],
    *,
    whole_ward: bool = False,
) -> Shade:
    where = ("ward",) if whole_ward else (village,)
    if not number:
        return UNKNOWN
    if {("all", where), ("class", where)} & hidden:
        return HIDDEN
    whole = sum(count for traits, count in number.items() if traits[0] in villages)
    part = sum(count for traits, count in number.items() if traits[0] in villages and traits[1] is True)
    return Shade(part, whole, "shown")
