"""The law on the officers' pages: a child's findings with facts and articles, what is missing, trying a situation."""

from __future__ import annotations

import io
import re
from html import unescape

import ls_cl
import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post
from werkzeug.test import TestResponse

from server.flows import rejudge
from server.store.base import begin_writing, db
from server.store.children import JudgementRow, Observation

VILLAGE = "05977.901"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def officer(office: Office) -> FlaskClient:
    """Signed in as the officer of the province."""
    return signed_in(office, "Cán Bộ Thử", "officer")


def signed_in(office: Office, name: str, role: str, *area: str) -> FlaskClient:
    added = office.add(name, role, *area)
    office.app.config["WTF_CSRF_ENABLED"] = False
    browser = office.app.test_client()
    assert browser.post("/sign-in", data={"name": name, "password": added.password}).status_code == 303
    browser.post(
        "/account/password", data={"old": added.password, "new": "mat-khau-moi-1", "again": "mat-khau-moi-1"}
    )
    return browser


def text_of(answer: TestResponse) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def observation(office: Office) -> tuple[str, str, str]:
    """Province, child and id of the only observation."""
    with office.app.app_context():
        row = db.session.scalars(sa.select(Observation)).one()
        return row.province_code, row.child_id, row.id


def interview(office: Office, client: FlaskClient, key_path: str, child: ls_cl.Child) -> str:
    from server.flows.derive import derive_waiting

    assert post(client, key_path, ls_cl.household([child], ward="05977", village=VILLAGE)).status_code in (
        201,
        202,
    )
    with office.app.app_context():
        assert derive_waiting(limit=10, now=office.clock()) == 1
    return observation(office)[1]


def test_a_child_page_tells_findings_articles_and_facts(
    office: Office, client: FlaskClient, key_path: str, officer: FlaskClient
) -> None:
    child_id = interview(office, client, key_path, ls_cl.overworked_child())
    page = text_of(officer.get(f"/children/{child_id}"))
    assert "Chưa đủ 15 tuổi làm quá 4 giờ trong một ngày" in page
    assert "khoản 1 Điều 146" in page
    assert "U15_DAY" in page
    assert "U15_WEEK" in page
    assert "5 giờ" in page
    assert "30 giờ" in page


def test_a_child_page_names_what_is_missing_and_the_question_that_settles_it(
    office: Office, client: FlaskClient, key_path: str, officer: FlaskClient
) -> None:
    job = ls_cl.job(hours=(3, None, 3, 3, 0, 0, 0))
    child_id = interview(
        office, client, key_path, ls_cl.child("Trẻ Năm", "1", (2012, 3, 4), grade="09", jobs=[job])
    )
    assert "Cần xem xét" in text_of(officer.get(f"/children/{child_id}"))
    page = officer.get(f"/children/{child_id}").text
    rows = re.findall(r"<tr>(.*?)</tr>", page, flags=re.S)
    (missing,) = [row for row in rows if "146" in row and "<td" in row]
    settled = re.findall(r"<td[^>]*><span>(.*?)</span></td>", missing, flags=re.S)[-1].strip()
    assert len(settled) > 5
    assert settled != "–"


def test_another_area_does_not_see_the_child(office: Office, client: FlaskClient, key_path: str) -> None:
    child_id = interview(office, client, key_path, ls_cl.overworked_child())
    stranger = signed_in(office, "Cán Bộ Nơi Khác", "officer", "05986")
    assert stranger.get(f"/children/{child_id}").status_code == 404
    province, _, found = observation(office)
    assert province
    answer = stranger.post(f"/children/{child_id}/observations/{found}/confirm", data={"class": "UNLAWFUL"})
    assert answer.status_code == 404


SITUATION = {
    "reference_date": "2026-10-04",
    "birth_date": "05/2012",
    "sex": "male",
    "in_school": "yes",
    "forced": "no",
    "exploited": "no",
    "works": "yes",
    "no_risks": "yes",
    "job1_relation": "employer",
    "job1_light_job": "none",
    "job1_places": "none",
    "job1_banned_jobs": "III-65",
    **{f"job1_hours_{day}": "2,5" for day in DAYS},
}


def test_trying_a_situation_tells_the_judgement(officer: FlaskClient) -> None:
    assert "Thử tình huống" in officer.get("/law/try").text
    answer = officer.post("/law/try", data=SITUATION)
    assert answer.status_code == 200
    page = text_of(answer)
    assert "Việc cấm: Nhặt, phân loại rác, phế liệu" in page
    assert "BANNED_JOB:III-65" in page
    assert "LIGHT_OFFLIST" in page
    assert "khoản 3 Điều 143" in page
    assert "mục 65 Phụ lục III" in page
    assert "SDG-8.7.1-EA" in page
    rows = [row for row in re.findall(r"<tr>(.*?)</tr>", answer.text, flags=re.S) if "Điều 144" in row]
    assert rows, "parental consent is missing and LC 144(3) needs it"
    assert "–</span>" not in rows[0]


