"""The parts of an XForm as plain data: binds, controls, choices, translations, attached files.

``forms.schema`` puts them together into a tree of fields.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from forms.problems import Problem
from forms.xml import local, text_of

FACTS_NAMESPACE = "urn:mangnon:facts"
_JAVAROSA = "http://openrosa.org/javarosa"
_EXTENSIONS = {"{http://www.opendatakit.org/xforms", "{http://openrosa.org/xforms"}
_ENTITIES = "http://www.opendatakit.org/xforms/entities"
_INSTANCE = re.compile(r"instance\(\s*['\"]([^'\"]+)['\"]\s*\)")
_ITEXT = re.compile(r"jr:itext\(\s*['\"](.+)['\"]\s*\)")
_CONTROLS = {"input", "select", "select1", "rank", "upload", "range", "trigger", "secret"}
_MEDIA_TYPES = {"image/*": "image", "audio/*": "audio", "video/*": "video"}
_TYPES = {"string": "text", "integer": "int", "dateTime": "datetime", "": "text"}


@dataclass(frozen=True)
class Bind:
    """The rules of one element."""

    type: str = "text"
    relevant: str = ""
    required: str = ""
    readonly: str = ""
    constraint: str = ""
    calculate: str = ""
    preload: str = ""
    facts: tuple[str, ...] = ()
    saveto: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    constraint_messages: Mapping[str, str] = field(default_factory=dict, hash=False)
    required_messages: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Control:
    """How one element is asked."""

    tag: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)
    appearance: str = ""
    mediatype: str = ""
    itemset: str = ""
    columns: tuple[str, str] = ("name", "label")
    items: tuple[Choice, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, eq=False)
class Choice:
    """One answer that can be chosen; ``columns`` are the further columns of the choices sheet."""

    value: str
    labels: Mapping[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class ChoiceList:
    """A list of choices; ``file`` names the attached file when the choices stand there."""

    name: str
    file: str
    by_value: Mapping[str, Choice]
    columns: tuple[str, str] = ("name", "label")
    """Where an attached list keeps its codes and labels."""

    def label(self, value: str, language: str) -> str:
        """The label of a code in that language, else in the first one, else the code."""
        choice = self.by_value.get(value)
        if choice is None:
            return value
        return choice.labels.get(language) or next(iter(choice.labels.values()), "") or value


@dataclass(frozen=True, eq=False)
class Model:
    primary: etree._Element
    title: str
    languages: tuple[str, ...]
    default_language: str
    binds: Mapping[str, Bind]
    controls: Mapping[str, Control]
    repeats: Mapping[str, str]
    """The nodeset of each repeat, with its count expression or ''."""
    lists: Mapping[str, ChoiceList]
    media: tuple[str, ...]
    encrypted: bool

    def choices(self, control: Control) -> ChoiceList | None:
        """The list that a control offers."""
        if control.items:
            return ChoiceList("", "", {item.value: item for item in control.items})
        named = _INSTANCE.search(control.itemset)
        found = self.lists.get(named[1]) if named else None
        return replace(found, columns=control.columns) if found and found.file else found


def read_model(document: etree._Element) -> Model:
    """The parts of an XForm document, or a Problem that names what is missing."""
    head, body = _child(document, "head"), _child(document, "body")
    model = _child(head, "model") if head is not None else None
    if head is None or model is None or body is None:
        raise Problem("form_not_xform", missing="h:head, model, h:body")
    primary = _primary(model)
    texts = _Texts(model)
    asked = _Body(texts, body, "/" + local(primary))
    title = _child(head, "title")
    submission = _child(model, "submission")
    return Model(
        primary=primary,
        title=text_of(title) if title is not None else "",
        languages=texts.languages,
        default_language=texts.default,
        binds={_nodeset(bind): _bind(bind, texts) for bind in model if local(bind) == "bind"},
        controls=asked.controls,
        repeats=asked.repeats,
        lists=dict(_lists(model, texts)),
        media=_media(model, texts, asked),
        encrypted=submission is not None and bool(submission.get("base64RsaPublicKey")),
    )


class _Texts:
    """The translations: by text id and language; outputs inside a text become "…"."""

    def __init__(self, model: etree._Element) -> None:
        self.by_id: dict[str, dict[str, str]] = {}
        self.files: list[str] = []
        itext = _child(model, "itext")
        translations = [] if itext is None else [part for part in itext if local(part) == "translation"]
        self.languages = tuple(part.get("lang") or "" for part in translations)
        marked = [part.get("lang") or "" for part in translations if part.get("default") is not None]
        self.default = (marked or list(self.languages) or [""])[0]
        for translation in translations:
            self._read(translation, translation.get("lang") or "")

    def of(self, element: etree._Element | None) -> dict[str, str]:
        """The texts of a label or hint element, by language ("" where the form has no translations)."""
        if element is None:
            return {}
        named = _ITEXT.match(element.get("ref") or "")
        if named:
            return self.by_id.get(named[1], {})
        text = _mixed(element)
        return {self.default: text} if text else {}

    def message(self, raw: str) -> dict[str, str]:
        """The texts of a constraint or required message."""
        named = _ITEXT.match(raw)
        if named:
            return self.by_id.get(named[1], {})
        return {self.default: unicodedata.normalize("NFC", raw)} if raw else {}

    def _read(self, translation: etree._Element, language: str) -> None:
        for text in translation:
            entry = self.by_id.setdefault(text.get("id") or "", {})
            for value in text:
                form = value.get("form") or ""
                if form in {"", "long", "short"}:
                    entry.setdefault(language, _mixed(value))
                elif (value.text or "").startswith("jr://"):
                    self.files.append(text_of(value).rpartition("/")[2])


class _Body:
    """The controls of the form by the element they ask for."""

    def __init__(self, texts: _Texts, body: etree._Element, root: str) -> None:
        self.controls: dict[str, Control] = {}
        self.repeats: dict[str, str] = {}
        self.files: list[str] = []
        self._texts = texts
        self._walk(body, root)

    def _walk(self, parent: etree._Element, context: str) -> None:
        for element in parent:
            tag = local(element)
            reference = _absolute(element.get("ref") or element.get("nodeset") or "", context)
            if tag in _CONTROLS:
                self.controls[reference] = self._control(element, tag)
            elif tag == "group":
                if element.get("ref"):
                    self.controls[reference] = self._control(element, "group")
                self._walk(element, reference if element.get("ref") else context)
            elif tag == "repeat":
                self.repeats[reference] = element.get(f"{{{_JAVAROSA}}}count") or ""
                self.controls.setdefault(reference, self._repeat(parent))
                self._walk(element, reference)

    def _repeat(self, group: etree._Element) -> Control:
        return self._control(group, "group")

    def _control(self, element: etree._Element, tag: str) -> Control:
        itemset = _child(element, "itemset")
        query = element.get("query") or ""
        if query:
            self.files.append("itemsets.csv")
        return Control(
            tag=tag,
            labels=self._texts.of(_child(element, "label")),
            hints=self._texts.of(_child(element, "hint")),
            appearance=element.get("appearance") or "",
            mediatype=_MEDIA_TYPES.get(element.get("mediatype") or "", "file"),
            itemset=(itemset.get("nodeset") or "") if itemset is not None else query,
            columns=_columns(itemset),
            items=tuple(self._item(item) for item in element if local(item) == "item"),
            parameters=_parameters(element, {"start", "end", "step"}),
        )

    def _item(self, item: etree._Element) -> Choice:
        value = _child(item, "value")
        return Choice(
            value=text_of(value) if value is not None else "",
            labels=self._texts.of(_child(item, "label")),
            columns={},
        )


def primary_instance(document: etree._Element) -> etree._Element:
    """The element that becomes the submission, with the form's id and version."""
    head = _child(document, "head")
    model = _child(head, "model") if head is not None else None
    if model is None:
        raise Problem("form_not_xform", missing="model")
    return _primary(model)


