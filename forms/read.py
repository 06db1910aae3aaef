"""A submission's XML becomes a record: typed answers by path, repeats as rows, entities, named files.

``read_envelope`` needs no form and is what intake pays for each submission; ``read_submission`` needs the
schema of the version that was filled. What a phone sent is never corrected here: an answer that does not fit
its type stays as text, and what the form does not know is kept apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import unescape

from lxml import etree

from forms.problems import Problem
from forms.schema import Field, FormSchema
from forms.values import Position, Value, read_value
from forms.xml import local, parse, text_of

MAX_ID = 255
_FILE_NAME = re.compile(
    rb">\s*([^/\\\s:*?\"<>|][^/\\:*?\"<>|]{0,199}\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{2,5})\s*<"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INNER = frozenset({"repeat", "entity", "group"})


@dataclass(frozen=True)
class Envelope:
    """What can be known of a submission without its form.

    ``media`` are the texts that look like file names (of an encrypted submission: the files it lists);
    only the schema knows for certain, see ``Record.files``.
    """

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None
    instance_name: str
    media: tuple[str, ...]
    encrypted: bool


@dataclass(frozen=True)
class EntityRef:
    """An entity (a household, a child) that a submission creates or updates; ``action`` None is neither."""

    dataset: str
    id: str
    label: str
    action: Literal["create", "update"] | None
    properties: Mapping[str, str]
    base_version: int | None = None
    trunk_version: int | None = None
    branch_id: str = ""


@dataclass(frozen=True)
class Row:
    """The answers of the form itself, or of one instance of a repeat.

    ``values`` and ``repeats`` are keyed by the path below this row ("group/question"). A question that was
    not relevant is absent; one that was left blank is None.
    """

    position: int
    values: Mapping[str, Value]
    repeats: Mapping[str, tuple[Row, ...]]
    entities: tuple[EntityRef, ...]


@dataclass(frozen=True)
class Record:
    form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None
    instance_name: str
    start: str | None
    end: str | None
    today: str | None
    device_id: str | None
    answers: Row
    files: tuple[str, ...]
    misfits: tuple[str, ...]
    """Paths whose text does not fit the type of the question; the text itself is the value."""
    strangers: Mapping[str, str]
    """Texts of elements that this version of the form does not have, by path."""


def read_envelope(xml: bytes) -> Envelope:
    """Form, version, ids and possible files of a submission, or a Problem."""
    root = parse(xml)
    encrypted = root.get("encrypted") == "yes"
    meta = _meta(root)
    return Envelope(
        form_id=_form_id(root),
        version=(root.get("version") or "").strip(),
        instance_id=_instance_id(root, meta),
        deprecated_id=meta.get("deprecatedID") or None,
        instance_name=meta.get("instanceName", ""),
        media=_listed_files(root) if encrypted else _likely_files(xml),
        encrypted=encrypted,
    )


def read_submission(xml: bytes, schema: FormSchema) -> Record:
    """The typed record of a submission that was filled with this version of the form."""
    root = parse(xml)
    if root.get("encrypted") == "yes":
        raise Problem("submission_is_encrypted")
    form_id = _form_id(root)
    if form_id != schema.form_id:
        raise Problem("submission_of_other_form", found=form_id, expected=schema.form_id)
    meta = _meta(root)
    walk = _Walk()
    answers = walk.row(root, schema.tree, 1)
    named = {field.preload: answers.values.get(field.row_key) for field in schema.preloads}
    return Record(
        form_id=form_id,
        version=(root.get("version") or "").strip(),
        instance_id=_instance_id(root, meta),
        deprecated_id=meta.get("deprecatedID") or None,
        instance_name=meta.get("instanceName", ""),
        start=_text(named.get("timestamp:start")),
        end=_text(named.get("timestamp:end")),
        today=_text(named.get("date:today")),
        device_id=_text(named.get("property:deviceid")),
        answers=answers,
        files=tuple(dict.fromkeys(walk.files)),
        misfits=tuple(walk.misfits),
        strangers=walk.strangers,
    )


# A form need not name these for a submission to have them; the envelope tells them.
_IN_ENVELOPE = {"/meta/instanceID", "/meta/deprecatedID"}


class _Walk:
    """One walk over the submission, collecting what does not belong to a single row."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.misfits: list[str] = []
        self.strangers: dict[str, str] = {}

    def row(self, element: etree._Element, fields: Mapping[str, Field], position: int) -> Row:
        values: dict[str, Value] = {}
        repeats: dict[str, list[Row]] = {}
        entities: list[tuple[etree._Element, Field]] = []
        self._fill(element, fields, values, repeats, entities)
        return Row(
            position=position,
            values=values,
            repeats={key: tuple(rows) for key, rows in repeats.items()},
            entities=tuple(_entity(node, field, values) for node, field in entities),
        )

    def _fill(
        self,
        element: etree._Element,
        fields: Mapping[str, Field],
        values: dict[str, Value],
        repeats: dict[str, list[Row]],
        entities: list[tuple[etree._Element, Field]],
    ) -> None:
        for child in element:
            field = fields.get(local(child))
            if field is None:
                self._stranger(child)
            elif field.kind not in _INNER:
                text = text_of(child)
                values[field.row_key] = self._value(text, field) if text else None
            elif field.kind == "repeat":
                rows = repeats.setdefault(field.row_key, [])
                rows.append(self.row(child, field.children, len(rows) + 1))
            elif field.kind == "entity":
                entities.append((child, field))
            else:
                self._fill(child, field.children, values, repeats, entities)

    def _value(self, text: str, field: Field) -> Value:
        value, fits = read_value(text, field.type)
        if not fits:
            self.misfits.append(field.path)
        if field.is_file:
            self.files.append(text)
        return value

    def _stranger(self, element: etree._Element) -> None:
        for node in element.iter():
            text = text_of(node)
            if text:
                below = [local(up) for up in node.iterancestors()]
                names = [*reversed(below), local(node)]
                where = "/" + "/".join(names[1:])
                if where not in _IN_ENVELOPE:
                    self.strangers[where] = text


