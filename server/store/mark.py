"""A mark of the database's content, for what may be remembered between requests.

While the mark stays the same, nobody has committed anything, so what was read before is still true. Only SQLite can
say so cheaply (``PRAGMA data_version``); for another database every mark is new, and nothing is remembered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.pool import PoolProxiedConnection

T = TypeVar("T")


class Mark:
    """Watches through one connection of its own, opened when first asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: PoolProxiedConnection | None = None

    def now(self) -> object:
        """Equal to an earlier mark only if nothing was committed in between."""
        if self._engine.dialect.name != "sqlite":
            return object()
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
                self._connection.detach()
            return self._connection.cursor().execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class Remembered(Generic[T]):
    """Values by key, each true while the mark stays; the oldest go when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[object, T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, mark: object, make: Callable[[], T]) -> T:
        """The value of this key, made anew unless it was made under the same mark."""
        found = self._kept.get(key)
        if found is not None and found[0] == mark:
            return found[1]
        value = make()
        with self._lock:
            self._kept[key] = (mark, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value
