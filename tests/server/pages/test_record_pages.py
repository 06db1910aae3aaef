"""Interviews, children, the workbook and the trial of a situation, as officers see them."""

from __future__ import annotations

import io
import re
import tomllib
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy.exc
from browser import Browser, said, stranger
from office import Office
from page_records import Records

from server.pages import overview, place_map
from server.pages.words import catalogue
from server.store import overview as counts
from sync.places.unit import Unit


def test_one_interview_shows_answers_under_their_labels_and_its_place(
    records: Records, admin: Browser
) -> None:
    answer = admin.get(f"/submissions/{records.here}")
    page, text = answer.get_data(as_text=True), said(answer)
    assert re.search(r"A1\. Phường/xã\s+Phường Đông Kinh", text)
    assert "Chủ Hộ Nơi Này" in text
    assert "Trẻ Ba" in text
    assert '<svg viewBox="0 0' in page
    assert page.count('class="declared"') == 1
    assert page.count('class="point"') == 1
    assert re.search(r'class="halo name-declared"[^>]*>Thôn Tập huấn 1<', page)


def test_the_bytes_of_an_interview_can_be_had(records: Records, admin: Browser) -> None:
    answer = admin.get(f"/submissions/{records.here}/submission.xml")
    assert answer.data.startswith(b"<?xml")
    assert "Chủ Hộ Nơi Này".encode() in answer.data
    assert "Chủ" not in answer.headers["Content-Disposition"]
    assert admin.get(f"/submissions/{records.here}/files/khong-co.jpg").status_code == 404


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 2),
        ("q=noi+nay", 1),
        ("q=Trẻ+Nơi+Khác", 1),
        ("ward=05983", 1),
        ("village=05977.901", 1),
        ("result=3", 0),
        ("state=waiting", 0),
        ("round=all&sort=head&dir=up", 2),
        ("sort=khong-co", 2),
        ("after=khong-co", 2),
    ],
)
def test_the_list_of_interviews_is_searched_and_sorted(
    records: Records, admin: Browser, query: str, rows: int
) -> None:
    answer = admin.get(f"/submissions?{query}")
    assert f"{rows} phiếu" in said(answer)
    assert answer.get_data(as_text=True).count('<td class="title">') == rows


@pytest.mark.parametrize(
    "address", ["/submissions?state=khong", "/children?class=khong", "/people?role=khong"]
)
def test_a_filter_that_does_not_exist_is_malformed(admin: Browser, address: str) -> None:
    answer = admin.get(address)
    assert (answer.status_code, "S101" in said(answer)) == (400, True)


def test_a_round_that_does_not_exist_is_named(admin: Browser) -> None:
    answer = admin.get("/?round=1999")
    assert (answer.status_code, "C106" in said(answer)) == (404, True)


def test_a_child_shows_its_class_with_the_article(records: Records, admin: Browser) -> None:
    text = said(admin.get(f"/children/{records.child_here}"))
    assert "Nguy hại" in text
    assert "Điều 147" in text
    assert "sàng lọc" in text


def test_an_official_confirms_and_a_change_needs_its_reason(records: Records, admin: Browser) -> None:
    page = admin.get(f"/children/{records.child_here}").get_data(as_text=True)
    action = re.search(r'action="([^"]+/confirm)"', page)
    assert action
    refused = admin.post(action[1], **{"class": "LAWFUL", "reason": ""})
    assert (refused.status_code, "L191" in said(refused)) == (400, True)
    unknown = admin.post(action[1], **{"class": "khong", "reason": "x"})
    assert (unknown.status_code, "L190" in said(unknown)) == (400, True)  # class_unknown
    assert admin.post(action[1], **{"class": "LAWFUL", "reason": "đã xem hợp đồng"}).status_code == 303
    assert "đã xem hợp đồng" in said(admin.get(f"/children/{records.child_here}"))


