"""A disk with a cache, replayed from the shim's log: what a power cut at any point leaves of a folder.

A file's bytes count as kept once a sync of that file has ended that began after they were written; a name counts once
its folder was synced in the same way. Everything else is in the cache. A cut drops the whole cache, or keeps an
arbitrary part of it: any 512-byte sectors of files and, in order, the first changes of a folder.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

HEAD = struct.Struct("<I4sQQII")
MAGIC = 0x4D4E4F4E
SECTOR = 512


@dataclass(frozen=True)
class Event:
    kind: str
    inode: int
    number: int
    first: bytes
    second: bytes

    @property
    def path(self) -> str:
        return self.first.decode()


def read_log(path: Path) -> list[Event]:
    """Every event of the log, in order."""
    data, at, events = path.read_bytes(), 0, []
    while at < len(data):
        magic, kind, inode, number, n1, n2 = HEAD.unpack_from(data, at)
        assert magic == MAGIC, f"the log is broken at {at}"
        at += HEAD.size
        events.append(
            Event(
                kind.rstrip(b"\0").decode(), inode, number, data[at : at + n1], data[at + n1 : at + n1 + n2]
            )
        )
        at += n1 + n2
    return events


@dataclass(frozen=True)
class Change:
    """Bytes at a place, or (``data`` is None) a new length."""

    at: int
    data: bytes | None

    def apply(self, content: bytearray) -> None:
        if self.data is None:
            del content[self.at :]
            content.extend(bytes(max(0, self.at - len(content))))
            return
        content.extend(bytes(max(0, self.at - len(content))))
        content[self.at : self.at + len(self.data)] = self.data

    def sectors(self) -> Iterator[Change]:
        """The pieces that a disk writes at once."""
        if self.data is None:
            yield self
            return
        start = 0
        while start < len(self.data):
            length = SECTOR - (self.at + start) % SECTOR
            yield Change(self.at + start, self.data[start : start + length])
            start += length


@dataclass(eq=False)
class File:
    kept: bytearray = field(default_factory=bytearray)
    cached: list[Change] = field(default_factory=list)
    done: int = 0

    def sync(self, upto: int) -> None:
        """The first ``upto`` changes ever made are on the disk."""
        for change in self.cached[: max(0, upto - self.done)]:
            change.apply(self.kept)
        del self.cached[: max(0, upto - self.done)]
        self.done = max(self.done, upto)

    @property
    def made(self) -> int:
        return self.done + len(self.cached)

    def after_cut(self, random: Random | None, share: float) -> bytes:
        if random is None or not self.cached:
            return bytes(self.kept)
        content = bytearray(self.kept)
        for change in self.cached:
            for sector in change.sectors():
                if random.random() < share:
                    sector.apply(content)
        return bytes(content)


Entry = File | str | None  # a file, a folder (its path), or: removed


@dataclass(eq=False)
class Folder:
    kept: dict[str, Entry] = field(default_factory=dict)
    cached: list[tuple[str, Entry]] = field(default_factory=list)
    done: int = 0

    def sync(self, upto: int) -> None:
        for name, entry in self.cached[: max(0, upto - self.done)]:
            self.kept[name] = entry
        del self.cached[: max(0, upto - self.done)]
        self.done = max(self.done, upto)

    @property
    def made(self) -> int:
        return self.done + len(self.cached)

    def after_cut(self, random: Random | None) -> dict[str, Entry]:
        entries = dict(self.kept)
        if random is not None:
            entries |= dict(self.cached[: random.randint(0, len(self.cached))])
        return entries


Found = tuple[str, int, bytes | None]  # a path, its inode, and its bytes when it is a file


def what_stands_in(root: Path) -> list[Found]:
    """Every folder and file under ``root``, folders before what is in them."""
    paths = sorted(root.rglob("*"))
    return [(str(p), p.stat().st_ino, p.read_bytes() if p.is_file() else None) for p in paths]


class Disk:
    """The folder ``root`` as the log tells it; ``apply`` events in order, ``rebuild`` what a cut leaves."""

    def __init__(self, root: Path, start: Sequence[Found] = ()) -> None:
        """``start`` is what stood in ``root`` before the log begins, all of it kept."""
        self._root = str(root)
        self._folders: dict[str, Folder] = {self._root: Folder()}
        self._names: dict[str, File] = {}
        self._inodes: dict[int, File] = {}
        self._begun: dict[int, tuple[File | Folder, int]] = {}
        for path, inode, content in start:
            if content is None:
                self._folders[path] = Folder()
                self._enter(path, path)
            else:
                self._names[path] = self._inodes[inode] = File(bytearray(content))
                self._enter(path, self._names[path])
        for folder in self._folders.values():
            folder.sync(folder.made)

    def apply(self, event: Event) -> None:
        match event.kind:
            case "C":
                self._created(event)
            case "W":
                self._inodes[event.inode].cached.append(Change(event.number, event.first))
            case "T":
                self._inodes[event.inode].cached.append(Change(event.number, None))
            case "M":
                self._folders[event.path] = Folder()
                self._enter(event.path, event.path)
            case "R" | "L":
                self._moved(event.path, event.second.decode(), keep=event.kind == "L")
            case "U":
                self._names.pop(event.path, None)
                self._enter(event.path, None)
            case "B":
                target = self._folders[event.path] if event.first else self._inodes[event.inode]
                self._begun[event.number] = (target, target.made)
            case "E":
                synced, upto = self._begun.pop(event.number)
                synced.sync(upto)

    def _created(self, event: Event) -> None:
        if event.path in self._names:  # two opened it at the same moment
            return
        file = File()
        self._inodes[event.inode] = self._names[event.path] = file
        self._enter(event.path, file)

    def _moved(self, old: str, new: str, *, keep: bool) -> None:
        file = self._names[old]
        self._names[new] = file
        self._enter(new, file)
        if not keep:
            del self._names[old]
            self._enter(old, None)

    def _enter(self, path: str, entry: Entry) -> None:
        parent, _, name = path.rpartition("/")
        self._folders[parent].cached.append((name, entry))

    def rebuild(self, target: Path, random: Random | None = None, *, everything: bool = False) -> None:
        """Write what a cut now leaves; without ``random`` the cache is lost whole, with ``everything`` it is kept."""
        if everything:
            for part in (*self._folders.values(), *self._inodes.values(), *self._names.values()):
                part.sync(part.made)
        share = random.choice((0.1, 0.5, 0.9)) if random else 0.0
        self._rebuild(self._root, target, random, share)

    def _rebuild(self, folder: str, target: Path, random: Random | None, share: float) -> None:
        target.mkdir(parents=True, exist_ok=True)
        for name, entry in self._folders[folder].after_cut(random).items():
            if isinstance(entry, str):
                self._rebuild(entry, target / name, random, share)
            elif entry is not None:
                (target / name).write_bytes(entry.after_cut(random, share))
