"""A published form as a tree of fields: path, type, repeats, choices, labels, facts and entities.

It reads any XForm that pyxform makes, ours or not. The result is frozen and cached by the form's bytes;
answers are read against it (``forms.read``) and exported by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Literal

from lxml import etree

from forms.problems import Problem
from forms.xform import Bind, ChoiceList, Control, Model, read_model
from forms.xml import in_utf8, local, parse

FieldKind = Literal["group", "repeat", "question", "note", "hidden", "entity"]
FILE_TYPES = frozenset({"image", "audio", "video", "file", "binary", "audit"})


@dataclass(frozen=True, eq=False)
class Field:
    """One element of the form's record.

    ``path`` starts below the form ("/member/person/d1"); ``row_key`` starts below the nearest repeat
    ("person/d1") and is the key of the answer in a ``Row``.
    """

    name: str
    path: str
    row_key: str
    kind: FieldKind
    type: str
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    appearance: str
    bind: Bind
    parameters: Mapping[str, str]
    choices: ChoiceList | None
    facts: tuple[str, ...]
    saveto: str
    dataset: str
    properties: tuple[tuple[str, str], ...]
    children: Mapping[str, Field]

    @cached_property
    def is_file(self) -> bool:
        return self.type in FILE_TYPES

    @property
    def preload(self) -> str:
        """For example "timestamp:start"; empty for what a person answers."""
        return self.bind.preload

    def label(self, language: str = "") -> str:
        """The label in that language, else in the form's first one, else the name."""
        return self.labels.get(language) or next(iter(self.labels.values()), "") or self.name


@dataclass(frozen=True, eq=False)
class FormSchema:
    form_id: str
    version: str
    title: str
    root: str
    languages: tuple[str, ...]
    default_language: str
    tree: Mapping[str, Field]
    fields: Mapping[str, Field]
    media: tuple[str, ...]
    preloads: tuple[Field, ...] = field(default=())
    entities: tuple[Field, ...] = field(default=())
    attributes: Mapping[str, str] = field(default_factory=dict)
    """The calculations of attributes ("/member/meta/entity/@id")."""
    encrypted: bool = False

    @property
    def has_facts(self) -> bool:
        return any(entry.facts for entry in self.fields.values())

    def questions(self) -> Iterator[Field]:
        """What a person answers or the form computes, in order; no groups, notes or entities."""
        return (entry for entry in self.fields.values() if entry.kind in {"question", "hidden"})

    def repeats_of(self, path: str) -> tuple[str, ...]:
        """The repeats around a field, outermost first: ("/member", "/member/child/work/job")."""
        parts = path.split("/")[1:]
        ways = ("/" + "/".join(parts[:end]) for end in range(1, len(parts) + 1))
        return tuple(way for way in ways if way in self.fields and self.fields[way].kind == "repeat")

    def parents_of(self, path: str) -> tuple[Field, ...]:
        """The groups and repeats around a field, outermost first."""
        parts = path.split("/")[1:-1]
        return tuple(self.fields["/" + "/".join(parts[:end])] for end in range(1, len(parts) + 1))

    def language(self, code: str) -> str:
        """The form's own name of a language: ``language("vi") == "Tiếng Việt (vi)"``."""
        return next((name for name in self.languages if f"({code})" in name or name == code), "")


_XFORMS = "http://www.w3.org/2002/xforms"


@lru_cache(maxsize=128)
def read_schema(xform: bytes) -> FormSchema:
    """The tree of fields of an XForm, or a Problem that says what is missing."""
    document = parse(in_utf8(xform), scale=20)
    model = read_model(document)
    build = _Build(model)
    tree = build.children(model.primary, "", "")
    fields = {entry.path: entry for entry in _flatten(tree)}
    return FormSchema(
        form_id=_form_id(model.primary),
        version=(model.primary.get("version") or "").strip(),
        title=model.title,
        root=local(model.primary),
        languages=model.languages,
        default_language=model.default_language,
        tree=tree,
        fields=fields,
        media=model.media,
        preloads=tuple(entry for entry in fields.values() if entry.preload),
        entities=tuple(entry for entry in fields.values() if entry.kind == "entity"),
        attributes=_attributes(model),
        encrypted=model.encrypted,
    )


def _attributes(model: Model) -> dict[str, str]:
    root = "/" + local(model.primary)
    return {
        nodeset.removeprefix(root): bind.calculate for nodeset, bind in model.binds.items() if "/@" in nodeset
    }


