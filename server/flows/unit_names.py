"""How a village is called: its name begins with what it is ("Thôn Nà Chuông")."""

from __future__ import annotations

from sync.places.unit import Unit

KINDS = {"thon": "Thôn", "khoi": "Khối", "to_dan_pho": "Tổ dân phố"}


def label(unit: Unit) -> str:
    kind = KINDS.get(unit.kind, "")
    return unit.name if unit.name.casefold().startswith(kind.casefold()) else f"{kind} {unit.name}"