def test_trying_keeps_what_was_typed_and_what_was_left_open(officer: FlaskClient) -> None:
    """A job whose employer is not known is a job all the same; and "works" alone is one unknown job."""
    vague = {key: value for key, value in SITUATION.items() if key != "job1_relation"}
    page = text_of(officer.post("/law/try", data=vague))
    assert "Cần xem xét" in page
    assert "khoản 1 Điều 2" in page
    works = {"reference_date": "2026-10-04", "birth_date": "2012", "works": "yes"}
    assert "khoản 1 Điều 2" in text_of(officer.post("/law/try", data=works))
    idle = {**SITUATION, "works": "no", "chores_hours": "0", "worked_12_months": "no"}
    assert "Không làm việc" in text_of(
        officer.post("/law/try", data=idle).text and officer.post("/law/try", data=idle)
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth_date", "31/02/2013"),
        ("birth_date", "13/2013"),
        ("birth_date", "hôm qua"),
        ("reference_date", ""),
        ("chores_hours", "200"),
        ("chores_hours", "vài giờ"),
        ("job1_hours_mon", "25"),
        ("job1_load_kg", "-1"),
    ],
)
def test_a_wrong_box_is_named(officer: FlaskClient, field: str, value: str) -> None:
    answer = officer.post("/law/try", data={**SITUATION, field: value})
    assert answer.status_code == 400
    assert "P305" in answer.text  # case_wrong


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"birth_date": "2027"}, "L107"), ({"reference_date": "2020-10-04"}, "L109"), ({"sex": "x"}, "L106")],
)
def test_what_the_engine_refuses_is_told_on_the_page(
    officer: FlaskClient, changes: dict[str, str], code: str
) -> None:
    answer = officer.post("/law/try", data={**SITUATION, **changes})
    assert answer.status_code >= 400
    assert code in answer.text


def test_trying_is_for_officers(office: Office) -> None:
    assert office.app.test_client().get("/law/try").status_code in (302, 303)
    assert signed_in(office, "Cộng Tác Viên Khác", "collaborator", "05977").get("/law/try").status_code == 403


def test_an_officer_confirms_changes_with_a_reason_or_takes_back(
    office: Office, client: FlaskClient, key_path: str, officer: FlaskClient
) -> None:
    child_id = interview(office, client, key_path, ls_cl.overworked_child())
    _, _, found = observation(office)
    address = f"/children/{child_id}/observations/{found}/confirm"
    refused = officer.post(address, data={"class": "LAWFUL"})
    assert refused.status_code == 400
    assert "L191" in refused.text  # reason_needed
    assert "L190" in officer.post(address, data={"class": "GOOD", "reason": "x"}).text  # class_unknown
    assert officer.post(f"/children/{child_id}/observations/khac/confirm", data={}).status_code == 404
    assert officer.post(address, data={"class": "UNLAWFUL"}).status_code == 303
    assert officer.post(address, data={"class": "HAZARDOUS", "reason": "Đã xem tận nơi"}).status_code == 303
    page = text_of(officer.get(f"/children/{child_id}"))
    assert "Đã xem tận nơi" in page
    assert page.count("Cán Bộ Thử") >= 2
    assert "U15_DAY" in page, "the machine's screening stays"
    assert officer.post(address, data={"take_back": "1"}).status_code == 400
    assert officer.post(address, data={"take_back": "1", "reason": "Nhầm trẻ"}).status_code == 303
    assert "Nhầm trẻ" in text_of(officer.get(f"/children/{child_id}"))


def test_the_export_carries_both_classes_who_when_and_why(
    office: Office, client: FlaskClient, key_path: str, officer: FlaskClient
) -> None:
    child_id = interview(office, client, key_path, ls_cl.overworked_child())
    _, _, found = observation(office)
    reason = "Đã xem hợp đồng tại chỗ"
    officer.post(
        f"/children/{child_id}/observations/{found}/confirm", data={"class": "HAZARDOUS", "reason": reason}
    )
    answer = officer.post("/export/ministry.xlsx", data={"variant": "identifiable", "round": "2026"})
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    told = {
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value
    }
    assert {"UNLAWFUL", "HAZARDOUS", "Cán Bộ Thử"} <= told
    assert any(reason in value for value in told)
    assert any(value.startswith("2026-11-24") for value in told)


def test_rejudging_lists_each_child_and_leaves_what_officers_decided(
    office: Office, client: FlaskClient, key_path: str, officer: FlaskClient
) -> None:
    child_id = interview(office, client, key_path, ls_cl.overworked_child())
    _, _, found = observation(office)
    officer.post(f"/children/{child_id}/observations/{found}/confirm", data={"class": "UNLAWFUL"})
    with office.app.app_context():
        begin_writing(db.session())
        row = db.session.scalars(sa.select(JudgementRow).where(JudgementRow.profile == "SDG-8.7.1-EA")).one()
        row.version, row.child_labour, row.result = "0", False, {**row.result, "child_labour": False}
        db.session.commit()
        said = rejudge.rejudge(now=office.clock(), dry_run=False).as_data()
    assert said["moves"] == [{"profile": "SDG-8.7.1-EA", "from": "False", "to": "True", "children": 1}]
    assert [(one["child"], one["from"], one["to"]) for one in said["children"]] == [(child_id, False, True)]
    assert "Cán Bộ Thử" in text_of(officer.get(f"/children/{child_id}"))
