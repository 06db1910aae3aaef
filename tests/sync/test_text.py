"""Stored text and search keys."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sync.text import fold, nfc


def test_every_vietnamese_mark_is_folded() -> None:
    assert fold("Phường Đông Kinh") == "phuong dong kinh"
    assert fold("ĐẶNG  Thị\tƯỚC") == "dang thi uoc"
    assert fold(unicodedata.normalize("NFD", "Thôn Nà Sèn")) == fold("Thôn Nà Sèn") == "thon na sen"


def test_two_spellings_are_stored_as_one() -> None:
    assert nfc(unicodedata.normalize("NFD", "Khối Tập huấn")) == "Khối Tập huấn"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