def _flatten(tree: Mapping[str, Field]) -> Iterator[Field]:
    for entry in tree.values():
        yield entry
        yield from _flatten(entry.children)


def _form_id(primary: etree._Element) -> str:
    form_id = (primary.get("id") or "").strip()
    if not form_id and isinstance(primary.tag, str) and not primary.tag.startswith(f"{{{_XFORMS}}}"):
        # The id of a form without one is the namespace of its root, as OpenRosa has it.
        form_id = primary.tag[1:].partition("}")[0] if primary.tag.startswith("{") else ""
    if not form_id:
        raise Problem("form_without_id")
    return form_id


class _Build:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._root = local(model.primary)
        self._entities = _entity_containers(model.primary, "")
        self._properties: dict[str, list[tuple[str, str]]] = {way: [] for way in self._entities}
        self._claim_properties(model.primary, "", "")

    def children(self, parent: etree._Element, path: str, row: str) -> dict[str, Field]:
        """The fields below an element; a repeat's template and its first instance are one field."""
        found: dict[str, Field] = {}
        for child in parent:
            name = local(child)
            if name and name not in found:
                found[name] = self._field(child, name, f"{path}/{name}", row)
        return found

    def _field(self, element: etree._Element, name: str, path: str, row: str) -> Field:
        reference = f"/{self._root}{path}"
        model = self._model
        bind = model.binds.get(reference, Bind())
        control = model.controls.get(reference, Control())
        kind = self._kind(element, name, reference, bind, control)
        inner_row = path + "/" if kind == "repeat" else row
        made = Field(
            name=name,
            path=path,
            row_key=path[len(row) :] if row else path[1:],
            kind=kind,
            type=_type(name, kind, bind, control),
            labels=control.labels,
            hints=control.hints,
            appearance=control.appearance,
            bind=bind,
            parameters={**bind.parameters, **control.parameters},
            choices=model.choices(control),
            facts=bind.facts,
            saveto=bind.saveto,
            dataset=(element.get("dataset") or "") if kind == "entity" else "",
            properties=(),
            children={},
        )
        if kind == "entity":
            container = path.rsplit("/", 2)[0]
            return replace(made, properties=tuple(self._properties.get(container, ())))
        if kind in {"group", "repeat"}:
            return replace(made, children=self.children(element, path, inner_row))
        return made

    def _kind(
        self, element: etree._Element, name: str, reference: str, bind: Bind, control: Control
    ) -> FieldKind:
        if reference in self._model.repeats:
            return "repeat"
        if name == "entity" and element.get("dataset") is not None:
            return "entity"
        if len(element):
            return "group"
        if not control.tag or control.tag == "group":
            return "group" if control.tag == "group" else "hidden"
        if control.tag == "input" and bind.readonly == "true()" and not bind.calculate:
            return "note"
        return "question"

    def _claim_properties(self, parent: etree._Element, path: str, row: str) -> None:
        seen: set[str] = set()
        for child in parent:
            name = local(child)
            if not name or name in seen:
                continue
            seen.add(name)
            way = f"{path}/{name}"
            reference = f"/{self._root}{way}"
            bind = self._model.binds.get(reference)
            if bind and bind.saveto:
                self._claim(bind.saveto, way, row)
            self._claim_properties(child, way, way + "/" if reference in self._model.repeats else row)

    def _claim(self, saveto: str, way: str, row: str) -> None:
        # A property belongs to the nearest container that declares an entity (entities specification 2025.1).
        around = [place for place in self._entities if way.startswith(place + "/")]
        if around:
            key = way[len(row) :] if row else way[1:]
            self._properties[max(around, key=len)].append((saveto, key))


def _entity_containers(parent: etree._Element, path: str) -> tuple[str, ...]:
    found: list[str] = []
    for child in parent:
        name = local(child)
        if name == "meta" and any(local(entry) == "entity" for entry in child):
            found.append(path)
        found.extend(_entity_containers(child, f"{path}/{name}"))
    return tuple(dict.fromkeys(found))


def _type(name: str, kind: FieldKind, bind: Bind, control: Control) -> str:
    """The type in XLSForm's words."""
    if kind in {"group", "repeat", "note", "entity"}:
        return kind
    by_control = {
        "select1": "select_one",
        "select": "select_multiple",
        "rank": "rank",
        "trigger": "acknowledge",
    }
    if control.tag in by_control:
        return by_control[control.tag]
    if control.tag == "upload":
        return control.mediatype
    if bind.type == "binary":
        return "audit" if name == "audit" else "file"
    return bind.type
