"""An office in the middle of a round: invented people, practice villages, some thirty households already sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ls_cl
from running import Server
from small_form import send

VILLAGES = {"05977": 3, "05983": 3, "05986": 3, "06187": 3}
POINTS = {"05977.901": "21.8128 106.7725 260 9", "05983.901": "21.8202 106.7183 255 14"}
LONG_VILLAGE = "Tập huấn Bản Nà Chuông Pác Luống Khuổi Mươi"
HEADS = ("Nguyễn Thị Thử", "Hoàng Văn Thử", "Lương Thị Tập", "Triệu Văn Huấn", "Đàm Thị Mẫu", "Mã Văn Mẫu")
LONG_PERSON = "Hoàng Nguyễn Thị Phương Quỳnh Thử Nghiệm"


@dataclass(frozen=True)
class Office:
    """The running server and the way in of one collaborator."""

    server: Server
    collaborator: dict[str, Any]


def fill(running: Server, *, long_names: bool = False) -> Office:
    """Add people, send households, wait until they are read."""
    if long_names:
        _load_long_village(running)
    for entry in running.command("rounds", "list"):
        running.command("rounds", "freeze", entry["id"])
    _add(running, "Vi Thị Thử Hai", "collaborator", "05983")
    _add(running, "Hà Minh Tập Huấn", "officer", "05977")
    second = _add(running, LONG_PERSON if long_names else "Lý Văn Thử", "collaborator", "05986", "06187")
    first = _add(running, "Nông Thị Thử", "collaborator", "05977", "05983")
    today = datetime.now(UTC).date()
    for number, (ward, village, children) in enumerate(_households(), 1):
        sender = first if ward in ("05977", "05983") else second
        xml = ls_cl.household(
            children,
            number=number,
            ward=ward,
            village=village,
            interviewed=today - timedelta(days=1 + number % 5),
            position=POINTS.get(village, ""),
            changes={"c1": HEADS[number % len(HEADS)]},
        )
        assert send(sender["openrosa_url"], xml) == 201
    for number in (41, 42):
        assert send(first["openrosa_url"], ls_cl.absent(number, village="05977.901")) == 201
    running.wait_until_derived()
    return Office(running, _add(running, "Lộc Thị Tập Huấn", "collaborator", "05977"))


def _households() -> Iterator[tuple[str, str, Sequence[ls_cl.Child]]]:
    kinds = (
        (ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child()),
        (ls_cl.idle_child("Trẻ Năm"),),
        (ls_cl.lawful_child(), ls_cl.idle_child("Trẻ Sáu", (2015, 2, None))),
        (),
        (ls_cl.overworked_child(),),
    )
    at = 0
    for ward, villages in VILLAGES.items():
        for village in range(1, villages + 1):
            for _ in range(2 + at % 2):
                yield ward, f"{ward}.90{village}", kinds[at % len(kinds)]
                at += 1


def _add(running: Server, name: str, role: str, *area: str) -> dict[str, Any]:
    codes = [word for code in area for word in ("--area", code)]
    made: dict[str, Any] = running.command("people", "add", name, "--role", role, *codes)
    return made


def _load_long_village(running: Server) -> None:
    file = Path(running.data).parent / "thon.csv"
    lines = ["code,name,kind,ward_code,lat,lon,households"]
    lines += [f"05977.901,{LONG_VILLAGE},thon,05977,21.8125,106.7720,64"]
    lines += [f"05977.90{n},Tập huấn {n},khoi,05977,21.82{n},106.76{n},80" for n in (2, 3)]
    for ward in ("05983", "05986", "06187"):
        lines += [
            f"{ward}.90{n},Tập huấn {ward[-2:]}{n},thon,{ward},21.82{n},106.7{ward[-2:]},80"
            for n in (1, 2, 3)
        ]
    file.write_text("\n".join(lines), encoding="utf-8")
    running.command("places", "load", str(file))
