"""People: who works in the area, adding a collaborator and handing over what opens the phone, closing an account."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from forms.problems import Problem
from server.access.rules import ROLES, Role, may, may_add
from server.entrance import entrance, now, settings, who
from server.flows import people as flow
from server.flows import sign_in as sign_in_flow
from server.pages import qr
from server.pages.area import area, colleagues, reader, today
from server.pages.frame import say, words
from server.pages.listing import asked
from server.store import audit, people, records
from server.store.base import begin_writing, db
from server.store.people import Person
from sync.text import fold

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LISTED_ROLES = ("collaborator", "officer", "administrator")

blueprint = Blueprint("people", __name__, url_prefix="/people")


NOTHING = Markup("")


@dataclass(frozen=True)
class Entry:
    """A person as the list shows them."""

    person: Person
    area: tuple[str, ...]
    managed: bool


@dataclass(frozen=True)
class Handed:
    """What is shown once, to be handed over: each part only where it was made just now."""

    name: str
    password: str = ""
    phone_link: str = ""
    phone_code: Markup = NOTHING
    openrosa_url: str = ""
    collect_code: Markup = NOTHING


@blueprint.get("")
@entrance("see_records")
def index() -> str:
    text, role = asked("q"), asked("role", ROLES)
    removed = asked("removed") == "1"
    known = _entries()
    shown = [
        entry
        for entry in known
        if (removed or entry.person.removed_at is None)
        and (not role or entry.person.role == role)
        and (not text or fold(text) in fold(entry.person.name + " " + _area_names(entry.area)))
    ]
    return render_template(
        "people.html",
        place="people",
        entries=shown,
        hidden=sum(1 for entry in known if entry.person.removed_at is not None),
        text=text,
        role=role,
        roles=LISTED_ROLES,
        removed=removed,
        seen=people.last_contact(db.session()),
        area=area(),
        may_add_people=_may_add_someone(),
    )


@blueprint.get("/add")
@entrance("see_records")
def add() -> Response:
    _check_may_add()
    return _add_page()


@blueprint.post("/add")
@entrance("see_records")
def create() -> Response:
    """A new person; the page that answers is the only one that ever shows the password."""
    _check_may_add()
    name, role = request.form.get("name", ""), request.form.get("role", "collaborator")
    codes = _chosen_area()
    person = reader()
    begin_writing(db.session())
    try:
        added = flow.add_person(
            db.session(),
            name=name,
            role=role,
            area=codes,
            url=settings().url,
            now=now(),
            today=today(),
            by=person,
        )
    except Problem as problem:
        db.session().rollback()
        return _add_page(problem, name, role, codes)
    db.session().commit()
    handed = _handed(
        added.name, password=added.password, phone_link=added.phone_link, openrosa_url=added.openrosa_url
    )
    return _handed_page(handed, added.id, fresh=True)


@blueprint.get("/<person_id>")
@entrance("see_records")
def show(person_id: str) -> str:
    entry = _find(person_id)
    return render_template(
        "person.html",
        place="people",
        entry=entry,
        seen=people.last_contact(db.session()).get(entry.person.id),
        devices=records.devices_of(db.session(), entry.person.id, now()),
        area=area(),
        own=entry.person.id == who().id,
    )


@blueprint.post("/<person_id>/link")
@entrance("see_records")
def link(person_id: str) -> Response:
    """A new one-time way into the phone app."""
    person = _working(person_id)
    made = flow.phone_link(db.session(), person, settings().url, now())
    return _hand_out(person, "person.link", phone_link=made)


@blueprint.post("/<person_id>/collect")
@entrance("see_records")
def collect(person_id: str) -> Response:
    """A new address for ODK Collect; the ones handed out before go on working."""
    person = _working(person_id)
    made = flow.openrosa_url(db.session(), person, settings().url, now())
    return _hand_out(person, "person.collect", openrosa_url=made)


@blueprint.post("/<person_id>/password")
@entrance("see_records")
def password(person_id: str) -> Response:
    """A new one-time password; browsers that are signed in with the old one are not any more."""
    person = _working(person_id)
    secret = sign_in_flow.new_password()
    flow.set_password(db.session(), person, secret, once=True, by=who().id, now=now())
    people.revoke_keys(db.session(), person.id, now(), ("web",))
    return _hand_out(person, "", password=secret)


@blueprint.get("/<person_id>/remove")
@entrance("see_records")
def ask_remove(person_id: str) -> str:
    """Ask first, naming what will happen."""
    entry = _find(person_id)
    _check_removable(entry)
    return render_template(
        "person_remove.html",
        place="people",
        entry=entry,
        devices=records.devices_of(db.session(), entry.person.id, now()),
    )


@blueprint.post("/<person_id>/remove")
@entrance("see_records")
def remove(person_id: str) -> Response:
    _check_removable(_find(person_id))
    person = _managed(person_id)
    flow.remove_person(db.session(), person, by=who(), now=now())
    db.session().commit()
    say("people.removed_said")
    return redirect(url_for("people.show", person_id=person_id), 303)  # type: ignore[return-value]


@blueprint.post("/<person_id>/restore")
@entrance("see_records")
def restore(person_id: str) -> Response:
    person = _managed(person_id)
    flow.restore_person(db.session(), person, by=who(), now=now())
    db.session().commit()
    say("people.restored_said")
    return redirect(url_for("people.show", person_id=person_id), 303)  # type: ignore[return-value]


def _entries() -> list[Entry]:
    areas = people.areas(db.session())
    return [_entry(person, areas.get(person.id, ())) for person in colleagues()]


def _entry(person: Person, codes: tuple[str, ...]) -> Entry:
    managed = may_add(reader(), _role(person), codes)
    return Entry(person, codes, managed)


def _find(person_id: str) -> Entry:
    found = next((entry for entry in _entries() if entry.person.id == person_id), None)
    if found is None:
        raise Problem("page_unknown")
    return found


def _managed(person_id: str) -> Person:
    """The person, with the write lock held, if the reader may change them."""
    if not _find(person_id).managed:
        raise Problem("not_allowed")
    begin_writing(db.session())
    return db.session().get_one(Person, person_id)


def _working(person_id: str) -> Person:
    """The same, for someone whose account is open."""
    person = _managed(person_id)
    if person.removed_at is not None:
        raise Problem("person_removed")
    return person


def _check_removable(entry: Entry) -> None:
    if entry.person.id == who().id:
        raise Problem("own_account")
    if not entry.managed:
        raise Problem("not_allowed")


def _role(person: Person) -> Role:
    return person.role  # type: ignore[return-value]


def _may_add_someone() -> bool:
    return may(who(), "manage_people") or may(who(), "manage_collaborators")


def _check_may_add() -> None:
    if not _may_add_someone():
        raise Problem("not_allowed")


def _chosen_area() -> list[str]:
    """The codes ticked; a whole ward makes its single villages superfluous."""
    chosen = list(dict.fromkeys(request.form.getlist("area")))
    whole = {ward.code for ward, _ in area().wards} & set(chosen)
    inside = {village.code for ward, villages in area().wards if ward.code in whole for village in villages}
    return [code for code in chosen if code not in inside]


def _add_page(
    problem: Problem | None = None,
    name: str = "",
    role: str = "collaborator",
    chosen: list[str] | None = None,
) -> Response:
    roles = LISTED_ROLES if may(who(), "manage_people") else ("collaborator",)
    answer = make_response(
        render_template(
            "person_add.html",
            place="people",
            problem=problem,
            name=name,
            role=role,
            roles=roles,
            chosen=set(chosen or ()),
            area=area(),
            whole_wards=reader().everywhere or set(who().area),
        )
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer


def _hand_out(person: Person, action: str, **parts: str) -> Response:
    """Tell the audit log, commit, and show what was made."""
    name, person_id = person.name, person.id
    if action:
        audit.tell(db.session(), now=now(), person_id=who().id, action=action, subject=person_id)
    db.session().commit()
    return _handed_page(_handed(name, **parts), person_id, fresh=False)


def _handed(name: str, *, password: str = "", phone_link: str = "", openrosa_url: str = "") -> Handed:
    t = words()
    code = qr.picture(phone_link, t("people.phone_code")) if phone_link else Markup("")
    collect_code = collect_picture(openrosa_url, name) if openrosa_url else Markup("")
    return Handed(name, password, phone_link, code, openrosa_url, collect_code)


def collect_picture(openrosa_url: str, name: str, project: str = "Măng Non") -> Markup:
    """The code that sets up ODK Collect for this person."""
    text = qr.collect_settings(
        openrosa_url, project=project, person=name, admin_password=settings().collect_admin_password
    )
    return qr.picture(text, words()("people.collect_code"))


def _handed_page(handed: Handed, person_id: str, *, fresh: bool) -> Response:
    host = urlsplit(settings().url).hostname
    return make_response(
        render_template(
            "person_handed.html",
            place="people",
            handed=handed,
            person_id=person_id,
            fresh=fresh,
            only_here=host in LOOPBACK,
            secure=settings().secure,
            link_days=sign_in_flow.LINK_DAYS,
        )
    )


def _area_names(codes: tuple[str, ...]) -> str:
    return " ".join(area().name(code) for code in codes)
