"""The files beside a form: which are missing, which nobody asks for, and the choices that stand in them."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from lxml import etree

from forms.lint import lint_list
from forms.problems import Problem
from forms.schema import FormSchema
from forms.xml import local, parse, text_of

MAX_NAME = 255
_UNSAFE = set('/\\:*?"<>|') | {chr(code) for code in range(32)}


def clean_names(media: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files under safe names in NFC; raises Problem for a name that no phone could keep."""
    named: dict[str, bytes] = {}
    for raw, content in media.items():
        name = unicodedata.normalize("NFC", raw).replace("\\", "/").rpartition("/")[2].strip()
        if not name or name.startswith(".") or len(name) > MAX_NAME or set(name) & _UNSAFE:
            raise Problem("media_name", filename=name[:60])
        named[name] = content
    return named


def media_remarks(
    schema: FormSchema, given: Mapping[str, bytes], made_elsewhere: Collection[str]
) -> Iterator[Problem]:
    """Files the form names that nobody gave, files it does not name, and lists that are too long."""
    for name in schema.media:
        if name not in given and name not in made_elsewhere:
            yield Problem("media_missing", filename=name)
    for name, content in given.items():
        if name not in schema.media:
            yield Problem("media_unnamed", filename=name)
        if name.lower().endswith(".csv"):
            long = lint_list(name, sum(1 for line in content.splitlines() if line.strip()) - 1)
            if long is not None:
                yield long


def choices_in(filename: str, content: bytes, value: str, label: str) -> dict[str, str]:
    """Labels by code of an attached list (CSV, XML or GeoJSON); empty where it cannot be read."""
    ending = filename.lower().rpartition(".")[2]
    try:
        rows = {"csv": _csv, "xml": _xml, "geojson": _geojson}[ending](content)
        return {row[value]: row.get(label) or row[value] for row in rows if row.get(value)}
    except (KeyError, TypeError, ValueError, csv.Error, AttributeError, Problem):
        return {}


def _csv(content: bytes) -> Iterable[Mapping[str, str]]:
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    rows = csv.DictReader(io.StringIO(text), restkey="", restval="")
    return ({_nfc(key): _nfc(cell) for key, cell in row.items() if isinstance(cell, str)} for row in rows)


def _xml(content: bytes) -> Iterable[Mapping[str, str]]:
    items = (node for node in parse(content, scale=20).iter(etree.Element) if local(node) == "item")
    return ({local(part): text_of(part) for part in item} for item in items)


def _geojson(content: bytes) -> Iterable[Mapping[str, str]]:
    for feature in json.loads(content)["features"]:
        row = {key: str(entry) for key, entry in (feature.get("properties") or {}).items()}
        if "id" in feature:
            row["id"] = str(feature["id"])
        yield {key: _nfc(cell) for key, cell in row.items()}


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
