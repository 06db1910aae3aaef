"""Running the office's server: metrics, logs as JSON, and the nightly restore drill with its result on a page."""

from __future__ import annotations

import io
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from kept import publish_small, receive_every_kind
from office import Office
from small_form import interview, post

from server import jobs, logs
from server.flows.drill import is_due
from server.store import drills
from server.store.base import db


def values(client: FlaskClient, **headers: str) -> dict[str, float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_metrics_count_deliveries_backlog_time_and_attachments(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    receive_every_kind(office, client, key_path)
    post(client, key_path, interview(3))
    told = values(client)
    outcomes = {name: value for name, value in told.items() if name.startswith("mangnon_submissions_total")}
    assert outcomes == {
        f'mangnon_submissions_total{{outcome="{word}"}}': count
        for word, count in {"new": 2, "edited": 1, "conflict": 1, "refused": 1, "already_had": 1}.items()
    }
    assert told['mangnon_derivations{state="waiting"}'] == 4
    assert told["mangnon_attachments"] == 2
    assert told["mangnon_attachment_bytes"] == 2 * len(b"\xff\xd8\xff\xe0 a photo")
    route = 'route="openrosa.submit"'
    assert told[f"mangnon_request_seconds_count{{{route}}}"] == 6
    assert told[f'mangnon_request_seconds_bucket{{{route},le="+Inf"}}'] == 6
    assert told[f'mangnon_answers_total{{{route},status="400"}}'] == 1
    text = client.get("/metrics").text
    assert "Cộng Tác Viên" not in text
    assert "/key/" not in text


def test_metrics_may_be_closed(office: Office, client: FlaskClient) -> None:
    office.app.config["SETTINGS"] = replace(office.app.config["SETTINGS"], metrics_token="mot-ma-du-dai-123")
    refused = client.get("/metrics")
    assert refused.status_code == 401
    assert refused.json["problem"]["code"] == "O114"  # metrics_closed
    assert client.get("/metrics", headers={"Authorization": "Bearer khong-phai"}).status_code == 401
    assert values(client, Authorization="Bearer mot-ma-du-dai-123")


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    own = logging.getLogger("mangnon")
    before = own.handlers[:], own.level, own.propagate
    yield io.StringIO()
    own.handlers[:], own.level, own.propagate = before[0], before[1], before[2]


def test_logs_are_json_without_anything_personal(
    office: Office, client: FlaskClient, key_path: str, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_small(office)
    logs.start(replace(office.app.config["SETTINGS"], log_json=True), told)
    post(client, key_path, interview(answer="Nguyễn Thị Bịa"))
    client.get("/children?q=Nguyễn+Thị+Bịa")

    def broken(*_args: object, **_named: object) -> None:
        raise ValueError("Nguyễn Thị Bịa")

    monkeypatch.setattr("server.api.openrosa.receive", broken)
    assert post(client, key_path, interview(5)).status_code == 500
    lines = [json.loads(line) for line in told.getvalue().splitlines()]
    answered = [line for line in lines if line["event"] == "answered"]
    assert (answered[0]["route"], answered[0]["status"], answered[0]["method"]) == (
        "openrosa.submit",
        201,
        "POST",
    )
    assert (answered[-1]["status"], answered[-1]["problem"]) == (500, "server_broken")
    assert any(line.get("error") == "ValueError" and line["trace"] for line in lines)
    assert all({"time", "level", "logger", "event"} <= set(line) for line in lines)
    for private in ("Bịa", key_path.rsplit("/", 1)[1], "Cộng Tác Viên"):
        assert private not in told.getvalue()


def at(day: int, hour: int) -> datetime:
    """An hour in Vietnam, as UTC."""
    return datetime(2026, 11, day, hour, 30, tzinfo=UTC).replace(hour=(hour - 7) % 24, day=day - (hour < 7))


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (at(25, 3), None, True),
        (at(25, 3), at(24, 3), True),
        (at(25, 8), at(24, 9), True),  # the machine slept at night
        (at(25, 1), at(24, 3), False),
        (at(25, 3), at(25, 2), False),
    ],
)
def test_when_a_drill_is_due(now: datetime, last: datetime | None, due: bool) -> None:
    assert is_due(now, last, 2) is due


def drill(office: Office) -> drills.Drill | None:
    with office.app.app_context():
        jobs.Nightly(office.app).once()
        found = drills.latest(db.session(), office.clock())
        if found is not None:
            db.session.expunge(found)
        return found


def test_the_nightly_drill_restores_and_says_so(
    office: Office, client: FlaskClient, key_path: str, tmp_path: Path
) -> None:
    receive_every_kind(office, client, key_path)
    done = drill(office)
    assert done is not None
    assert (done.problem, done.submissions, done.attachments) == (None, 4, 1)
    assert not list((tmp_path / "data").glob(".drill*"))
    again = drill(office)
    assert again is not None
    assert again.id == done.id
    office.clock.pass_(days=1)
    (photo,) = (tmp_path / "data" / "attachments").glob("[0-9a-f][0-9a-f]/*")
    photo.write_bytes(b"other")
    failed = drill(office)
    assert failed is not None
    assert failed.id != done.id
    assert failed.problem["name"] == "backup_damaged"
    assert "KHÔNG đạt" in page(office)
    assert "O105" in page(office)


def test_a_drill_never_fills_the_disk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1000))
    done = drill(office)
    assert done is not None
    assert done.problem["name"] == "drill_no_room"
    assert "O115" in page(office)


def page(office: Office) -> str:
    """The page of the system's state as its template makes it."""
    from server.pages import admin

    with office.app.test_request_context("/admin/system"):
        return admin.system()


def test_the_page_tells_of_the_drill(office: Office) -> None:
    assert "chưa thử lần nào" in page(office)
    drill(office)
    assert "0 phiếu" in page(office)
