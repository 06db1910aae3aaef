"""The workbook over the merger of 2025 and the new VSIC: units, bodies and codes are those of a day, totals stay."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import ls_cl
import pytest
from flask.testing import FlaskClient
from map_office import load
from office import Office
from openpyxl import load_workbook
from small_form import post

from server.flows.export_ministry import ministry_workbook
from server.store.base import db

OLD_LIST = (
    "code,name,kind,ward_code,lat,lon,households,valid_from\n"
    "05980.001,Khối Thử Một,khoi,05980,21.8500,106.7600,40,2020-01-01\n"
    "05977.001,Khối Thử Ba,khoi,05977,21.8400,106.7650,50,2020-01-01\n"
)
BEFORE, AFTER = date(2024, 5, 6), date(2026, 10, 12)
Book = dict[str, list[dict[str, Any]]]


@pytest.fixture
def surveyed(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """Working children: two households of 2024, in wards that are one today, one of 2026, one in no known village."""
    load(office, OLD_LIST)
    places = [("05980", "05980.001", BEFORE), ("05977", "05977.001", BEFORE), ("05977", "05977.001", AFTER)]
    for number, (ward, village, day) in enumerate([*places, ("05977", "05977.777", AFTER)], start=1):
        children = [ls_cl.lawful_child(), ls_cl.endangered_child()]
        xml = ls_cl.household(children, number=number, ward=ward, village=village, interviewed=day)
        assert post(client, key_path, xml).status_code in (201, 202)
    derive()
    return office


def workbook(office: Office, on: date | None, variant: str = "identifiable") -> Book:
    with office.app.app_context():
        made = ministry_workbook(
            db.session(), round_id=None, variant=variant, now=office.clock(), by=None, on=on
        )
    book = load_workbook(io.BytesIO(made.content))
    sheets: Book = {}
    for sheet in book:
        rows = list(sheet.iter_rows(values_only=True))
        sheets[sheet.title] = [dict(zip(rows[1], row, strict=True)) for row in rows[2:]]  # type: ignore[arg-type]
    return sheets


def total(book: Book) -> dict[str, Any]:
    return book["07_TongHop_DonVi"][-1]


@pytest.mark.parametrize("on", [None, BEFORE, date(2025, 6, 30), date(2025, 7, 1), AFTER])
def test_totals_and_codes_hold_on_every_day(surveyed: Office, on: date | None) -> None:
    book = workbook(surveyed, on)
    assert (total(book)["so_ho_khao_sat"], total(book)["tre_5_17"]) == (4, 8)
    listed = {unit["ma_dvhc"] for unit in book["01_DonVi"]}
    assert {row["ma_phuong"] for row in book["02_Ho"]} - {None} <= listed
    assert all(row["so_ho_khao_sat"] is not None for row in book["01_DonVi"])
    counted = [row["so_ho_khao_sat"] for row in book["01_DonVi"] if not row["ma_khoi_thon"]]
    assert sum(counted) == (4 if on in (None, date(2025, 7, 1), AFTER) else 3)
    assert workbook(surveyed, on, "deidentified")["07_TongHop_DonVi"]


def test_a_job_is_given_in_the_vsic_of_its_day(surveyed: Office) -> None:
    book = workbook(surveyed, None)
    days = {row["ma_tre"]: row["ma_ho"] for row in book["03_TreEm"]}
    visited = {row["ma_ho"]: row["ngay_phong_van"].date() for row in book["02_Ho"]}
    codes = {
        (visited[days[row["ma_tre"]]], row["vsic_ma"], row["vsic_phien_ban"]) for row in book["04_CongViec"]
    }
    assert codes == {
        *((BEFORE, "C", "2018"), (BEFORE, "R", "2018")),
        *((AFTER, "C", "2025"), (AFTER, "S", "2025")),
    }
    lists = {(row["he_ma"], row["phien_ban"], row["ma"]): row["hieu_luc"] for row in book["90_DanhMuc"]}
    assert lists["vsic", "2018", "R"] == "đến hết 14/11/2025"


def test_registered_households_follow_a_ward_through_its_merger(surveyed: Office) -> None:
    wards = {row["ma_dvhc"]: row for row in workbook(surveyed, AFTER)["01_DonVi"] if not row["ma_khoi_thon"]}
    assert wards["05977"]["so_ho_quan_ly"] == 90
    villages = {row["ma_khoi_thon"]: row["ma_cha"] for row in workbook(surveyed, AFTER)["01_DonVi"]}
    assert villages["05980.001"] == "05977"
    old = {row["ma_dvhc"]: row for row in workbook(surveyed, BEFORE)["01_DonVi"] if not row["ma_khoi_thon"]}
    assert (old["05977"]["so_ho_quan_ly"], old["05980"]["so_ho_quan_ly"]) == (50, 40)
