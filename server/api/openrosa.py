"""The OpenRosa door: form list, form, manifest and media, and submissions, under ``/openrosa`` and ``/key/<token>``.

``/openrosa`` takes Basic (ODK Collect) or the phone app's bearer token; under ``/key`` the token in the path suffices.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, request

from forms.problems import Problem
from forms.read import Envelope
from server import credentials
from server.access.rules import Who
from server.address import part
from server.api.delivery import Delivery, Limits, Part, drain, too_large
from server.entrance import OPENROSA, PHONE, entrance, now, settings, who
from server.entrance import mark as entrance_mark
from server.flows import entity_lists, form_files
from server.flows.form_files import Offered
from server.flows.put_aside import put_aside
from server.flows.receive_submission import (
    Receipt,
    Sender,
    SentFile,
    check_form,
    open_envelope,
    receive,
)
from server.store.base import db
from sync import openrosa
from sync.openrosa import ListedForm, MediaFile
from sync.text import speakable

blueprint = Blueprint("openrosa", __name__)
DOORS = (OPENROSA, PHONE)


def identify() -> tuple[Who, bool] | None:
    """The key in the path wins; else Basic."""
    token = (request.view_args or {}).get("token")
    if token is not None:
        return credentials.by_key(token, ("openrosa",))
    return credentials.by_basic()


@blueprint.get("/openrosa/formList")
@blueprint.get("/key/<token>/formList")
@entrance("submit", by=DOORS)
def form_list(token: str | None = None) -> Response:
    """The forms of this person. While nothing is written to the database, an asked list is not made again."""
    base, asked = _base(token), request.args
    wanted, verbose = asked.get("formID"), _yes("verbose")
    every = _yes("listAllVersions")
    day = now().astimezone(form_files.ZONE).date()
    key = (who(), base, wanted, verbose, every, day)
    body = current_app.extensions["mangnon.lists"].get(
        key, entrance_mark(), lambda: _form_list(base, wanted, verbose=verbose, every=every)
    )
    credentials.note_contact()
    return _cached(body, openrosa.CONTENT_TYPE)


@blueprint.get("/openrosa/trial/formList")
@blueprint.get("/key/<token>/trial/formList")
@entrance("try_drafts", by=DOORS)
def trial_list(token: str | None = None) -> Response:
    """The drafts alone: ODK Collect keeps them in a project of their own, apart from the forms in force."""
    drafts = form_files.drafts(db.session(), who(), now(), province=settings().province)
    body = _listed(drafts, _base(token), request.args.get("formID"), verbose=_yes("verbose"))
    credentials.note_contact()
    return _cached(body, openrosa.CONTENT_TYPE)


def _form_list(base: str, wanted: str | None, *, verbose: bool, every: bool) -> bytes:
    offered = form_files.offered(db.session(), who(), now(), province=settings().province, all_versions=every)
    return _listed(offered, base, wanted, verbose=verbose)


def _listed(offered: list[Offered], base: str, wanted: str | None, *, verbose: bool) -> bytes:
    return openrosa.form_list(
        ListedForm(
            form.form_id,
            form.title,
            form.version,
            form.hash,
            f"{base}/forms/{part(form.form_id)}/{part(form.version)}/form.xml",
            f"{base}/forms/{part(form.form_id)}/{part(form.version)}/manifest" if form.media else None,
            _description(form) if verbose else "",
        )
        for form in offered
        if wanted in (None, form.form_id)
    )


def _description(form: form_files.Offered) -> str:
    day = form.published_at.astimezone(form_files.ZONE)
    return f"{form.title}. Phiên bản {form.version}, phát hành {day:%d/%m/%Y}. / Published {day:%Y-%m-%d}."


def _yes(name: str) -> bool:
    return request.args.get(name, "").strip().lower() in ("true", "1", "yes")


@blueprint.get("/openrosa/forms/<name:form_id>/<name:version>/form.xml")
@blueprint.get("/key/<token>/forms/<name:form_id>/<name:version>/form.xml")
@entrance("submit", by=DOORS)
def form_xml(form_id: str, version: str, token: str | None = None) -> Response:
    xform = form_files.one(db.session(), form_id, version, who()).xform
    return _cached(xform, form_files.xml_type(xform))


@blueprint.get("/openrosa/forms/<name:form_id>/<name:version>/manifest")
@blueprint.get("/key/<token>/forms/<name:form_id>/<name:version>/manifest")
@entrance("submit", by=DOORS)
def manifest(form_id: str, version: str, token: str | None = None) -> Response:
    form = form_files.one(db.session(), form_id, version, who())
    path = f"{_base(token)}/forms/{part(form_id)}/{part(version)}/media"
    files = [
        MediaFile(
            file.filename,
            file.hash,
            f"{path}/{quote(file.filename, safe='')}",
            f"{_base(token)}/entities/{quote(file.dataset, safe='')}" if file.dataset else None,
        )
        for file in form_files.media(db.session(), form, who(), now(), province=settings().province)
    ]
    return _cached(openrosa.manifest(files), openrosa.CONTENT_TYPE)


@blueprint.get("/openrosa/entities/<dataset>")
@blueprint.get("/key/<token>/entities/<dataset>")
@entrance("submit", by=DOORS)
def integrity(dataset: str, token: str | None = None) -> Response:
    """Which of the entities ``?id=a,b`` are gone from this person's list."""
    asked = speakable(request.args.get("id", ""))
    answer = entity_lists.gone(
        db.session(),
        settings().province,
        dataset,
        who(),
        asked,
        now().astimezone(form_files.ZONE).date(),
    )
    return _cached(openrosa.integrity(answer), openrosa.CONTENT_TYPE)


