"""Text as it is stored and as it is searched.

Every door stores NFC, so that one spelling of a Vietnamese name is one string. Beside it stands a folded
key for search and comparison: no tone marks, đ as d, small letters, single spaces.
"""

from __future__ import annotations

import re
import unicodedata

_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def nfc(text: str) -> str:
    """The text in the one form in which it is stored."""
    return unicodedata.normalize("NFC", text)


def speakable(text: str) -> str:
    """The text without control characters and halves of letters, which no database need take."""
    return _UNSPEAKABLE.sub("", text)


def fold(text: str) -> str:
    """The search key of a text: ``fold("Phường Đông  Kinh") == "phuong dong kinh"``."""
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    return " ".join(unicodedata.normalize("NFC", bare).split())
