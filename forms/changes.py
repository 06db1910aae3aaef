"""What changes between two versions of a form, before the new one is published. Plain names and codes only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from forms.problems import Problem
from forms.schema import Field, FormSchema


@dataclass(frozen=True)
class Retyped:
    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Moved:
    """A question that kept its name and type but stands elsewhere; its answers are exported under both paths."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Relabelled:
    path: str
    before: str
    after: str


@dataclass(frozen=True)
class ChoicesChanged:
    path: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    relabelled: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[Moved, ...]
    retyped: tuple[Retyped, ...]
    relabelled: tuple[Relabelled, ...]
    choices: tuple[ChoicesChanged, ...]

    @property
    def nothing(self) -> bool:
        parts = (self.added, self.removed, self.moved, self.retyped, self.relabelled, self.choices)
        return not any(parts)

    @property
    def loses_answers(self) -> bool:
        """Whether answers of the older version no longer have a question of their kind."""
        return bool(self.removed or self.retyped or any(change.removed for change in self.choices))

    def as_data(self) -> dict[str, object]:
        """The report as a program reads it."""
        return {**asdict(self), "nothing": self.nothing, "loses_answers": self.loses_answers}


def warnings_of(changes: Changes, against: str) -> Iterator[Problem]:
    """What a new version takes away from the answers of the old one, as things to be told before publishing."""
    for path in changes.removed:
        yield Problem("change_removed", against=against, question=path)
    for retyped in changes.retyped:
        yield Problem(
            "change_retyped",
            against=against,
            question=retyped.path,
            before=retyped.before,
            after=retyped.after,
        )
    for change in changes.choices:
        if change.removed:
            removed = ", ".join(change.removed[:20])
            yield Problem("change_choices", against=against, question=change.path, removed=removed)


def compare(old: FormSchema, new: FormSchema) -> Changes:
    """Questions added, removed, moved, retyped and reworded, and choices that changed."""
    before, after = _questions(old), _questions(new)
    moved = _moved(
        {path: field for path, field in before.items() if path not in after},
        {path: field for path, field in after.items() if path not in before},
    )
    gone, come = {move.before for move in moved}, {move.after for move in moved}
    pairs = [(before[path], after[path]) for path in before if path in after]
    pairs += [(before[move.before], after[move.after]) for move in moved]
    return Changes(
        added=tuple(path for path in after if path not in before and path not in come),
        removed=tuple(path for path in before if path not in after and path not in gone),
        moved=moved,
        retyped=tuple(Retyped(new.path, old.type, new.type) for old, new in pairs if old.type != new.type),
        relabelled=tuple(
            Relabelled(new.path, old.label(), new.label()) for old, new in pairs if old.label() != new.label()
        ),
        choices=tuple(change for old, new in pairs if (change := _choices(old, new)) is not None),
    )


def _questions(schema: FormSchema) -> dict[str, Field]:
    return {field.path: field for field in schema.questions() if not field.path.startswith("/meta/")}


def _moved(gone: Mapping[str, Field], come: Mapping[str, Field]) -> tuple[Moved, ...]:
    new_home: dict[str, list[Field]] = {}
    for field in come.values():
        new_home.setdefault(field.name, []).append(field)
    moves: list[Moved] = []
    for path, field in gone.items():
        homes = new_home.get(field.name, [])
        alone = sum(other.name == field.name for other in gone.values()) == 1
        if len(homes) == 1 and alone and homes[0].type == field.type:
            moves.append(Moved(field.name, path, homes[0].path))
    return tuple(moves)


def _choices(old: Field, new: Field) -> ChoicesChanged | None:
    if old.choices is None or new.choices is None:
        return None
    before, after = old.choices.by_value, new.choices.by_value
    change = ChoicesChanged(
        path=new.path,
        added=tuple(code for code in after if code not in before),
        removed=tuple(code for code in before if code not in after),
        relabelled=tuple(
            code for code in before if code in after and before[code].labels != after[code].labels
        ),
    )
    return change if change.added or change.removed or change.relabelled else None
