"""Our own field lessons, on top of pyxform's checks: what makes a correct form fail in the field.

Lint only warns: other people's forms can be published all the same. It is silent on ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from forms.problems import Problem
from forms.schema import Field, FormSchema

MAX_ROWS = 2_000
_EXPRESSIONS = ("relevant", "required", "constraint", "calculate")
_TOTAL = re.compile(r"(?<![\w-])(sum|min|max)\s*\(")
_DATE_OF_NODE = re.compile(r"decimal-date-time\(\s*(?:\.\.|/|\./|current\(\))")
_POSITION = re.compile(r"\[\s*position\(\)\s*=|\[\s*\d+\s*\]")
# Appearances that only change the look, or that our phone app draws.
_FINE = re.compile(
    r"field-list|minimal|autocomplete|search|multiline|numbers|url|quick\w*|quickcompact|compact(-\d+)?|"
    r"columns(-\d+|-pack)?|no-buttons|horizontal(-compact)?|no-calendar|month-year|year|thousands-sep|"
    r"new(-front|-rear)?|w\d{1,2}|hide-input|counter|vertical|no-ticks"
)
_AUDIT = ("location-priority", "location-min-interval", "location-max-age", "identify-user",
          "track-changes", "track-changes-reasons")  # fmt: skip


def lint(schema: FormSchema, rows: Mapping[str, int] | None = None) -> tuple[Problem, ...]:
    """Every field lesson that the form goes against; ``rows`` are the survey sheet's rows by question."""
    where = _Where(rows or {})
    found = [problem for rule in _RULES for problem in rule(schema, where)]
    return tuple(found)


def lint_list(filename: str, rows: int) -> Problem | None:
    """A warning for an attached list that is longer than cheap phones bear."""
    return Problem("lint_long_list", list=filename, rows=rows, limit=MAX_ROWS) if rows > MAX_ROWS else None


class _Where:
    def __init__(self, rows: Mapping[str, int]) -> None:
        self._rows = rows

    def __call__(self, name: str) -> str:
        row = self._rows.get(name)
        return f"survey, hàng {row}" if row else ""


_Rule = Callable[[FormSchema, _Where], Iterator[Problem]]


def _expressions(schema: FormSchema) -> Iterator[tuple[Field, str]]:
    for field in schema.fields.values():
        for name in _EXPRESSIONS:
            text = getattr(field.bind, name)
            if text:
                yield field, text


