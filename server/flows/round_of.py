"""Which round an interview belongs to: the one of its own day, however late it arrives. Pure.

The rounds' periods decide, then the questionnaire; reception decides only where the interview's own day says nothing.
A round that was closed before the interview gives way to one that was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Frame:
    """A round as this rule needs it; ``opened`` and ``closed`` are days in Viet Nam."""

    id: str
    period_from: date
    period_to: date
    opened: date
    closed: date | None
    form_id: str | None
    form_version: str | None


def round_of(
    frames: Sequence[Frame], *, visited: date, received: date, at_reception: str | None, form: tuple[str, str]
) -> str | None:
    """The id of the round; ``at_reception`` is the round that was open when the interview arrived, None for none.

    A day after the reception is a wrong clock: the day of reception is taken instead.
    """
    day = min(visited, received)
    fits = [one for one in frames if one.period_from <= day <= one.period_to]
    fits = fits or [one for one in frames if one.opened <= day and (one.closed is None or day <= one.closed)]
    if not fits:
        return at_reception

    def nearness(one: Frame) -> tuple[bool, bool, bool, bool, date, str]:
        return (
            one.form_id in (None, form[0]),
            one.closed is None or one.closed >= day,
            (one.form_id, one.form_version) == form,
            one.id == at_reception,
            one.opened,
            one.id,
        )

    return max(fits, key=nearness).id
