"""An officer sees the own area and nothing of another; what lies outside does not exist."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from browser import Browser, said
from page_records import Records


def test_lists_and_counts_hold_the_own_area_only(
    records: Records, admin: Browser, officer_here: Browser
) -> None:
    for path in ("/submissions", "/children", "/"):
        assert "Nơi Khác" in said(admin.get(path)) or path == "/"
        assert "Nơi Khác" not in said(officer_here.get(path))
    assert "1 phiếu" in said(officer_here.get("/submissions"))
    assert "3 trẻ" in said(officer_here.get("/children"))
    assert "2 phiếu" in said(admin.get("/submissions"))
    assert "4 trẻ" in said(admin.get("/children"))
    overview = said(officer_here.get("/"))
    assert "Phường Đông Kinh" in overview
    assert "Thôn Tập huấn 4" not in overview


def test_a_filter_does_not_widen_the_area(officer_here: Browser) -> None:
    assert "0 phiếu" in said(officer_here.get("/submissions?ward=05983"))
    assert "0 phiếu" in said(officer_here.get("/submissions?q=Nơi+Khác"))
    assert "0 trẻ" in said(officer_here.get("/children?village=05983.901"))


@pytest.mark.parametrize("path", ["", "/submission.xml", "/files/a.jpg"])
def test_a_submission_outside_does_not_exist(records: Records, officer_here: Browser, path: str) -> None:
    answer = officer_here.get(f"/submissions/{records.there}{path}")
    assert (answer.status_code, "C201" in said(answer)) == (404, True)


def test_a_child_outside_does_not_exist_and_cannot_be_confirmed(
    records: Records, admin: Browser, officer_here: Browser
) -> None:
    there = f"/children/{records.child_there}"
    assert officer_here.get(there).status_code == 404
    page = admin.get(there).get_data(as_text=True)
    action = re.search(rf'action="({there}/observations/[^"]+/confirm)"', page)
    assert action is not None
    answer = officer_here.post(action[1], **{"class": "LAWFUL", "reason": "không được phép"})
    assert answer.status_code == 404
    assert "không được phép" not in said(admin.get(there))


def test_the_workbook_holds_the_own_area_only(
    records: Records, admin: Browser, officer_here: Browser
) -> None:
    def names(browser: Browser) -> set[str]:
        browser.get("/export")
        answer = browser.post("/export/ministry.xlsx", variant="identifiable")
        assert answer.status_code == 200
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["03_TreEm"]
        _, ids, *rows = sheet.iter_rows(values_only=True)
        return {row[ids.index("ho_ten")] for row in rows}

    assert names(officer_here) == {"Trẻ Một", "Trẻ Hai", "Trẻ Ba"}
    assert names(admin) == {"Trẻ Một", "Trẻ Hai", "Trẻ Ba", "Trẻ Nơi Khác"}


def test_an_officer_knows_the_people_of_the_own_area(
    records: Records, admin: Browser, officer_here: Browser
) -> None:
    office = records.office
    stranger = office.add("Người Phường Khác", "collaborator", "05983")
    assert "Người Phường Khác" not in said(officer_here.get("/people"))
    assert officer_here.get(f"/people/{stranger.id}").status_code == 404
    assert officer_here.post(f"/people/{stranger.id}/link").status_code == 404
    shared = office.people["Cộng Tác Viên Hai Phường"]
    assert officer_here.get(f"/people/{shared.id}").status_code == 200
    refused = officer_here.post(f"/people/{shared.id}/password")
    assert (refused.status_code, "P206" in said(refused)) == (
        403,
        True,
    )  # also works elsewhere: not theirs alone
    assert officer_here.get(f"/people/{shared.id}/remove").status_code == 403


def test_an_officer_adds_collaborators_in_the_own_area_only(officer_here: Browser) -> None:
    officer_here.get("/people/add")
    for form in (
        {"name": "Người Mới Một", "role": "collaborator", "area": "05983"},
        {"name": "Người Mới Hai", "role": "officer", "area": "05977"},
        {"name": "Người Mới Ba", "role": "administrator", "area": "05977"},
    ):
        answer = officer_here.post("/people/add", **form)
        assert (answer.status_code, "P206" in said(answer)) == (403, True), form
    assert (
        officer_here.post(
            "/people/add", name="Người Mới Bốn", role="collaborator", area="05977.902"
        ).status_code
        == 200
    )
    assert "Người Mới Bốn" in said(officer_here.get("/people"))
