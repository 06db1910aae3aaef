"""Who is who: the search, an officer's word, taking it back, two phones on one child; and rebuild keeps all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from forms.problems import Problem
from server.access.rules import Who
from server.flows import doubles, same_child
from server.flows.rebuild import rebuild_all
from server.pages.words import catalogue
from server.store import same_child as store
from server.store.base import Base, begin_writing, db
from sync.people import score

VILLAGE, OTHER = "05977.901", "05977.902"
OFFICER = Who("", "Cán Bộ Thử", "administrator")


def table(office: Office, name: str) -> list[dict[str, Any]]:
    with office.app.app_context():
        made = Base.metadata.tables[name]
        rows = db.session.execute(sa.select(made).order_by(*made.primary_key.columns))
        return [dict(row._mapping) for row in rows]


def act(office: Office, what: Callable[..., Any], **details: Any) -> Any:
    with office.app.app_context():
        begin_writing(db.session())
        if what is not doubles.search:
            officer = db.session.execute(sa.select(Base.metadata.tables["people"].c.id)).scalars().first()
            details |= {"by": Who(str(officer), "Thử", "administrator"), "now": office.clock()}
        found = what(db.session(), province="20", **details)
        db.session.commit()
        return found


def digest_is_kept(office: Office) -> bool:
    with office.app.app_context():
        return bool(rebuild_all(check=True).same)


@pytest.fixture
def twice(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """One child interviewed in two households: it moved between the visits."""
    child = ls_cl.child("Nông Văn Thử", "1", (2012, 3, 4), grade="09")
    bare = ls_cl.child("Nong Van Thu", "1", (2012, 3, 4), grade="09")
    post(client, key_path, ls_cl.household([child, ls_cl.idle_child()], ward="05977", village=VILLAGE))
    office.clock.pass_(days=1)
    post(client, key_path, ls_cl.household([bare], ward="05977", village=OTHER, number=7))
    assert derive() == 2
    return office


def pair(office: Office) -> tuple[str, str]:
    a, b = (row["id"] for row in table(office, "children") if row["name_key"] == "nong van thu")
    return a, b


def test_the_double_is_found_and_only_it(twice: Office) -> None:
    assert act(twice, doubles.search) == 1
    (found,) = table(twice, "link_candidates")
    assert (found["a"], found["b"]) == pair(twice)
    assert "birth.same" in found["reasons"]
    with twice.app.app_context():
        (shown,) = store.candidates(db.session(), OFFICER, "20")
        assert shown.a.child.name_key == shown.b.child.name_key
        stranger = Who("x", "Xa", "officer", ("06187",))
        assert store.candidates(db.session(), stranger, "20") == []


def test_joining_parting_and_taking_back(twice: Office) -> None:
    a, b = pair(twice)
    act(twice, doubles.search)
    act(twice, same_child.decide_pair, a=b, b=a, verdict="same")
    assert {row["same_as"] for row in table(twice, "children") if row["id"] in (a, b)} == {a}
    assert digest_is_kept(twice)
    twice.clock.pass_(minutes=1)
    act(twice, same_child.decide_pair, a=a, b=b, verdict="undone")
    assert all(row["same_as"] == row["id"] for row in table(twice, "children"))
    twice.clock.pass_(minutes=1)
    act(twice, same_child.decide_pair, a=a, b=b, verdict="different")
    with twice.app.app_context():
        assert store.candidates(db.session(), OFFICER, "20") == []
        assert [one.verdict for one in store.decided(db.session(), OFFICER, "20")] == ["different"]
    assert len(table(twice, "link_decisions")) == 3
    assert digest_is_kept(twice)


def test_what_was_never_decided_cannot_be_taken_back(twice: Office) -> None:
    a, b = pair(twice)
    with pytest.raises(Problem) as told:
        act(twice, same_child.decide_pair, a=a, b=b, verdict="undone")
    assert told.value.kind.code == "R104"
    with pytest.raises(Problem) as told:
        act(twice, same_child.decide_pair, a=a, b=a, verdict="same")
    assert told.value.kind.code == "R103"


def test_a_child_outside_the_area_does_not_exist(twice: Office) -> None:
    a, b = pair(twice)
    by = Who("x", "Xa", "officer", ("06187",))
    with twice.app.app_context(), pytest.raises(Problem) as told:
        same_child.decide_pair(
            db.session(), province="20", a=a, b=b, verdict="same", by=by, now=twice.clock()
        )
    assert told.value.kind.name == "page_unknown"


def test_joined_children_are_one_line() -> None:
    from server.store.identity_events import groups

    assert groups([("b", "c"), ("a", "b"), ("x", "y")]) == {"a": "a", "b": "a", "c": "a", "x": "x", "y": "x"}


def follow_up(key: int, name: str, birth: tuple[int, int, int], base: str) -> bytes:
    """A later visit to the same household that updates what the phone was shown as version ``base``."""
    child = ls_cl.child(name, "1", birth, grade="09")
    xml = ls_cl.household(
        [child], ward="05977", village=VILLAGE, instance_id=f"uuid:0000000{key}-0000-4000-8000-000000000000"
    )
    return xml.replace(b'create="true" update="false"', f'update="1" {base}'.encode())


@pytest.fixture
def clash(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """Two phones were shown version 1; one corrects the birth date, the other corrects it otherwise, and the name."""
    first = ls_cl.child("Trẻ Thử", "1", (2012, 3, 4), grade="09")
    post(client, key_path, ls_cl.household([first], ward="05977", village=VILLAGE))
    for key, name, birth in ((1, "Trẻ Thử", (2012, 4, 3)), (2, "Trẻ Thử Mẫu", (2013, 3, 4))):
        office.clock.pass_(minutes=1)
        post(client, key_path, follow_up(key, name, birth, 'baseVersion="1"'))
    assert derive() == 3
    return office


def the_child(office: Office) -> dict[str, Any]:
    (child,) = table(office, "children")
    return child


def test_two_phones_keep_what_agrees_and_ask_for_the_rest(clash: Office) -> None:
    child = the_child(clash)
    assert (child["name"], child["birth"], child["version"]) == ("Trẻ Thử Mẫu", "2012-03-04", 3)
    assert [value for _, value in child["conflicts"]["birth"]] in (
        ["2012-04-03", "2013-03-04"],
        ["2013-03-04", "2012-04-03"],
    )
    assert digest_is_kept(clash)


def test_an_officer_chooses_and_takes_it_back(clash: Office) -> None:
    child = the_child(clash)
    edit = next(key for key, value in child["conflicts"]["birth"] if value == "2013-03-04")
    about = {"kind": "child", "entity_id": child["id"], "field": "birth"}
    clash.clock.pass_(minutes=1)
    act(clash, same_child.choose_value, **about, edit_id=edit)
    assert (the_child(clash)["birth"], the_child(clash)["conflicts"]) == ("2013-03-04", None)
    assert digest_is_kept(clash)
    with pytest.raises(Problem) as told:
        act(clash, same_child.choose_value, **about, edit_id=edit)
    assert told.value.kind.code == "R105"
    clash.clock.pass_(minutes=1)
    act(clash, same_child.take_back_choice, **about)
    assert set(the_child(clash)["conflicts"]) == {"birth"}
    with pytest.raises(Problem) as told:
        act(clash, same_child.take_back_choice, **about)
    assert told.value.kind.code == "R104"
    assert digest_is_kept(clash)


def test_the_one_who_saw_it_replaces(clash: Office, client: FlaskClient, key_path: str, derive: Any) -> None:
    clash.clock.pass_(minutes=1)
    post(client, key_path, follow_up(3, "Trẻ Thử Mẫu", (2011, 1, 2), 'baseVersion="3"'))
    derive()
    assert (the_child(clash)["birth"], the_child(clash)["conflicts"]) == ("2011-01-02", None)


def test_pages(clash: Office, client: FlaskClient) -> None:
    clash.app.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/same-child").status_code == 302
    sign_in(clash, client)
    page = client.get("/same-child").get_data(as_text=True)
    assert "Hai máy ghi khác nhau" in page
    assert "2013-03-04" in page
    child = the_child(clash)
    assert "Hai điện thoại ghi khác nhau" in client.get(f"/children/{child['id']}").get_data(as_text=True)
    edit = child["conflicts"]["birth"][0][0]
    sent = {"kind": "child", "id": child["id"], "field": "birth", "edit": edit}
    assert client.post("/same-child/choose", data=sent).status_code == 303
    assert the_child(clash)["conflicts"] is None
    assert "Bỏ quyết định" in client.get("/same-child").get_data(as_text=True)
    assert client.post("/same-child/choose", data={**sent, "take_back": "1"}).status_code == 303
    assert the_child(clash)["conflicts"]
    assert client.post("/same-child/search").status_code == 303
    assert client.post("/same-child/decide", data={"verdict": "?"}).status_code == 400


def sign_in(office: Office, client: FlaskClient) -> None:
    with office.app.app_context():
        people = Base.metadata.tables["people"]
        db.session.execute(sa.update(people).values(password_once=False))
        db.session.commit()
    client.post("/sign-in", data={"name": "Quản trị", "password": "mat-khau-thu"})


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_reason_has_its_words(language: Any) -> None:
    words = catalogue(language)
    levels = {*score.NAME, *score.BIRTH, *score.NUMBER, *score.PARENT}
    places = {"ward_same", "ward_differs", "village_same", "village_differs"}
    assert {level for level in levels | places if f"reason_how.{level}" not in words} == set()
    assert {"name", "birth", "sex", "personal_id", "mother", "father", "place"} <= {
        key.removeprefix("reason_what.") for key in words
    }


def test_the_page_joins_two_records_into_one_line(twice: Office, client: FlaskClient) -> None:
    twice.app.config["WTF_CSRF_ENABLED"] = False
    sign_in(twice, client)
    client.post("/same-child/search")
    page = client.get("/same-child").get_data(as_text=True)
    assert "Là một trẻ" in page
    assert "giống, một bên không dấu" in page
    a, b = pair(twice)
    assert client.post("/same-child/decide", data={"a": a, "b": b, "verdict": "same"}).status_code == 303
    decided = client.get("/same-child").get_data(as_text=True)
    assert "Bỏ quyết định" in decided
    for child_id in (a, b):
        assert "Qua các đợt" in client.get(f"/children/{child_id}").get_data(as_text=True)
