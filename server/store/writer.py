"""The one writer of the hot path: waiting submissions are committed together, each answered after the shared commit.

SQLite wants a single writer, and one sync to disk serves many interviews (group commit). When a piece fails, the
whole group is done again with a savepoint for each, so a bad one never takes the others with it; a piece may thus run
twice, and only its last run counts. PostgreSQL gives every piece its own transaction, side by side; a piece that
another one overtook (the same interview at the same moment) is run again and then finds what the other has kept.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from random import uniform
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

T = TypeVar("T")
Work = Callable[[Connection], Any]
Piece = tuple[Work, "Future[Any]"]
TOGETHER = 64


# PostgreSQL's words for "another transaction was quicker": a key is there now, a snapshot is old, a deadlock.
OVERTAKEN = frozenset({"23505", "40001", "40P01"})
CHANCES = 8
PATIENCE = 0.02


class Writer:
    """``write(work)`` runs the work in a transaction and returns its value once that is synced to disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._grouped = engine.dialect.name == "sqlite"
        self._waiting: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, work: Callable[[Connection], T]) -> T:
        """Raises what the work or the commit raised; then nothing of this work is kept."""
        if not self._grouped:
            return self._alone(work)
        future: Future[T] = Future()
        self._waiting.put((work, future))
        self._ensure_thread()
        return future.result()

    def close(self) -> None:
        """End the thread; what was handed in before is still done."""
        if self._thread and self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join(timeout=10)

    def _alone(self, work: Callable[[Connection], T]) -> T:
        for chance in range(CHANCES):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if chance == CHANCES - 1 or not _overtaken(error):
                    raise
                time.sleep(uniform(0, PATIENCE * (chance + 1)))  # noqa: S311 - parting ways, not a secret
        raise AssertionError("unreachable")

    def _ensure_thread(self) -> None:
        if self._thread and self._thread.is_alive():
            return
        with self._starting:
            if not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            batch, more = self._take()
            if batch:
                self._commit_together(batch)
            if not more:
                return

    def _take(self) -> tuple[list[Piece], bool]:
        """The pieces that wait now, and whether to go on afterwards."""
        batch: list[Piece] = []
        piece = self._waiting.get()
        while piece is not None:
            batch.append(piece)
            if len(batch) == TOGETHER or self._waiting.empty():
                return batch, True
            piece = self._waiting.get()
        return batch, False

    def _commit_together(self, batch: list[Piece]) -> None:
        """All in one transaction without savepoints; where one fails, again with one savepoint for each."""
        try:
            done = self._together(batch)
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for future, value in done:
            future.set_result(value)

    def _together(self, batch: list[Piece]) -> list[tuple[Future[Any], Any]]:
        try:
            return self._apart_if_needed(batch)
        except OperationalError as error:
            if not _opened_read_only(error):
                raise
            return self._apart_if_needed(batch)  # on a new connection: the disk may be well by now

    def _apart_if_needed(self, batch: list[Piece]) -> list[tuple[Future[Any], Any]]:
        try:
            return self._transaction(batch, apart=False)
        except OperationalError:
            raise  # locked, full, unreadable: that meets everyone
        except Exception:
            if len(batch) == 1:
                raise
            return self._transaction(batch, apart=True)

    def _transaction(self, batch: list[Piece], *, apart: bool) -> list[tuple[Future[Any], Any]]:
        with self._engine.connect() as connection:
            connection = connection.execution_options(immediate=True)
            with connection.begin():
                if not apart:
                    return [(future, work(connection)) for work, future in batch]
                done: list[tuple[Future[Any], Any]] = []
                for work, future in batch:
                    self._one(connection, work, future, done)
                return done

    @staticmethod
    def _one(
        connection: Connection, work: Work, future: Future[Any], done: list[tuple[Future[Any], Any]]
    ) -> None:
        try:
            with connection.begin_nested():
                value = work(connection)
        except OperationalError:
            raise  # a full disk makes SQLite roll everything back, the pieces before this one too
        except Exception as error:
            future.set_exception(error)
            if not _is_open(connection):
                # A full or failing disk makes SQLite roll the whole transaction back: what came before in this batch
                # is gone too, and the driver would call the commit of nothing a success.
                raise
        else:
            done.append((future, value))


def _is_open(connection: Connection) -> bool:
    """Whether SQLite still holds the transaction that we began."""
    return not connection.invalidated and bool(connection.connection.driver_connection.in_transaction)  # type: ignore[union-attr]


def _opened_read_only(error: DBAPIError) -> bool:
    """Whether SQLite had opened the file for reading only, as it does by itself while a disk is read-only."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_READONLY")


def _overtaken(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in OVERTAKEN
