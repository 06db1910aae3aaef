"""From a kept interview to households, children, jobs and findings; and back to the same tables by a rebuild."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from server.flows import derive as derive_flow
from server.flows.rebuild import rebuild_all
from server.store.base import Base, db

VILLAGE = "05977.901"


def table(office: Office, name: str) -> list[dict[str, object]]:
    with office.app.app_context():
        rows = db.session.execute(sa.select(Base.metadata.tables[name]))
        return [dict(row._mapping) for row in rows]


@pytest.fixture
def three(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """One household with a lawful, an overworked and an endangered child."""
    children = [ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child()]
    xml = ls_cl.household(children, ward="05977", village=VILLAGE)
    assert post(client, key_path, xml).status_code in (201, 202)
    assert derive() == 1
    return office


def test_one_household_three_children(three: Office) -> None:
    (household,) = table(three, "households")
    assert (household["ward_code"], household["village_code"]) == ("05977", VILLAGE)
    (visit,) = table(three, "visits")
    assert visit["round_id"] == "2026"
    classes = sorted(str(row["class"]) for row in table(three, "observations"))
    assert classes == ["HAZARDOUS", "LAWFUL", "UNLAWFUL"]
    assert {row["profile"] for row in table(three, "judgements")} >= {
        "VN-LC2019",
        "SDG-8.7.1-EA",
        "SDG-8.7.1-EA-HC",
    }
    assert all(row["articles"] for row in table(three, "findings"))


def test_a_derived_row_says_what_made_it(three: Office) -> None:
    (visit,) = table(three, "visits")
    assert set(visit["made_by"]) == {"form", "engine", "gazetteer"}  # type: ignore[call-overload]
    assert all(row["version"] and row["input_hash"] for row in table(three, "judgements"))


def test_rebuild_gives_the_same_tables(three: Office) -> None:
    with three.app.app_context():
        result = rebuild_all(check=True)
    assert (result.submissions, result.failed, result.same) == (1, 0, True)


def test_a_correction_replaces_what_the_first_gave(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    first = ls_cl.household([ls_cl.lawful_child(), ls_cl.overworked_child()], ward="05977", village=VILLAGE)
    post(client, key_path, first)
    derive()
    new = "uuid:99999999-0000-4000-8000-000000000000"
    old = first.split(b"instanceID>")[1].split(b"<")[0].decode()
    corrected = ls_cl.household(
        [ls_cl.lawful_child()], ward="05977", village=VILLAGE, instance_id=new, deprecated_id=old
    )
    assert post(client, key_path, corrected).status_code in (201, 202)
    derive()
    assert len(table(office, "observations")) == 1
    assert len(table(office, "children")) == 1
    assert len(table(office, "submissions")) == 2


def test_a_village_of_another_ward_is_kept_and_flagged(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    xml = ls_cl.household([ls_cl.lawful_child()], ward="05977", village="06187.901")
    assert post(client, key_path, xml).status_code in (201, 202)
    derive()
    (state,) = table(office, "derivations")
    assert state["state"] == "done"
    assert state["problem"]["name"] == "village_not_of_ward"  # type: ignore[index]
    assert len(table(office, "observations")) == 1


def test_an_unknown_ward_is_kept_and_flagged(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    post(client, key_path, ls_cl.household([], ward="99999", village="99999.001"))
    derive()
    (state,) = table(office, "derivations")
    assert state["problem"]["name"] == "ward_unknown"  # type: ignore[index]


def test_what_cannot_be_read_waits_for_a_person(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("server.flows.derive.work_out", broken)
    post(client, key_path, ls_cl.household([], ward="05977", village=VILLAGE))
    derive()
    (state,) = table(office, "derivations")
    assert (state["state"], state["problem"]["name"]) == ("failed", "derivation_failed")  # type: ignore[index]
    monkeypatch.undo()
    with office.app.app_context():
        assert rebuild_all().failed == 0


def test_what_the_database_refuses_waits_for_a_person_and_takes_nobody_with_it(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest, turns = derive_flow.work_out, iter((True, False))

    def without_household_id(*args: Any) -> Any:
        rows = honest(*args)
        if next(turns):
            rows.household["id"] = None
        return rows

    monkeypatch.setattr(derive_flow, "work_out", without_household_id)
    for number, child in enumerate((ls_cl.lawful_child(), ls_cl.overworked_child())):
        own = f"uuid:{number}9999999-0000-4000-8000-000000000000"
        post(client, key_path, ls_cl.household([child], ward="05977", village=VILLAGE, instance_id=own))
        office.clock.pass_(minutes=1)
    assert derive() == 2
    states = sorted(
        (str(row["state"]), (row["problem"] or {}).get("name")) for row in table(office, "derivations")
    )
    assert states == [("done", None), ("failed", "derivation_failed")]
    assert len(table(office, "observations")) == 1


def test_a_sibling_in_unlawful_work_is_a_risk(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    xml = ls_cl.household([ls_cl.overworked_child(), ls_cl.idle_child()], ward="05977", village=VILLAGE)
    post(client, key_path, xml)
    derive()
    cases = {str(row["class"]): row["case"] for row in table(office, "observations")}
    idle = next(case for name, case in cases.items() if name != "UNLAWFUL")
    assert "sibling_child_labour" in idle["risk_factors"]  # type: ignore[index,operator]


def test_healthz_tells_the_backlog(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    post(client, key_path, ls_cl.household([], ward="05977", village=VILLAGE))
    waiting = client.get("/healthz").json
    assert (waiting["derivation"]["waiting"], waiting["derivation"]["state"]) == (1, "behind")
    derive()
    assert client.get("/healthz").json["derivation"]["state"] == "up to date"
