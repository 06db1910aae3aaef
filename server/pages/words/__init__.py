"""Every word of the officers' pages, one catalogue per language, and how each language writes days and numbers.

``Words("vi")("overview.title")`` gives a text; ``{n}`` in it is written as the language writes numbers, and
``{n:child|children}`` chooses by number. Both catalogues have the same keys; a test holds them to it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Texts by ``section.key``, from every file of the language's folder."""
    texts: dict[str, str] = {}
    folder = resources.files("server.pages.words") / language
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            texts |= {f"{section}.{key}": text for key, text in entries.items()}
    return texts


class Words:
    """The words of one language; templates know it as ``t``."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, key: str, **details: object) -> str:
        """The text of a key; an unknown key is a programming error and raises."""
        text = self._texts[key]
        return (
            text.format(**{name: self._ready(value) for name, value in details.items()}) if details else text
        )

    def has(self, key: str) -> bool:
        return key in self._texts

    def of(self, section: str, code: object, fallback: str | None = None) -> str:
        """The word for a code; a code without a word is shown as it is."""
        return self._texts.get(f"{section}.{code}", str(code) if fallback is None else fallback)

    def number(self, value: float | None, digits: int | None = None) -> str:
        """1.234,5 in Vietnamese, 1,234.5 in English; a dash for what is not known."""
        if value is None:
            return "–"
        if digits is None:
            digits = 0 if float(value).is_integer() else 1
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "vi" else text

    def percent(self, part: float | None, whole: float | None) -> str:
        """A rate with its sign; a dash where there is nothing to divide by."""
        if part is None or not whole:
            return "–"
        return f"{self.number(100 * part / whole, 0)}%"

    def day(self, value: date | datetime | str | None) -> str:
        """05/02/2026, on the clock of Vietnam."""
        if isinstance(value, str):
            value = date.fromisoformat(value[:10])
        if isinstance(value, datetime):
            value = value.astimezone(ZONE)
        return f"{value:%d/%m/%Y}" if value else "–"

    def birth(self, value: str | None) -> str:
        """A birth date as far as it is known: 01/05/2013, 05/2013 or 2013."""
        return "/".join(reversed((value or "–").split("-")))

    def yesno(self, value: bool | None) -> str:
        """Three answers, never two."""
        return self("trial.unknown" if value is None else "trial.yes" if value else "trial.no")

    def moment(self, value: datetime | None) -> str:
        """14:30 05/02/2026."""
        return f"{value.astimezone(ZONE):%H:%M %d/%m/%Y}" if value else "–"

    def metres(self, value: float | None) -> str:
        """A length as people say it: metres, or kilometres from one on."""
        if value is None:
            return "–"
        return f"{self.number(value / 1000, 1)} km" if value >= 1000 else f"{self.number(round(value), 0)} m"

    def size(self, count: int) -> str:
        """A number of bytes as people say it."""
        if count < 1024:
            return f"{self.number(count)} B"
        if count < 1024**2:
            return f"{self.number(count / 1024, 0)} KB"
        if count < 1024**3:
            return f"{self.number(count / 1024**2, 1)} MB"
        return f"{self.number(count / 1024**3, 1)} GB"

    def _ready(self, value: object) -> object:
        return _Count(value, self) if isinstance(value, int) and not isinstance(value, bool) else value


class _Count(int):
    """A number inside a text."""

    words: Words

    def __new__(cls, value: int, words: Words) -> _Count:
        made = super().__new__(cls, value)
        made.words = words
        return made

    def __format__(self, spec: str) -> str:
        if "|" in spec:
            one, _, many = spec.partition("|")
            return one if int(self) == 1 else many
        return self.words.number(int(self))