def _primary(model: etree._Element) -> etree._Element:
    instance = _child(model, "instance")
    root = next(iter(instance), None) if instance is not None else None
    if root is None:
        raise Problem("form_not_xform", missing="instance")
    return root


def _bind(element: etree._Element, texts: _Texts) -> Bind:
    raw_type = (element.get("type") or "").rpartition(":")[2]
    preload = element.get(f"{{{_JAVAROSA}}}preload") or ""
    given = element.get(f"{{{_JAVAROSA}}}preloadParams") or ""
    return Bind(
        type=_TYPES.get(raw_type, raw_type),
        relevant=element.get("relevant") or "",
        required=element.get("required") or "",
        readonly=element.get("readonly") or "",
        constraint=element.get("constraint") or "",
        calculate=element.get("calculate") or "",
        preload=f"{preload}:{given}" if preload else "",
        facts=tuple((element.get(f"{{{FACTS_NAMESPACE}}}fact") or "").split()),
        saveto=element.get(f"{{{_ENTITIES}}}saveto") or "",
        parameters=_parameters(element, None),
        constraint_messages=texts.message(element.get(f"{{{_JAVAROSA}}}constraintMsg") or ""),
        required_messages=texts.message(element.get(f"{{{_JAVAROSA}}}requiredMsg") or ""),
    )


