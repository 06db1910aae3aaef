"""Where a record that was collected on one day stands in the units of another day.

What was collected stays as it is; this only reads it by other borders. A ward is carried where it is whole; where
it is not (new to old, or divided in between), its village decides, and where that says nothing either, the record
stands under no unit: it is counted, and never guessed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sync.places.gazetteer import Gazetteer
from sync.places.unit import Unit

Placed = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Span:
    """A code over the days in which it meant the unit; with ``villages``, only those of its records count."""

    code: str
    first: date
    last: date
    villages: tuple[Span, ...] | None = None

    def holds(self, code: str | None, village: str | None, at: date) -> bool:
        """Whether a record that was collected so belongs here."""
        if code != self.code or not self.first <= at <= self.last:
            return False
        return self.villages is None or any(span.holds(village, None, at) for span in self.villages)


class AsOf:
    """The gazetteer as the eyes of one day."""

    def __init__(self, gazetteer: Gazetteer, on: date) -> None:
        self.gazetteer, self.on = gazetteer, on
        self._known: dict[tuple[str | None, str | None, date], Placed] = {}

    def place(self, ward: str | None, village: str | None, at: date | None) -> Placed:
        """The codes of ward and village on that day; None for what cannot be told."""
        link = (ward, village, at or self.on)
        if link not in self._known:
            self._known[link] = self._place(*link)
        return self._known[link]

    def ward_spans(self, code: str) -> tuple[Span, ...]:
        """What a record must say to stand in that ward: the same answer as ``place``, for a question to a database."""
        spans = [] if self.gazetteer.versions(code) else [Span(code, date.min, date.max)]
        villages: tuple[Span, ...] | None = None
        for unit in self.gazetteer.units:
            if unit.level != "ward":
                continue
            reached = self._reached(unit)
            if self._kept_code(unit, reached) == code:
                spans.append(_span(unit))
            elif len(reached) > 1:
                villages = self._villages_in(code) if villages is None else villages
                spans.append(_span(unit, villages))
        return tuple(spans)

    def village_spans(self, code: str) -> tuple[Span, ...]:
        """The same for a village."""
        return self.spans_of_villages((code,))

    def spans_of_villages(self, codes: Collection[str]) -> tuple[Span, ...]:
        """The same for many villages at once; days on which a code meant nothing count as its own."""
        spans = [
            _span(unit) for unit in self._villages() if (code := self._kept_code(unit)) and code in codes
        ]
        return (*spans, *(span for code in sorted(codes) for span in self._unclaimed(code)))

    def _unclaimed(self, code: str) -> list[Span]:
        """The days on which no unit bore the code: what was written then stands under it (``_place``)."""
        spans, free = [], date.min
        for unit in self.gazetteer.versions(code):
            if free < unit.valid_from:
                spans.append(Span(code, free, unit.valid_from - timedelta(days=1)))
            if unit.valid_to is None:
                return spans
            free = max(free, unit.valid_to + timedelta(days=1))
        return [*spans, Span(code, free, date.max)]

    def _villages(self) -> list[Unit]:
        return [unit for unit in self.gazetteer.units if unit.level == "village"]

    def _villages_in(self, ward: str) -> tuple[Span, ...]:
        return tuple(_span(unit) for unit in self._villages() if self._ward_by_village(unit) == ward)

    def _place(self, ward: str | None, village: str | None, at: date) -> Placed:
        lower = self.gazetteer.find(village, on=at) if village else None
        upper = self.gazetteer.find(ward, on=at) if ward else None
        now = village if lower is None else self._kept_code(lower)
        if upper is None:
            return self._unknown(ward), now
        code = self._kept_code(upper)
        if code is None and lower is not None and len(self._reached(upper)) > 1:
            code = self._ward_by_village(lower)
        return code, now

    def _unknown(self, ward: str | None) -> str | None:
        """A code that meant nothing when it was written is kept only where it means nothing at all."""
        return None if ward and self.gazetteer.versions(ward) else ward

    def _reached(self, unit: Unit) -> tuple[Unit, ...]:
        """What holds the unit's ground on that day; a unit that was divided reaches more than one."""
        reached = self.gazetteer.as_of(unit, self.on)
        if len(reached) == 1 and self.gazetteer.history.divided(unit, unit.valid_from, self.on):
            return (*reached, unit)
        return reached

    def _kept_code(self, unit: Unit, reached: tuple[Unit, ...] | None = None) -> str | None:
        """The one unit it became; its own code where nothing followed and nobody else bears the code by then."""
        reached = self._reached(unit) if reached is None else reached
        if len(reached) == 1:
            return reached[0].code
        if reached or self.gazetteer.find(unit.code, on=self.on) is not None:
            return None
        return unit.code

    def _ward_by_village(self, village: Unit) -> str | None:
        reached = self._reached(village)
        if len(reached) == 1:
            return self.gazetteer.on(self.on).ward_of(reached[0])
        return None


def _span(unit: Unit, villages: tuple[Span, ...] | None = None) -> Span:
    return Span(unit.code, unit.valid_from, unit.valid_to or date.max, villages)
