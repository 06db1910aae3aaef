"""The answers of an interview under their labels, in the order of the form, groups and repeats kept.

Plain data for the template: blocks with lines and further blocks. What was not asked is left out; what was asked and
left blank is said to be blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.read import Record, Row
from forms.schema import Field, FormSchema
from forms.values import Position
from server.pages.words import Words

PLACE_FACTS = {"household.ward", "household.village"}


@dataclass(frozen=True)
class Line:
    """One answer. ``file`` is the name of a file that the answer names; ``blank`` was asked and not answered."""

    path: str
    label: str
    text: str
    file: str = ""
    blank: bool = False


@dataclass
class Block:
    """A group or one instance of a repeat."""

    title: str = ""
    repeat: bool = False
    items: list[Line | Block] = field(default_factory=list)

    def lines(self) -> Iterator[Line]:
        for item in self.items:
            if isinstance(item, Line):
                yield item
            else:
                yield from item.lines()


class AnswerSheet:
    """Makes the blocks of one record in one language; ``place_name`` names codes of wards and villages."""

    def __init__(self, schema: FormSchema, words: Words, place_name: Callable[[str], str]) -> None:
        self._schema = schema
        self._words = words
        self._place_name = place_name
        self._language = schema.language(words.language)

    def blocks(self, record: Record) -> list[Line | Block]:
        """Top-level blocks (and answers that stand outside any group)."""
        return self._items(self._schema.tree, record.answers, "")

    def _items(self, fields: Mapping[str, Field], row: Row, path: str) -> list[Line | Block]:
        items: list[Line | Block] = []
        for entry in fields.values():
            items.extend(self._one(entry, row, f"{path}/{entry.name}"))
        return items

    def _one(self, entry: Field, row: Row, path: str) -> Iterator[Line | Block]:
        if entry.kind == "group":
            inner = self._items(entry.children, row, path)
            title = entry.labels and entry.label(self._language)
            if inner and title:
                yield Block(title, items=inner)
            else:
                yield from inner
        elif entry.kind == "repeat":
            for instance in row.repeats.get(entry.row_key, ()):
                here = f"{path}[{instance.position}]"
                inner = self._items(entry.children, instance, here)
                if inner:
                    yield Block(self._repeat_title(entry, instance), repeat=True, items=inner)
        elif entry.kind == "question" and entry.row_key in row.values:
            yield self._line(entry, row.values[entry.row_key], path)

    def _repeat_title(self, entry: Field, row: Row) -> str:
        name = next((row.values.get(key) for key in _name_keys(entry)), None)
        label = entry.label(self._language) if entry.labels else ""
        number = f"{label or entry.name} {row.position}"
        return f"{number} · {name}" if isinstance(name, str) and name else number

    def _line(self, entry: Field, value: Any, path: str) -> Line:
        label = entry.label(self._language)
        if value is None:
            return Line(path, label, self._words("answers.blank"), blank=True)
        file = str(value) if entry.is_file else ""
        return Line(path, label, self._text(entry, value), file)

    def _text(self, entry: Field, value: Any) -> str:
        words = self._words
        if isinstance(value, Position):
            accuracy = f" (± {words.metres(value.accuracy)})" if value.accuracy else ""
            return f"{value.lat:.5f}, {value.lon:.5f}{accuracy}"
        if isinstance(value, tuple):
            return "; ".join(self._code(entry, str(code)) for code in value if not isinstance(code, Position))
        if isinstance(value, float | int) and not isinstance(value, bool):
            # A year is not a count: 2013, never 2.013.
            return (
                str(value)
                if isinstance(value, int) and value >= 1000
                else words.number(value, _digits(value))
            )
        if entry.type == "date" and isinstance(value, str):
            return words.day(value)
        if entry.type == "acknowledge":
            return words("answers.yes")
        return self._code(entry, str(value))

    def _code(self, entry: Field, code: str) -> str:
        if set(entry.facts) & PLACE_FACTS:
            return self._place_name(code)
        return entry.choices.label(code, self._language) if entry.choices else code


def differences(first: list[Line | Block], second: list[Line | Block]) -> list[tuple[str, str, str]]:
    """The answers that are not the same in two versions: label, the one, the other."""
    one, other = (
        {line.path: line for item in blocks for line in ([item] if isinstance(item, Line) else item.lines())}
        for blocks in (first, second)
    )
    told = []
    for path in [*one, *(path for path in other if path not in one)]:
        left, right = one.get(path), other.get(path)
        texts = (left.text if left else "–", right.text if right else "–")
        if texts[0] != texts[1]:
            label = (left or right).label  # type: ignore[union-attr]
            told.append((label, *texts))
    return told


def _name_keys(entry: Field) -> Iterator[str]:
    for child in entry.children.values():
        if "child.name" in child.facts:
            yield child.row_key
        if child.kind == "group":
            yield from _name_keys(child)


def _digits(value: float) -> int:
    text = f"{value:.2f}".rstrip("0")
    return len(text.partition(".")[2])
