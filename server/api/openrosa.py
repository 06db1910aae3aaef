"""The OpenRosa door: form list, form, manifest and media, and submissions, under ``/openrosa`` and ``/key/<token>``.

``/openrosa`` takes Basic (ODK Collect) or the phone app's bearer token; under ``/key`` the token in the path suffices.
"""

from __future__ import annotations

import tempfile
from functools import partial
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Request, Response, current_app, g, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from forms.problems import Problem
from server import credentials
from server.access.rules import Who
from server.entrance import OPENROSA, PHONE, entrance, now, settings, who
from server.flows import form_files
from server.flows.form_files import Offered
from server.flows.receive_submission import Receipt, Sender, SentFile, put_aside, receive
from server.store.base import db
from sync import openrosa
from sync.openrosa import ListedForm, MediaFile

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

blueprint = Blueprint("openrosa", __name__)
XML_PART = "xml_submission_file"
DOORS = (OPENROSA, PHONE)
SPOOL = 512 * 1024


class BoundedFile:
    """A spooled file that refuses to grow past its limit, so that oversize is caught while streaming."""

    def __init__(self, limit: int) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - werkzeug closes it
        self._left, self._limit = limit, limit

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            self.close()
            raise Problem("too_large", limit_mb=self._limit // (1024 * 1024))
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class BoundedRequest(Request):
    """A request whose uploaded parts are bounded one by one: XML by one limit, other files by another.

    It remembers the parts it has opened: where reading stops half-way, nobody else knows of them to close them.
    """

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        super().__init__(environ, populate_request, shallow)
        self._opened: list[BoundedFile] = []

    def close(self) -> None:
        super().close()
        for file in self._opened:
            file.close()

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        limits = settings()
        is_xml = (content_type or "").split(";")[0].strip() in ("text/xml", "application/xml")
        file = BoundedFile(limits.max_xml if is_xml else limits.max_file)
        self._opened.append(file)
        return file  # type: ignore[return-value]


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
    offered = form_files.offered(
        db.session(), who(), now(), all_versions=request.args.get("listAllVersions") == "true"
    )
    return _list(offered, token)


@blueprint.get("/openrosa/trial/formList")
@blueprint.get("/key/<token>/trial/formList")
@entrance("try_drafts", by=DOORS)
def trial_list(token: str | None = None) -> Response:
    """The drafts alone: ODK Collect keeps them in a project of their own, apart from the forms in force."""
    return _list(form_files.drafts(db.session(), who(), now()), token)


def _list(offered: list[Offered], token: str | None) -> Response:
    wanted = request.args.get("formID")
    base = _base(token)
    listed = [
        ListedForm(
            form.form_id,
            form.title,
            form.version,
            form.hash,
            f"{base}/forms/{quote(form.form_id, safe='')}/{quote(form.version, safe='')}/form.xml",
            f"{base}/forms/{quote(form.form_id, safe='')}/{quote(form.version, safe='')}/manifest"
            if form.media
            else None,
        )
        for form in offered
        if wanted in (None, form.form_id)
    ]
    credentials.note_contact()
    return _cached(openrosa.form_list(listed), openrosa.CONTENT_TYPE)


@blueprint.get("/openrosa/forms/<form_id>/<version>/form.xml")
@blueprint.get("/key/<token>/forms/<form_id>/<version>/form.xml")
@entrance("submit", by=DOORS)
def form_xml(form_id: str, version: str, token: str | None = None) -> Response:
    return _cached(form_files.one(db.session(), form_id, version, who()).xform, openrosa.CONTENT_TYPE)


@blueprint.get("/openrosa/forms/<form_id>/<version>/manifest")
@blueprint.get("/key/<token>/forms/<form_id>/<version>/manifest")
@entrance("submit", by=DOORS)
def manifest(form_id: str, version: str, token: str | None = None) -> Response:
    form = form_files.one(db.session(), form_id, version, who())
    path = f"{_base(token)}/forms/{quote(form_id, safe='')}/{quote(version, safe='')}/media"
    files = [
        MediaFile(file.filename, file.hash, f"{path}/{quote(file.filename, safe='')}")
        for file in form_files.media(db.session(), form, who(), now())
    ]
    return _cached(openrosa.manifest(files), openrosa.CONTENT_TYPE)


@blueprint.get("/openrosa/forms/<form_id>/<version>/media/<filename>")
@blueprint.get("/key/<token>/forms/<form_id>/<version>/media/<filename>")
@entrance("submit", by=DOORS)
def media(form_id: str, version: str, filename: str, token: str | None = None) -> Response:
    form = form_files.one(db.session(), form_id, version, who())
    for file in form_files.media(db.session(), form, who(), now()):
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
    return Response(status=204, headers={"X-OpenRosa-Accept-Content-Length": str(settings().max_request)})


@blueprint.post("/openrosa/submission")
@blueprint.post("/key/<token>/submission")
@blueprint.post("/openrosa/trial/submission")
@blueprint.post("/key/<token>/trial/submission")
@entrance("submit", by=DOORS, removed_too=True)
def submit(token: str | None = None) -> Response:
    """One delivery; 201 when new and whole, 202 when something is still to come, was had already, or waits."""
    if request.headers.get("X-OpenRosa-Version", "").split(".")[0] != "1":
        raise Problem("openrosa_version_missing")
    sender = _sender()
    xml = _xml_part()
    writer, blobs = current_app.extensions["mangnon.writer"], current_app.extensions["mangnon.blobs"]
    try:
        files = [
            SentFile(
                file.filename or name, blobs.put(file.stream), file.mimetype or "application/octet-stream"
            )
            for name, file in _other_parts()
        ]
        receipt = receive(xml, files, sender, province=settings().province, now=now(), write=writer.write)
    except Problem as refusal:
        aside = partial(put_aside, xml=xml, problem=refusal, sender=sender, now=now())
        writer.write(aside)
        raise
    credentials.note_contact()
    g.outcome = receipt.outcome
    return _receipt(receipt)


def _xml_part() -> bytes:
    try:
        part = request.files.get(XML_PART)
    except RequestEntityTooLarge:
        raise Problem("too_large", limit_mb=settings().max_request // (1024 * 1024)) from None
    if part is None:
        raise Problem("submission_part_missing")
    content = part.stream.read()
    if len(content) > settings().max_xml:
        raise Problem("too_large", limit_mb=settings().max_xml // (1024 * 1024))
    return content


def _other_parts() -> list[tuple[str, FileStorage]]:
    return [(name, file) for name, file in request.files.items(multi=True) if name != XML_PART]


def _sender() -> Sender:
    return Sender(
        person_id=who().id,
        removed=g.removed,
        device_id=(request.args.get("deviceID") or getattr(g, "key_device", None) or "")[:200] or None,
        user_agent=(request.user_agent.string or "")[:300] or None,
        device_time=request.headers.get("Date", "")[:40] or None,
    )


def _receipt(receipt: Receipt) -> Response:
    texts = {
        "new": "Đã nhận phiếu. / Received.",
        "already_had": "Phiếu này đã được nhận từ trước. / Already received.",
        "edited": "Đã nhận bản sửa. / Correction received.",
        "conflict": "Đã nhận; khác với bản đã có nên cán bộ sẽ xem. / Received; it differs from the copy kept, "
        "an officer will decide.",
        "trial": "Đã nhận phiếu điền thử; không tính vào số liệu. / Received as a trial; it does not count.",
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
