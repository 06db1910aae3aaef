"""The catalogue of everything that can be wrong, for every person and program that meets it.

A problem has a name (used in code), a short code (read out over the telephone), the HTTP status that tells it,
and Vietnamese and English text: what happened, and what to do next. The texts are data: ``catalogue/*.toml``.
Raise ``Problem("form_unknown", form_id="x")``; whoever stands at the edge renders it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import isfinite
from string import Formatter
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True)
class Kind:
    """One entry of the catalogue; the texts may hold ``{named}`` details."""

    name: str
    code: str
    status: int
    vi: str
    en: str
    next_vi: str
    next_en: str


class Problem(Exception):
    """Something a person must be told, named by its entry in the catalogue.

    ``details`` fill the text; ``where`` says the place (sheet, row, line, question), in words.
    Details must never hold personal data: they reach logs and answers.
    """

    def __init__(self, name: str, /, *, where: str = "", **details: object) -> None:
        self.kind = catalogue()[name]
        self.details: dict[str, object] = details
        self.where = where
        super().__init__(self.message("en"))

    def message(self, language: Language = "vi") -> str:
        """What happened, in the given language, with its place."""
        text = _fill(self.kind.vi if language == "vi" else self.kind.en, self.details)
        return f"{self.where}: {text}" if self.where else text

    def advice(self, language: Language = "vi") -> str:
        """What the person can do next."""
        return _fill(self.kind.next_vi if language == "vi" else self.kind.next_en, self.details)

    def as_data(self) -> dict[str, object]:
        """The one error shape of every JSON answer."""
        return {
            "code": self.kind.code,
            "name": self.kind.name,
            "where": self.where,
            "message": {"vi": self.message("vi"), "en": self.message("en")},
            "next": {"vi": self.advice("vi"), "en": self.advice("en")},
            "details": {key: _plain(value) for key, value in self.details.items()},
        }


class Problems(Exception):
    """Everything that is wrong with a form, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))

    def messages(self, language: Language = "vi") -> tuple[str, ...]:
        return tuple(problem.message(language) for problem in self.problems)


@cache
def catalogue() -> Mapping[str, Kind]:
    """Every kind of problem by name, read from ``catalogue/*.toml``; names and codes are unique."""
    kinds: dict[str, Kind] = {}
    codes: set[str] = set()
    folder = resources.files("forms") / "catalogue"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            kind = Kind(name=name, **entry)
            if name in kinds or kind.code in codes:
                raise ValueError(f"problem {name} ({kind.code}) stands twice in the catalogue")
            kinds[name] = kind
            codes.add(kind.code)
    return kinds


def _fill(text: str, details: Mapping[str, object]) -> str:
    names = {name for _, name, _, _ in Formatter().parse(text) if name}
    return text.format(**{name: details.get(name, "?") for name in names})


def _plain(value: object) -> object:
    if isinstance(value, float) and not isfinite(value):  # JSON has no word for them
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)