@blueprint.get("/openrosa/forms/<name:form_id>/<name:version>/media/<filename>")
@blueprint.get("/key/<token>/forms/<name:form_id>/<name:version>/media/<filename>")
@entrance("submit", by=DOORS)
def media(form_id: str, version: str, filename: str, token: str | None = None) -> Response:
    form = form_files.one(db.session(), form_id, version, who())
    for file in form_files.media(db.session(), form, who(), now(), province=settings().province):
        if file.filename == filename:
            return _cached(file.content, file.content_type)
    raise Problem("file_missing", name=filename)


@blueprint.route("/openrosa/submission", methods=["HEAD"])
@blueprint.route("/key/<token>/submission", methods=["HEAD"])
@blueprint.route("/openrosa/trial/submission", methods=["HEAD"])
@blueprint.route("/key/<token>/trial/submission", methods=["HEAD"])
@entrance("submit", by=DOORS, removed_too=True)
def may_submit(token: str | None = None) -> Response:
    """What a client asks before it sends: 204 and how much we take."""
    return Response(
        status=204,
        content_type=openrosa.CONTENT_TYPE,
        headers={"X-OpenRosa-Accept-Content-Length": str(settings().max_request)},
    )


@blueprint.post("/openrosa/submission")
@blueprint.post("/key/<token>/submission")
@blueprint.post("/openrosa/trial/submission")
@blueprint.post("/key/<token>/trial/submission")
@entrance("submit", by=DOORS, removed_too=True)
def submit(token: str | None = None) -> Response:
    """One delivery; 201 when new and whole, 202 when something is still to come, was had already, or waits."""
    if request.headers.get("X-OpenRosa-Version", "").split(".")[0] != "1":
        raise Problem("openrosa_version_missing")
    limits = Limits(settings().max_xml, settings().max_file, settings().max_request)
    delivery, sender = Delivery(limits), _sender()
    try:
        _read(delivery, limits)
        envelope = open_envelope(delivery.xml)
        receipt = receive(
            envelope,
            delivery.xml,
            _keep_files(envelope, delivery.files),
            sender,
            province=settings().province,
            now=now(),
            write=current_app.extensions["mangnon.writer"].write,
        )
    except Problem as refusal:
        g.put_aside = _put_aside(delivery.xml, refusal, sender)
        raise
    finally:
        delivery.close()
    credentials.note_contact()
    g.outcome = receipt.outcome
    return _receipt(receipt)