def _entity(element: etree._Element, field: Field, values: Mapping[str, Value]) -> EntityRef:
    label = next((text_of(child) for child in element if local(child) == "label"), "")
    properties = {name: _property(values.get(key)) for name, key in field.properties if key in values}
    return EntityRef(
        dataset=element.get("dataset") or field.dataset,
        id=(element.get("id") or "").strip(),
        label=label,
        action=_action(element),
        properties=properties,
        base_version=_version(element.get("baseVersion")),
        trunk_version=_version(element.get("trunkVersion")),
        branch_id=(element.get("branchId") or "").strip()[:MAX_ID],
    )


def _version(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _action(element: etree._Element) -> Literal["create", "update"] | None:
    if (element.get("update") or "").strip() in {"1", "true"}:
        return "update"
    if (element.get("create") or "").strip() in {"1", "true"}:
        return "create"
    return None


def _property(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    if isinstance(value, Position):
        return value.as_text()
    return str(value)


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _form_id(root: etree._Element) -> str:
    form_id = (root.get("id") or "").strip()
    if not form_id and isinstance(root.tag, str) and root.tag.startswith("{"):
        # JavaRosa before 2011 named the form by the namespace of its root element.
        form_id = root.tag[1:].partition("}")[0]
    if not form_id or len(form_id) > MAX_ID or _CONTROL.search(form_id):
        raise Problem("submission_without_form_id")
    return form_id


def _meta(root: etree._Element) -> dict[str, str]:
    for child in root:
        if local(child) == "meta":
            return {local(entry): text_of(entry) for entry in child if local(entry) != "entity"}
    return {}


def _instance_id(root: etree._Element, meta: Mapping[str, str]) -> str:
    instance_id = meta.get("instanceID") or (root.get("instanceID") or "").strip()
    if not instance_id or len(instance_id) > MAX_ID or _CONTROL.search(instance_id):
        raise Problem("submission_without_instance_id")
    return instance_id


def _likely_files(xml: bytes) -> tuple[str, ...]:
    # Over the bytes, because a walk over the elements would take longer than parsing them.
    texts = (unescape(found.decode("utf-8", "replace")) for found in _FILE_NAME.findall(xml))
    return tuple(dict.fromkeys(unicodedata.normalize("NFC", text) for text in texts))


def _listed_files(root: etree._Element) -> tuple[str, ...]:
    names = (
        text_of(node) for node in root.iter(etree.Element) if local(node) in {"file", "encryptedXmlFile"}
    )
    return tuple(dict.fromkeys(name for name in names if name))
