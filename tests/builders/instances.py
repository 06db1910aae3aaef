"""Fills any form by question names and gives the XML that a phone would send. Pure: same input, same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from forms.schema import Field, FormSchema

Answers = Mapping[str, object]
ORX = "http://openrosa.org/xforms"


def fill(
    schema: FormSchema,
    answers: Answers,
    *,
    instance_id: str,
    deprecated_id: str = "",
    instance_name: str = "",
    version: str | None = None,
) -> bytes:
    """The submission with these answers; a repeat's answer is a list of answers, an entity's a mapping.

    Names are looked up inside their repeat; a name that the form does not have is an error.
    """
    used: set[str] = set()
    body = "".join(_fields(schema.tree, answers, used))
    unknown = set(answers) - used
    if unknown:
        raise KeyError(f"the form has no {sorted(unknown)}")
    meta = f"<orx:instanceID>{escape(instance_id)}</orx:instanceID>"
    if deprecated_id:
        meta += f"<orx:deprecatedID>{escape(deprecated_id)}</orx:deprecatedID>"
    if instance_name:
        meta += f"<orx:instanceName>{escape(instance_name)}</orx:instanceName>"
    shown = schema.version if version is None else version
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{schema.root} xmlns:orx="{ORX}" id={quoteattr(schema.form_id)}'
        f" version={quoteattr(shown)}>{body}<orx:meta>{meta}</orx:meta></{schema.root}>"
    ).encode()


def _fields(fields: Mapping[str, Field], answers: Answers, used: set[str]) -> Iterator[str]:
    for name, field in fields.items():
        if field.path == "/meta":
            continue
        if field.kind == "repeat":
            if name in answers:
                used.add(name)
                yield from (_repeat(field, row) for row in _rows(answers[name]))
        elif field.kind == "entity":
            if field.dataset in answers:
                used.add(field.dataset)
                yield _entity(field, answers[field.dataset])
        elif field.kind == "group":
            inner = "".join(_fields(field.children, answers, used))
            if inner:
                yield f"<{name}>{inner}</{name}>"
        elif name in answers:
            used.add(name)
            yield f"<{name}>{escape(_text(answers[name]))}</{name}>"


def _repeat(field: Field, row: Answers) -> str:
    used: set[str] = set()
    inner = "".join(_fields(field.children, row, used))
    unknown = set(row) - used
    if unknown:
        raise KeyError(f"the repeat {field.name} has no {sorted(unknown)}")
    return f"<{field.name}>{inner}</{field.name}>"


def _rows(value: object) -> Sequence[Answers]:
    if not isinstance(value, Sequence):
        raise TypeError("the answer of a repeat is a list of answers")
    return value


def _entity(field: Field, value: object) -> str:
    if not isinstance(value, Mapping):
        raise TypeError("the answer of an entity is a mapping")
    label = value.get("label", "")
    attributes = "".join(f" {key}={quoteattr(str(entry))}" for key, entry in value.items() if key != "label")
    return f'<entity dataset="{field.dataset}"{attributes}><label>{escape(str(label))}</label></entity>'


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