def _read(delivery: Delivery, limits: Limits) -> None:
    """Take the delivery in; the rest of a refused one is read away, up to what a request may hold."""
    length = request.content_length
    if length is not None and length > limits.request:
        raise too_large(limits.request)
    request.max_content_length = None  # the reader counts, also after unpacking
    try:
        delivery.read(request.stream, request.content_type or "", request.headers.get("Content-Encoding", ""))
    except Problem:
        drain(request.stream, limits.request)
        raise


def _keep_files(envelope: Envelope, parts: list[Part]) -> list[SentFile]:
    """The files, durably; only for a form that is known, so that nothing large is kept for nothing."""
    if not parts:
        return []
    session = db.session()
    check_form(session.connection(), envelope.form_id)
    session.rollback()
    blobs = current_app.extensions["mangnon.blobs"]
    return [SentFile(part.filename, blobs.put(part.open()), part.content_type) for part in parts]


def _put_aside(xml: bytes, refusal: Problem, sender: Sender) -> bool:
    """Keep what came of the interview for an officer. Whether it is kept is told in the answer."""
    if not xml and refusal.kind.name in ("submission_part_missing", "content_encoding_unknown"):
        return False
    bounds = settings().aside_count, settings().aside_bytes
    work = partial(
        put_aside, xml=xml, problem=refusal, sender=sender, now=now(), most=bounds[0], size=bounds[1]
    )
    kept: bool = current_app.extensions["mangnon.writer"].write(work)
    return kept


def _sender() -> Sender:
    device = speakable(request.args.get("deviceID") or getattr(g, "key_device", None) or "")
    return Sender(
        person_id=who().id,
        removed=g.removed,
        device_id=device[:200] or None,
        user_agent=speakable(request.user_agent.string or "")[:300] or None,
        device_time=speakable(request.headers.get("Date", ""))[:40] or None,
    )


def _receipt(receipt: Receipt) -> Response:
    texts = {
        "new": "Đã nhận phiếu. / Received.",
        "already_had": "Phiếu này đã được nhận từ trước. / Already received.",
        "edited": "Đã nhận bản sửa. / Correction received.",
        "conflict": "Đã nhận; khác với bản đã có nên cán bộ sẽ xem. / Received; it differs from the copy kept, "
        "an officer will decide.",
        "trial": "Đã nhận phiếu điền thử; không tính vào số liệu. / Received as a trial; it does not count.",
        "overtaken": "Đã nhận; bản sửa của phiếu này đã đến trước. / Received; a correction of it came earlier.",
        "quarantined": "Đã nhận và giữ riêng: tài khoản đã ngừng. / Received and kept apart: the account is closed.",
    }
    text = texts[receipt.outcome]
    if receipt.held:
        text += " Máy chủ chưa có phiên bản biểu mẫu này; phiếu được giữ. / This form version is not known yet; kept."
    if receipt.missing:
        text += f" Còn thiếu tệp: {', '.join(receipt.missing)}. / Files still to come."
    if receipt.unnamed:
        names = ", ".join(receipt.unnamed)
        text += f" Tệp không có trong phiếu nhưng vẫn được giữ: {names}. / Kept though no question names it."
    whole = receipt.outcome in ("new", "edited", "trial") and not receipt.missing and not receipt.held
    return Response(
        openrosa.response(text, f"submit_{receipt.outcome}"),
        status=201 if whole else 202,
        content_type=openrosa.CONTENT_TYPE,
    )


def _base(token: str | None) -> str:
    """Where this client reaches us: the outside address when one is set, else as it came."""
    root = settings().url if settings().url_given else request.host_url.rstrip("/")
    return root + (f"/key/{token}" if token else "/openrosa")


def _cached(content: bytes, content_type: str) -> Response:
    """An answer with its ETag; 304 when the client has it."""
    answer = Response(content, content_type=content_type)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
