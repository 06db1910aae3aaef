"""The phone app's door: sign in, what to work with, forms and media; and the app's own files at ``/phone/``.

Bodies are strict marshmallow schemas with a protocol version, so that a newer phone is told and not lost.
Submissions go through the OpenRosa door with the token given here.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

from flask import Blueprint, Response, g, jsonify, request, send_from_directory
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from forms.problems import Problem
from server import credentials
from server.access.rules import Who
from server.address import part
from server.entrance import PHONE, entrance, now, open_to_all, settings, who
from server.flows import form_files, sign_in
from server.flows.places import gazetteer
from server.store import audit, people, rounds
from server.store.base import begin_writing, db
from server.store.people import Key, Person

PROTOCOL = 1
LARGEST_BODY = 64 * 1024
# The app makes these from what /phone/changes tells it: a change of one household must not move whole lists.
OWN_LISTS = ("household.csv", "child.csv")
DIST = Path(__file__).parent.parent / "phone" / "dist"

blueprint = Blueprint("phone", __name__, url_prefix="/phone/api")
static_blueprint = Blueprint("phone_app", __name__, url_prefix="/phone")


class Envelope(Schema):
    """What every body of this door carries."""

    class Meta:
        unknown = RAISE

    protocol = fields.Integer(required=True, strict=True)


class SignIn(Envelope):
    name = fields.String(validate=validate.Length(1, 200))
    password = fields.String(validate=validate.Length(1, 500))
    key = fields.String(validate=validate.Length(1, 200))
    device_id = fields.String(required=True, validate=validate.Length(1, 200))


class AreaOut(Schema):
    code = fields.String()
    name = fields.String()


class PersonOut(Schema):
    id = fields.String()
    name = fields.String()
    role = fields.String()
    area = fields.List(fields.Nested(AreaOut))


class SignedIn(Envelope):
    token = fields.String()
    server_time = fields.AwareDateTime(format="iso")
    person = fields.Nested(PersonOut)


class MediaOut(Schema):
    filename = fields.String()
    hash = fields.String()
    url = fields.String()


class FormOut(Schema):
    form_id = fields.String()
    version = fields.String()
    hash = fields.String()
    title = fields.String()
    url = fields.String()
    media = fields.List(fields.Nested(MediaOut))


class RoundOut(Schema):
    id = fields.String()
    name = fields.String()


class WorkOut(Envelope):
    person = fields.Nested(PersonOut)
    round = fields.Nested(RoundOut, allow_none=True)
    forms = fields.List(fields.Nested(FormOut))


def identify() -> tuple[Who, bool] | None:
    """The bearer token of a phone."""
    secret = credentials.bearer()
    return credentials.by_key(secret, ("phone",)) if secret else None


@blueprint.post("/sign-in")
@open_to_all("this is where a phone becomes known")
def start() -> Response:
    body = _body(SignIn())
    session = db.session()
    person = _signing_in(session, body)
    token = sign_in.start_session(
        session,
        person,
        "phone",
        now=now(),
        lasts=timedelta(days=settings().phone_days),
        device_id=body["device_id"],
    )
    answer = {
        "protocol": PROTOCOL,
        "token": token,
        "server_time": now(),
        "person": _person(people.who_is(session, person)),
    }
    session.commit()
    return jsonify(SignedIn().dump(answer))


@blueprint.post("/sign-out")
@entrance(None, by=(PHONE,))
def end() -> Response:
    _body(Envelope())
    session = db.session()
    begin_writing(session)
    key = session.get(Key, g.key_id)
    if key is not None:
        key.revoked_at = now()
        audit.tell(session, now=now(), person_id=who().id, action="sign_out.phone", subject=who().id)
    session.commit()
    return jsonify({"protocol": PROTOCOL})


@blueprint.get("/work")
@entrance("submit", by=(PHONE,))
def work() -> Response:
    """Everything the phone needs to go out: who one is, the round, the forms with their media."""
    session = db.session()
    current = rounds.open_round(session)
    answer = {
        "protocol": PROTOCOL,
        "person": _person(who()),
        "round": {"id": current.id, "name": current.name} if current else None,
        "forms": [
            _form(form)
            for form in (
                *form_files.offered(session, who(), now(), province=settings().province, without=OWN_LISTS),
                *form_files.drafts(session, who(), now(), province=settings().province, without=OWN_LISTS),
            )
        ],
    }
    credentials.note_contact()
    return _tagged(jsonify(WorkOut().dump(answer)))


@blueprint.get("/forms/<name:form_id>/<name:version>/form.xml")
@entrance("submit", by=(PHONE,))
def form_xml(form_id: str, version: str) -> Response:
    form = form_files.one(db.session(), form_id, version, who())
    return _tagged(Response(form.xform, content_type=form_files.xml_type(form.xform)))


@blueprint.get("/forms/<name:form_id>/<name:version>/media/<filename>")
@entrance("submit", by=(PHONE,))
def media(form_id: str, version: str, filename: str) -> Response:
    form = form_files.one(db.session(), form_id, version, who())
    for file in form_files.media(db.session(), form, who(), now(), province=settings().province):
        if file.filename == filename:
            return _tagged(Response(file.content, content_type=file.content_type))
    raise Problem("file_missing", name=filename)


@static_blueprint.get("/", defaults={"path": "index.html"})
@static_blueprint.get("/<path:path>")
@open_to_all("the app itself holds no data; signing in happens inside it")
def app_file(path: str) -> Response:
    """A file of the built app. A missing one is 404, never the start page."""
    try:
        answer = send_from_directory(DIST, path)
    except NotFound:
        raise Problem("file_missing", name=path.rsplit("/", 1)[-1]) from None
    fixed = path.startswith("assets/")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
    return answer


def _body(schema: Schema) -> dict[str, Any]:
    request.max_content_length = LARGEST_BODY
    try:
        raw = request.get_json(silent=True)
    except RecursionError:
        raw = None
    if b"\\u0000" in request.get_data():
        raise Problem("text_unspeakable")
    if not isinstance(raw, dict):
        raise Problem("request_malformed", fault="JSON")
    if raw.get("protocol") != PROTOCOL:
        raise Problem("protocol_unknown", protocol=str(raw.get("protocol"))[:20])
    try:
        loaded: dict[str, Any] = schema.load(raw)
    except ValidationError as error:
        _malformed(error)
    return loaded


def _signing_in(session: Session, body: dict[str, Any]) -> Person:
    """The person of a link or of name and password; the slow password check runs before the write lock."""
    if "key" in body:
        begin_writing(session)
        return sign_in.use_link(session, body["key"], now=now())
    if "name" not in body or "password" not in body:
        raise Problem("request_malformed", fault="name, password | key")
    person_id = credentials.checked_person(session, body["name"], body["password"]).id
    begin_writing(session)
    return session.get_one(Person, person_id)


def _malformed(error: ValidationError) -> NoReturn:
    names = sorted(error.messages) if isinstance(error.messages, dict) else []
    raise Problem("request_malformed", fault=", ".join(str(name)[:40] for name in names)) from None


def _person(person: Who) -> dict[str, Any]:
    places = gazetteer(db.session())
    today = now().astimezone(form_files.ZONE).date()
    names = {code: unit.name for code in person.area if (unit := places.find(code, on=today))}
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "area": [{"code": code, "name": names.get(code, code)} for code in person.area],
    }


def _form(form: form_files.Offered) -> dict[str, Any]:
    base = f"/phone/api/forms/{part(form.form_id)}/{part(form.version)}"
    return {
        "form_id": form.form_id,
        "version": form.version,
        "hash": form.hash,
        "title": form.title,
        "url": f"{base}/form.xml",
        "media": [
            {
                "filename": file.filename,
                "hash": file.hash,
                "url": f"{base}/media/{quote(file.filename, safe='')}",
            }
            for file in form.media
        ],
    }


def _tagged(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
