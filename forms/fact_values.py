"""The vocabulary of facts (``facts.toml``), and what an answer to a question means for one of them.

``reader_of`` is asked once for each question that supplies a fact; what comes back is called for each answer. The
facts of a list's choices are worked out beforehand, so a chosen code costs one look into a table.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from forms.schema import Field
from forms.values import Position, Value

Scope = Literal["household", "child", "job"]
Fact = None | str | int | float | bool | Position | tuple[str, ...]
Reader = Callable[[Value], Fact]
UNKNOWN, NONE = "?", "-"
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


@dataclass(frozen=True)
class FactKind:
    """One entry of the vocabulary."""

    name: str
    scope: Scope
    short: str
    type: str
    vi: str
    personal: bool


@cache
def vocabulary() -> Mapping[str, FactKind]:
    """Every fact by its full name ("job.hours_mon")."""
    text = (resources.files("forms") / "facts.toml").read_text(encoding="utf-8")
    return {
        f"{scope}.{short}": FactKind(
            name=f"{scope}.{short}",
            scope=scope,  # type: ignore[arg-type]
            short=short,
            type=entry["type"],
            vi=entry["vi"],
            personal=entry.get("personal", False),
        )
        for scope, entries in tomllib.loads(text).items()
        for short, entry in entries.items()
    }


def reader_of(field: Field, kind: FactKind) -> Reader:
    """What turns an answer of this question, which is not None, into this fact."""
    choices = field.choices.by_value if field.choices is not None else {}
    known = {code: _fact(code, field, kind) for code in choices}

    def read(value: Value) -> Fact:
        if type(value) is str and value in known:
            return known[value]
        return _fact(value, field, kind)

    return read


def together(values: list[Fact], kind: FactKind) -> Fact:
    """Several questions, one fact: the union of codes, else the first that is known."""
    if kind.type != "codes":
        return next((value for value in values if value is not None), None)
    codes = dict.fromkeys(code for value in values if isinstance(value, tuple) for code in value)
    if not codes and any(value is None for value in values):
        return None
    return tuple(str(code) for code in codes)


def _fact(value: Value, field: Field, kind: FactKind) -> Fact:
    if isinstance(value, Position):
        return value if kind.type == "geo" else None
    if isinstance(value, tuple):
        words = [_word(item, field, kind) for item in value if isinstance(item, str)]
    else:
        words = [_word(_plain(value), field, kind)]
    if kind.type == "codes":
        words = [part for word in words for part in word.split()]
    return _CONVERT[kind.type](words)


def _word(text: str, field: Field, kind: FactKind) -> str:
    """What a chosen code means for this fact: the column named like the fact, else like its type."""
    choice = field.choices.by_value.get(text) if field.choices is not None else None
    if choice is None:
        return text
    return choice.columns.get(kind.short) or choice.columns.get(kind.type) or text


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _text(words: list[str]) -> Fact:
    return " ".join(words)


def _code(words: list[str]) -> Fact:
    """The first code that is known, else "-" for "known: none of the listed"."""
    known = [word for word in words if word not in {UNKNOWN, NONE}]
    if known:
        return known[0]
    return None if UNKNOWN in words or not words else NONE


def _codes(words: list[str]) -> Fact:
    known = tuple(dict.fromkeys(word for word in words if word not in {UNKNOWN, NONE}))
    return None if not known and UNKNOWN in words else known


def _yesno(words: list[str]) -> Fact:
    answers = {word.lower() for word in words}
    if answers & _YES:
        return True
    return False if answers and answers <= _NO else None


def _number(words: list[str]) -> float | None:
    try:
        number = float(words[0])
    except (ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None


def _int(words: list[str]) -> Fact:
    number = _number(words)
    return int(number) if number is not None and number.is_integer() else None


def _moment(words: list[str]) -> Fact:
    return words[0] if words and words[0][:1].isdigit() else None


def _nothing(words: list[str]) -> Fact:
    return None


_CONVERT = {
    "text": _text,
    "code": _code,
    "codes": _codes,
    "yesno": _yesno,
    "number": _number,
    "int": _int,
    "date": _moment,
    "datetime": _moment,
    "geo": _nothing,
}