def _indexed_repeat(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for field, text in _expressions(schema):
        inside = schema.repeats_of(field.path)
        if inside and ("indexed-repeat(" in text or _other_repeat_by_position(schema, inside, text)):
            yield Problem("lint_indexed_repeat", where=where(field.name), question=field.name)


def _other_repeat_by_position(schema: FormSchema, inside: tuple[str, ...], text: str) -> bool:
    for match in _POSITION.finditer(text):
        path = re.search(r"(/[\w./-]+)\s*$", text[: match.start()])
        if path and (other := path[1].removeprefix(f"/{schema.root}")) not in inside:
            field = schema.fields.get(other)
            if field is not None and field.kind == "repeat":
                return True
    return False


def _bare_totals(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for field, text in _expressions(schema):
        for match in _TOTAL.finditer(text):
            if any(_over_repeat(schema, field, part) for part in _arguments(text, match.end())):
                yield Problem(
                    "lint_bare_sum", where=where(field.name), question=field.name, function=match[1]
                )


def _arguments(text: str, start: int) -> list[str]:
    """The arguments of a function call whose opening bracket ends just before ``start``."""
    parts: list[str] = []
    depth, begin = 0, start
    for at in range(start, len(text)):
        letter = text[at]
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
            if depth < 0:
                return [*parts, text[begin:at]]
        elif letter == "," and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]


def _over_repeat(schema: FormSchema, field: Field, argument: str) -> bool:
    """Whether the argument is a plain path into a repeat that the field itself is not in."""
    path = argument.strip()
    if not re.fullmatch(r"[\w./-]+", path) or "/" not in path:
        return False
    target = schema.fields.get(_resolve(schema, field.path, path))
    if target is None:
        return False
    return len(schema.repeats_of(target.path)) > len(schema.repeats_of(field.path))


def _resolve(schema: FormSchema, context: str, path: str) -> str:
    if path.startswith("/"):
        return path.removeprefix(f"/{schema.root}")
    parts = context.split("/")
    for step in path.split("/"):
        if step == "..":
            parts.pop()
        elif step not in {"", "."}:
            parts.append(step)
    return "/".join(parts)


def _dates(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for field, text in _expressions(schema):
        if _DATE_OF_NODE.search(text):
            yield Problem("lint_decimal_date_time", where=where(field.name), question=field.name)


def _appearances(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for field in schema.fields.values():
        for word in field.appearance.split():
            if not _FINE.fullmatch(word):
                yield Problem(
                    "lint_appearance", where=where(field.name), question=field.name, appearance=word[:60]
                )


def _audit(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for field in schema.fields.values():
        if field.type == "audit":
            for name in _AUDIT:
                if name in field.parameters:
                    yield Problem("lint_audit", where=where(field.name), parameter=name)


def _photos(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for field in schema.fields.values():
        if field.type == "image" and "max-pixels" not in field.parameters:
            yield Problem("lint_photo_size", where=where(field.name), question=field.name)


def _long_lists(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    lists = {
        field.choices.name: len(field.choices.by_value) for field in schema.fields.values() if field.choices
    }
    for name, rows in lists.items():
        problem = lint_list(name, rows)
        if problem is not None:
            yield problem


def _vietnamese(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    language = schema.language("vi")
    if not language:
        yield Problem("lint_no_vietnamese", question=schema.title or schema.form_id)
        return
    seen: set[str] = set()
    for field in schema.fields.values():
        if field.labels and not _real(field.labels.get(language, "")):
            yield Problem("lint_no_vietnamese", where=where(field.name), question=field.name)
        if field.choices is None or field.choices.name in seen:
            continue
        seen.add(field.choices.name)
        for choice in field.choices.by_value.values():
            if not _real(choice.labels.get(language, "")):
                name = f"{field.choices.name} {choice.value}"
                yield Problem("lint_no_vietnamese", where="choices", question=name)


def _real(label: str) -> bool:
    # pyxform writes "-" where a translation is missing.
    return label not in {"", "-"}


def _same_name_files(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for name in schema.media:
        if name.lower() == f"{schema.form_id}.xml".lower():
            yield Problem("lint_same_name_file", filename=name)


def _entity_ids(schema: FormSchema, where: _Where) -> Iterator[Problem]:
    for entity in schema.entities:
        at = f"{entity.path}/@id"
        text = _followed(schema, at, schema.attributes.get(at, ""))
        hidden = any(group.bind.relevant for group in schema.parents_of(entity.path))
        if text:
            safe = "uuid()" in text or not _may_create(schema, entity)
        else:
            # Without entity_id the id is set once, when the form is opened; what is hidden then gets none.
            safe = not (schema.repeats_of(entity.path) and hidden)
        if not safe:
            yield Problem("lint_entity_id", where="entities", dataset=entity.dataset)


def _may_create(schema: FormSchema, entity: Field) -> bool:
    return f"{entity.path}/@create" in schema.attributes


def _followed(schema: FormSchema, context: str, text: str, steps: int = 3) -> str:
    """The expression of the id, with the calculations of the questions it names."""
    found = [text]
    for path in re.findall(r"[\w.]*/[\w./-]+", text) if steps else ():
        target = schema.fields.get(_resolve(schema, context, path))
        if target is not None and target.bind.calculate:
            found.append(_followed(schema, target.path, target.bind.calculate, steps - 1))
    return " ".join(found)


_RULES: tuple[_Rule, ...] = (
    _indexed_repeat,
    _bare_totals,
    _dates,
    _appearances,
    _audit,
    _photos,
    _long_lists,
    _vietnamese,
    _same_name_files,
    _entity_ids,
)