def _columns(itemset: etree._Element | None) -> tuple[str, str]:
    """Which parts of an item an itemset takes as code and label."""
    parts = {} if itemset is None else {local(part): (part.get("ref") or "").strip() for part in itemset}
    label = parts.get("label") or "label"
    return parts.get("value") or "name", "label" if "(" in label else label


def _parameters(element: etree._Element, names: set[str] | None) -> dict[str, str]:
    """Named attributes of a control, or every extension attribute (ODK's, not JavaRosa's) of a bind."""
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        namespace, _, name = str(key).rpartition("}")
        if names is not None and str(key) in names:
            found[str(key)] = str(value)
        elif names is None and namespace in _EXTENSIONS:
            found[name] = str(value)
    return found


def _lists(model: etree._Element, texts: _Texts) -> Iterator[tuple[str, ChoiceList]]:
    for instance in model:
        name = instance.get("id") or ""
        if local(instance) != "instance" or not name:
            continue
        items = {} if instance.get("src") else dict(_items(instance, texts))
        yield name, ChoiceList(name, _file(instance), items)


def _items(instance: etree._Element, texts: _Texts) -> Iterator[tuple[str, Choice]]:
    for item in instance.iter(etree.Element):
        if local(item) != "item":
            continue
        columns = {local(part): text_of(part) for part in item}
        value = columns.pop("name", columns.pop("value", ""))
        inline = columns.pop("label", "")
        labels = texts.by_id.get(columns.pop("itextId", ""), {texts.default: inline} if inline else {})
        yield value, Choice(value, labels, columns)


def _file(instance: etree._Element) -> str:
    source = instance.get("src") or ""
    return "" if "last-saved" in source else source.rpartition("/")[2]


def _media(model: etree._Element, texts: _Texts, body: _Body) -> tuple[str, ...]:
    attached = [_file(part) for part in model if local(part) == "instance"]
    return tuple(dict.fromkeys(name for name in [*attached, *body.files, *texts.files] if name))


def _mixed(element: etree._Element) -> str:
    parts = [element.text or ""]
    for inner in element:
        parts.append("…" if local(inner) == "output" else "".join(str(part) for part in inner.itertext()))
        parts.append(inner.tail or "")
    return unicodedata.normalize("NFC", " ".join("".join(parts).split()))


def _nodeset(bind: etree._Element) -> str:
    return (bind.get("nodeset") or "").strip()


def _absolute(reference: str, context: str) -> str:
    reference = reference.strip()
    return reference if reference.startswith("/") or not reference else f"{context}/{reference}"


def _child(parent: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in parent if local(child) == name), None)
