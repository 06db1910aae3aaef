"""Slowing down guesses: after a few failures for one subject, each further try must wait. Clock as an argument."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FREE_TRIES = 5
LONGEST = timedelta(minutes=15)
KEPT = 10_000


@dataclass
class Throttle:
    """Failures per subject (a name, an address); a success clears its subject."""

    _failures: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, subject: str, now: datetime) -> int:
        """Seconds this subject must still wait; 0 when it may try."""
        with self._lock:
            count, last = self._failures.get(subject, (0, now))
            if last > now:  # the clock was set back: the pause begins now, it does not last until then
                self._failures[subject], last = (count, now), now
        if count < FREE_TRIES:
            return 0
        pause = min(timedelta(seconds=2 ** min(count - FREE_TRIES + 1, 20)), LONGEST)
        left = (last + pause - now).total_seconds()
        return max(0, int(left + 0.999))

    def failed(self, subject: str, now: datetime) -> None:
        with self._lock:
            if len(self._failures) >= KEPT:
                self._failures.pop(next(iter(self._failures)))
            count, _ = self._failures.pop(subject, (0, now))
            self._failures[subject] = (count + 1, now)

    def succeeded(self, subject: str) -> None:
        with self._lock:
            self._failures.pop(subject, None)
