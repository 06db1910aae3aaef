"""What people call the columns of a list: the names that the import knows, and the Vietnamese words for them.

Case, tone marks and the sign between two words do not matter: "Mã thôn", "ma_thon" and "MA-THON" are one column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.text import fold

REQUIRED = ("code", "name", "kind", "ward_code", "lat", "lon")
OPTIONAL = ("households", "valid_from", "verified", "merged_from", "event")

_ALSO: dict[str, tuple[str, ...]] = {
    "code": (
        *(
            "ma",
            "ma thon",
            "ma khoi",
            "ma to dan pho",
            "ma tdp",
            "ma thon khoi",
            "ma khoi thon",
            "ma thon tdp",
        ),
        *("ma thon to dan pho", "ma thon khoi to dan pho", "ma don vi", "village code", "unit code"),
    ),
    "name": (
        *("ten", "ten thon", "ten khoi", "ten to dan pho", "ten tdp", "ten thon khoi", "ten khoi thon"),
        *("ten thon tdp", "ten thon to dan pho", "ten thon khoi to dan pho", "ten don vi", "ten goi"),
        *("village name", "village"),
    ),
    "kind": ("loai", "loai hinh", "loai don vi", "type"),
    "ward_code": (
        *("ma phuong", "ma xa", "ma phuong xa", "ma xa phuong", "ma don vi hanh chinh", "ma dvhc"),
        *("ward", "commune code", "parent code", "ma cha"),
    ),
    "lat": ("latitude", "vi do", "vido", "y"),
    "lon": ("longitude", "lng", "long", "kinh do", "kinhdo", "x"),
    "households": ("so ho", "tong so ho", "so ho gia dinh", "so ho dan"),
    "valid_from": ("hieu luc tu", "ngay hieu luc", "co hieu luc tu", "tu ngay", "ap dung tu"),
    "verified": ("kiem chung", "muc kiem chung", "da kiem chung", "xac minh"),
    "merged_from": ("nhap tu", "sap nhap tu", "gop tu", "hinh thanh tu"),
    "event": ("su kien",),
}
_KNOWN = {_: name for name, words in _ALSO.items() for _ in (name.replace("_", " "), *words)}


def columns_of(header: Sequence[str]) -> list[str]:
    """The columns of a list, in order: a known name for each that is known, the folded text for the others.

    Where a list has the very name as well as a word for it, the very name counts.
    """
    plain = [_plain(cell) for cell in header]
    exact = {name for name in _ALSO if name.replace("_", " ") in plain}
    return [_named(text, exact) or fold(cell) for text, cell in zip(plain, header, strict=True)]


def _named(text: str, exact: Iterable[str]) -> str | None:
    name = _KNOWN.get(text)
    return name if name is None or name not in exact or text == name.replace("_", " ") else None


def _plain(cell: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in fold(cell)).split())
