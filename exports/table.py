"""A form's answers as tables: one for the form, one for each repeat, all versions together by stable names.

A column is named by the question's path ("member/person/d1"), so the same question stays one column whatever
version it was answered in. Rows are linked as ODK tools do: ``KEY`` and ``PARENT_KEY``. Plain data in, plain data out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from exports.columns import Cell, Column, Labels, answer_columns, entity_columns
from forms.read import Record, Row
from forms.schema import Field, FormSchema

ABOUT = ("KEY", "form_version", "received_at", "sent_by", "device_id", "problem")
LAST = ("other_answers",)
LINKS = ("PARENT_KEY", "KEY")


@dataclass(frozen=True)
class Table:
    """``path`` is "" for the form itself, else the repeat's; ``header`` holds every column's name in order."""

    name: str
    path: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class About:
    """What is known of a submission beside its answers; ``problem`` says why there are none."""

    instance_id: str
    form_version: str
    received_at: str
    sent_by: str
    device_id: str
    problem: str = ""
    beside: tuple[Cell, ...] = ()  # what the server knows more of it, in the plan's order


@dataclass(frozen=True)
class Plan:
    """The tables; ``beside`` names the last columns of the form's own, which the server fills."""

    tables: tuple[Table, ...]
    beside: tuple[str, ...] = ()

    def rows(self, about: About, record: Record | None) -> Iterator[tuple[int, list[Cell]]]:
        """The rows of one submission, each with the number of its table; without a record only what is known."""
        places = {table.path: number for number, table in enumerate(self.tables)}
        head: list[Cell] = [
            about.instance_id,
            about.form_version,
            about.received_at,
            about.sent_by,
            about.device_id,
            about.problem,
        ]
        if record is None:
            yield 0, [*head, *[None] * (len(self.tables[0].columns) + len(LAST)), *about.beside]
            return
        others = json.dumps(dict(record.strangers), ensure_ascii=False) if record.strangers else None
        yield 0, [*head, *_cells(self.tables[0], record.answers), others, *about.beside]
        yield from self._below(record.answers, "", about.instance_id, places)

    def _below(
        self, row: Row, path: str, key: str, places: Mapping[str, int]
    ) -> Iterator[tuple[int, list[Cell]]]:
        for repeat, instances in row.repeats.items():
            here = f"{path}/{repeat}"
            name = repeat.rpartition("/")[2]
            for instance in instances:
                own = f"{key}/{name}[{instance.position}]"
                number = places[here]
                yield number, [key, own, *_cells(self.tables[number], instance)]
                yield from self._below(instance, here, own, places)


def plan(
    schemas: Sequence[FormSchema], labels: Labels, language: str = "vi", beside: tuple[str, ...] = ()
) -> Plan:
    """The tables of a form whose versions are ``schemas``, newest first; ``labels`` are those of attached lists.

    ``beside`` are columns after the answers, for what the server knows of each submission.
    """
    homes: dict[str, dict[str, list[tuple[FormSchema, Field]]]] = {"": {}}
    for path in _merged([_paths(schema) for schema in schemas]):
        for schema in schemas:
            field = schema.fields.get(path)
            if field is None:
                continue
            if field.kind == "repeat":
                homes.setdefault(path, {})
            elif field.kind in {"question", "hidden", "entity"} and path not in _KNOWN_OTHERWISE:
                around = schema.repeats_of(path)
                home = around[-1] if around else ""
                homes.setdefault(home, {}).setdefault(path, []).append((schema, field))
    tables = [
        _table(home, questions, labels, language, _name(home, list(homes)))
        for home, questions in homes.items()
    ]
    tables[0] = replace(tables[0], header=(*tables[0].header, *beside))
    return Plan(tuple(tables), beside)


_KNOWN_OTHERWISE = {"/meta/instanceID", "/meta/deprecatedID"}


def _paths(schema: FormSchema) -> list[str]:
    return list(schema.fields)


def _merged(orders: Iterable[Sequence[str]]) -> list[str]:
    """All paths once: in the newest version's order, older ones after what stood before them."""
    merged: list[str] = []
    for order in orders:
        known = set(merged)
        at = 0
        for path in order:
            if path in known:
                at = merged.index(path) + 1
            else:
                merged.insert(at, path)
                at += 1
    return merged


def _table(
    home: str,
    questions: Mapping[str, Sequence[tuple[FormSchema, Field]]],
    labels: Labels,
    language: str,
    name: str,
) -> Table:
    columns: list[Column] = []
    for path, variants in questions.items():
        key = path[len(home) + 1 :]
        make: Callable[..., Iterator[Column]] = (
            entity_columns if variants[0][1].kind == "entity" else answer_columns
        )
        columns += make(path[1:], key, variants, labels, language)
    names = tuple(column.name for column in columns)
    header = (*LINKS, *names) if home else (*ABOUT, *names, *LAST)
    return Table(name, home, header, tuple(columns))


def _name(home: str, homes: Sequence[str]) -> str:
    """A short name for a repeat's table: its own, or its whole path where two repeats share one."""
    if not home:
        return ""
    short = home.rpartition("/")[2]
    alone = sum(other.rpartition("/")[2].casefold() == short.casefold() for other in homes) == 1
    return short if alone else home[1:].replace("/", ".")


def _cells(table: Table, row: Row) -> list[Cell]:
    return [column.of(row) for column in table.columns]
