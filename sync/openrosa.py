"""The wire of OpenRosa 1.0: form list, manifest and the answer to a submission, as bytes.

Source: the OpenRosa form discovery, submission and metadata specifications, as ODK Collect and Enketo speak them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

VERSION = "1.0"
LIST_NS = "http://openrosa.org/xforms/xformsList"
MANIFEST_NS = "http://openrosa.org/xforms/xformsManifest"
RESPONSE_NS = "http://openrosa.org/http/response"
CONTENT_TYPE = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class ListedForm:
    form_id: str
    name: str
    version: str
    hash: str
    download_url: str
    manifest_url: str | None = None
    description: str = ""
    """Told only when the client asks for it (``verbose=true``)."""


@dataclass(frozen=True)
class MediaFile:
    filename: str
    hash: str
    download_url: str
    integrity_url: str | None = None


def form_list(forms: Iterable[ListedForm]) -> bytes:
    """The answer to ``GET formList``."""
    body = "".join(_listed(form) for form in forms)
    return _document(f'<xforms xmlns="{LIST_NS}">{body}</xforms>')


def manifest(files: Iterable[MediaFile]) -> bytes:
    """The answer to a form's manifest address; a file with ``integrity_url`` is an entity list."""
    body = "".join(_media(file) for file in files)
    return _document(f'<manifest xmlns="{MANIFEST_NS}">{body}</manifest>')


def integrity(entities: Iterable[tuple[str, bool]]) -> bytes:
    """The answer to an entity list's integrity address: which of the entities asked for are gone."""
    body = "".join(
        f"<entity id={quoteattr(entity_id)}><deleted>{str(gone).lower()}</deleted></entity>"
        for entity_id, gone in entities
    )
    return _document(f"<data><entities>{body}</entities></data>")


def response(message: str, nature: str = "") -> bytes:
    """``OpenRosaResponse`` with one message for the person at the phone."""
    mark = f" nature={quoteattr(nature)}" if nature else ""
    return _document(
        f'<OpenRosaResponse xmlns="{RESPONSE_NS}"><message{mark}>{escape(message)}</message></OpenRosaResponse>'
    )


def _listed(form: ListedForm) -> str:
    parts = [
        ("formID", form.form_id),
        ("name", form.name),
        ("version", form.version),
        ("hash", form.hash),
        ("downloadUrl", form.download_url),
    ]
    if form.description:
        parts.insert(4, ("descriptionText", form.description))
    if form.manifest_url:
        parts.append(("manifestUrl", form.manifest_url))
    return "<xform>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in parts) + "</xform>"


def _media(file: MediaFile) -> str:
    kind = ' type="entityList"' if file.integrity_url else ""
    integrity = f"<integrityUrl>{escape(file.integrity_url)}</integrityUrl>" if file.integrity_url else ""
    return (
        f"<mediaFile{kind}><filename>{escape(file.filename)}</filename><hash>{escape(file.hash)}</hash>"
        f"<downloadUrl>{escape(file.download_url)}</downloadUrl>{integrity}</mediaFile>"
    )


def _document(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()