def test_the_workbook_comes_whole_or_without_names(records: Records, admin: Browser) -> None:
    admin.get("/export")
    whole = admin.post("/export/ministry.xlsx", variant="identifiable")
    assert "03_TreEm" in openpyxl.load_workbook(io.BytesIO(whole.data)).sheetnames
    bare = admin.post("/export/ministry.xlsx", variant="deidentified")
    texts = {
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(bare.data))
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    }
    assert "Trẻ Ba" not in texts
    assert admin.post("/export/ministry.xlsx", variant="khong").status_code == 400
    unknown = admin.post("/export/ministry.xlsx", variant="identifiable", round="1999")
    assert (unknown.status_code, "C106" in said(unknown)) == (404, True)


def test_a_situation_is_tried_without_being_kept(admin: Browser) -> None:
    admin.get("/law/try")
    good = admin.post("/law/try", reference_date="2026-10-10", birth_date="2013", job1_relation="employer")
    assert good.status_code == 200
    bad = admin.post("/law/try", reference_date="2026-10-10", birth_date="hôm qua")
    assert (bad.status_code, "P305" in said(bad)) == (400, True)


def test_an_address_takes_only_its_own_requests(admin: Browser) -> None:
    answer = admin.post("/children")
    assert (answer.status_code, "C202" in said(answer)) == (405, True)  # method_wrong
    assert "GET" in answer.headers["Allow"]


def test_what_was_not_foreseen_gets_a_number_and_tells_nothing_else(
    admin: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("hỏng")

    monkeypatch.setattr(counts, "visits", fail)
    answer = admin.get("/")
    assert (answer.status_code, "C203" in said(answer)) == (500, True)  # server_broken
    number = re.search(r"yêu cầu ([0-9a-f]{8})", said(answer))
    assert number
    assert number[1] in caplog.text
    assert "hỏng" not in said(answer)


def test_a_busy_database_is_not_called_broken(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise sqlalchemy.exc.OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr(overview.overview, "visits", busy)
    answer = admin.get("/")
    assert (answer.status_code, "C204" in said(answer)) == (503, True)  # server_busy


def test_a_page_that_is_not_there_is_told_to_strangers_too(office: Office) -> None:
    answer = stranger(office).get("/khong-co-trang-nay")
    assert (answer.status_code, "C201" in said(answer)) == (404, True)


def test_both_languages_have_the_same_words() -> None:
    vi, en = catalogue("vi"), catalogue("en")
    assert set(vi) == set(en)
    for key, text in vi.items():
        names = set(re.findall(r"\{(\w+)", text))
        assert names == set(re.findall(r"\{(\w+)", en[key])), key
        assert text.strip(), key


def test_no_word_is_said_twice_in_one_language() -> None:
    folder = Path(overview.__file__).parent / "words"
    for language in ("vi", "en"):
        keys = [
            f"{section}.{key}"
            for file in sorted((folder / language).iterdir())
            for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items()
            for key in entries
        ]
        assert len(keys) == len(set(keys))


def test_every_word_a_template_asks_for_exists() -> None:
    known = set(catalogue("vi"))
    templates = Path(overview.__file__).parent / "templates"
    for file in sorted(templates.iterdir()):
        for key in re.findall(
            r"""\bt\(["']([a-z_]+\.[a-z_0-9]+)["'][,)]""", file.read_text(encoding="utf-8")
        ):
            assert key in known, (file.name, key)


def test_a_long_name_on_the_map_stays_beside_its_dot() -> None:
    long = "Thôn Tập huấn Bản Nà Chuông Pác Luống Khuổi Mươi"
    places = (("05977.1", 21.80, 106.79), ("05977.2", 21.83, 106.70))
    since = date(2025, 7, 1)
    units = [
        Unit(code, long, "thon", "village", "05977", since, lat=lat, lon=lon) for code, lat, lon in places
    ]
    picture = place_map.draw(units, declared="05977.1", nearest=None, lat=None, lon=None, accuracy=None)
    assert picture
    (declared,) = [spot for spot in picture.villages if spot.declared]
    assert abs(declared.name_y - declared.y) < 25
