"""After an intake the office finds by itself which children may stand twice, around what is new."""

from __future__ import annotations

from collections.abc import Callable

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from server.flows import doubles
from server.jobs import Matcher
from server.store.base import Base, begin_writing, db
from sync.people import link as linking

NAMES = ("Nông Văn Thử", "Hoàng Thị Tập", "Lý Văn Huấn", "Vi Thị Mẫu")


def candidates(office: Office) -> set[frozenset[str]]:
    table, children = Base.metadata.tables["link_candidates"], Base.metadata.tables["children"]
    with office.app.app_context():
        names = dict(db.session.execute(sa.select(children.c.id, children.c.name)).all())
        return {
            frozenset((names[row.a], names[row.b]))
            for row in db.session.execute(sa.select(table.c.a, table.c.b))
        }


@pytest.fixture
def send(office: Office, client: FlaskClient, derive: Callable[[], int]) -> Callable[..., None]:
    sender = office.add("Cộng Tác Viên Hai Phường", "collaborator", "05977", "05983")
    path = sender.openrosa_url.removeprefix("http://127.0.0.1:8000")

    def run(
        name: str, number: int, *, ward: str = "05977", birth: tuple[int, int, int] = (2012, 3, 4)
    ) -> None:
        child = ls_cl.child(name, "1", birth, grade="09")
        xml = ls_cl.household([child], ward=ward, village=f"{ward}.901", number=number)
        assert post(client, path, xml).status_code == 201
        office.clock.pass_(minutes=1)
        derive()

    return run


def test_a_double_is_found_after_the_intake_without_being_asked_for(
    office: Office, send: Callable[..., None]
) -> None:
    matcher = Matcher(office.app)
    send("Nông Văn Thử", 1)
    assert matcher.once() > 0
    assert candidates(office) == set()
    send("Nong Van Thu", 2)
    assert matcher.once() > 0
    assert candidates(office) == {frozenset(("Nông Văn Thử", "Nong Van Thu"))}
    assert matcher.once() == 0


def test_a_child_that_moved_to_another_ward_is_found_by_name_or_birthday(
    office: Office, send: Callable[..., None]
) -> None:
    send("Nông Văn Thử", 1)
    Matcher(office.app).once()
    send("Nông Văn Thử", 1, ward="05983")
    Matcher(office.app).once()
    assert candidates(office) == {frozenset(("Nông Văn Thử",))}


def test_it_finds_what_the_whole_search_finds(office: Office, send: Callable[..., None]) -> None:
    for number, name in enumerate(NAMES, start=1):
        send(name, number)
        send(name.replace("ă", "a"), number + 10)
    matcher = Matcher(office.app)
    while matcher.once():
        pass
    little_by_little = candidates(office)
    with office.app.app_context():
        found = doubles.search(db.session(), province="20")
        db.session.commit()
    assert candidates(office) == little_by_little
    assert found == 4


def test_a_corrected_name_takes_its_pair_away(
    office: Office, client: FlaskClient, send: Callable[..., None]
) -> None:
    send("Nông Văn Thử", 1)
    send("Nông Văn Thử", 2)
    Matcher(office.app).once()
    assert len(candidates(office)) == 1
    children = Base.metadata.tables["children"]
    log = Base.metadata.tables["entity_log"]
    with office.app.app_context():
        begin_writing(db.session())
        one = db.session.scalar(sa.select(sa.func.min(children.c.id)))
        changed = {"name": "Hoàng Thị Khác", "name_key": "hoang thi khac", "birth": "2016-09-09"}
        db.session.execute(sa.update(children).where(children.c.id == one).values(**changed))
        db.session.execute(sa.insert(log).values(province_code="20", kind="child", entity_id=one))
        db.session.commit()
    Matcher(office.app).once()
    assert candidates(office) == set()


def test_it_waits_while_interviews_wait(office: Office, client: FlaskClient, key_path: str) -> None:
    child = ls_cl.child("Nông Văn Thử", "1", (2012, 3, 4), grade="09")
    assert (
        post(client, key_path, ls_cl.household([child], ward="05977", village="05977.901")).status_code == 201
    )
    assert Matcher(office.app).once() == 0


def test_a_large_intake_is_done_in_steps(office: Office, send: Callable[..., None]) -> None:
    send("Nông Văn Thử", 1)
    send("Nông Văn Thử", 2)
    steps = 0
    with office.app.app_context():
        while doubles.refresh(db.session(), province="20", limit=2):
            steps += 1
    assert steps >= 2
    assert len(candidates(office)) == 1


def test_the_write_lock_is_not_held_while_comparing(
    office: Office, send: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Phones are received while it compares: another writer gets through in the midst of it."""
    send("Nông Văn Thử", 1)
    real, got = linking.link, []

    def meanwhile(*given: object, **named: object) -> object:
        with db.engine.connect() as other:
            other = other.execution_options(immediate=True)
            with other.begin():
                other.execute(sa.update(Base.metadata.tables["rounds"]).values(name="Viết được"))
                got.append(True)
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(linking, "link", meanwhile)
    assert Matcher(office.app).once() > 0
    assert got == [True]
