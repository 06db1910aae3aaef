"""The file format of a profile: TOML tables to frozen profiles; a mistake in a file is a ValueError at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from server.labour.profiles import (
    LISTS,
    Band,
    Item,
    LoadLimit,
    Policy,
    PolicyValue,
    Profile,
    RiskFactor,
    Rule,
    Test,
)

Table = Mapping[str, Any]

OPERATORS = ("is", "unless", "listed", "among", "reaches", "at_least")
COMPARISONS = (">", ">=", "<", "<=")


def read_profile(data: Table, files: Mapping[str, Table]) -> Profile:
    """A profile from its table; ``files`` holds the lists that it may name."""
    lists = files[data["lists"]] if "lists" in data else {}
    return Profile(
        name=data["name"],
        version=data["version"],
        kind=data["kind"],
        enabled=data["enabled"],
        verified=data["verified"],
        title_vi=data["title_vi"],
        title_en=data["title_en"],
        source=data["source"],
        valid_from=data.get("valid_from", date.min),
        valid_to=data.get("valid_to", date.max),
        notes=tuple(data.get("notes", ())),
        unknown={fact: tuple(articles) for fact, articles in data["unknown"].items()},
        policies={name: _policy(name, table) for name, table in data.get("policies", {}).items()},
        rules=tuple(_rule(table) for table in data.get("rule", ())),
        bases=tuple(_rule(table) for table in data.get("base", ())),
        bands=tuple(_band(table) for table in data.get("band", ())),
        class_order=tuple(data.get("class_order", ())),
        unlawful_classes=frozenset(data.get("unlawful_classes", ())),
        procedural=frozenset(data.get("procedural", ())),
        lists={name: _items(lists[name]) for name in LISTS if name in lists},
        load_limits=tuple(LoadLimit(**table) for table in lists.get("load_limit", ())),
        risk_factors=tuple(RiskFactor(**table) for table in lists.get("risk_factor", ())),
    )


def _rule(table: Table) -> Rule:
    choice = dict(table.get("class_if", {}))
    other_class = choice.pop("class", "")
    return Rule(
        row=table["row"],
        class_=table["class"],
        age=_age(table["age"]),
        vi=table["vi"],
        en=table["en"],
        articles=_articles(table),
        code=table.get("code", ""),
        suffix=table.get("suffix", ""),
        relation=tuple(table.get("relation", ())),
        when=tuple(_test(test) for test in table.get("when", ())),
        clean=tuple(table.get("clean", ())),
        unless_found=tuple(table.get("unless_found", ())),
        also=tuple((_age(entry["age"]), _articles(entry)) for entry in table.get("also", ())),
        only_if=_choices(table.get("only_if", {})),
        counts_if=_choices(table.get("counts_if", {})),
        class_if=(_choices(choice), other_class) if choice else None,
        valid_from=table.get("valid_from", date.min),
        valid_to=table.get("valid_to", date.max),
    )


def _band(table: Table) -> Band:
    return Band(_age(table["age"]), tuple(_test(test) for test in table["any"]), _articles(table))


def _test(table: Table) -> Test:
    if "any" in table:
        return Test(any_of=tuple(_test(test) for test in table["any"]))
    if "op" in table:
        if table["op"] not in COMPARISONS:
            raise ValueError(f"no such comparison: {table['op']}")
        return Test(table["fact"], table["op"], table["value"])
    for operator in OPERATORS:
        if operator in table:
            return Test(table["fact"], operator, table[operator])
    raise ValueError(f"a test without an operator: {dict(table)}")


def _age(pair: list[int]) -> tuple[int, int]:
    low, high = pair
    if not low < high:
        raise ValueError(f"an empty age band: {pair}")
    return low, high


def _articles(table: Table) -> tuple[str, ...]:
    if not table["articles"]:
        raise ValueError(f"no article: {dict(table)}")
    return tuple(table["articles"])


def _choices(table: Table) -> tuple[tuple[str, PolicyValue], ...]:
    return tuple(sorted(table.items()))


def _policy(name: str, table: Table) -> Policy:
    return Policy(name, table["default"], tuple(table["values"]), table["vi"], table["en"])


def _items(rows: list[Table]) -> dict[str, Item]:
    return {
        row["code"]: Item(row["code"], row["vi"], tuple(row["articles"]), row.get("short", False))
        for row in rows
    }
