"""What a client may fetch of the forms: the list, each version's XML, and its media cut to the person's area.

Lists of wards and villages are made here from the gazetteer, for this person and day; they never come with the form.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from forms.problems import Problem
from forms.schema import FormSchema, read_schema
from forms.xml import encoding_of
from server.access.rules import Who, may
from server.flows import entity_lists
from server.flows.places import gazetteer
from server.flows.unit_names import label
from server.store import closed_forms, contacts, forms
from server.store.forms import FormVersion
from sync.digest import form_hash
from sync.places.gazetteer import Gazetteer
from sync.places.unit import Unit

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CSV = "text/csv; charset=utf-8"
GENERATED = ("wards.csv", "villages.csv")


@dataclass(frozen=True)
class Offered:
    form_id: str
    version: str
    title: str
    hash: str
    media: tuple[Media, ...]
    published_at: datetime


@dataclass(frozen=True)
class Media:
    filename: str
    hash: str
    content: bytes
    content_type: str
    dataset: str = ""
    """The entity list that this file is; empty for any other file."""


def offered(
    session: Session,
    who: Who,
    now: datetime,
    *,
    province: str,
    all_versions: bool = False,
    without: Collection[str] = (),
) -> list[Offered]:
    """The forms this person can fill now, newest version each (or all released ones); closed forms are not.

    ``without``: lists that the asker keeps up to date itself; they are not made.
    """
    versions = forms.all_versions(session) if all_versions else forms.current(session)
    closed = closed_forms.ids(session)
    return [
        _offer(session, form, who, now, province, without)
        for form in versions
        if form.state == "released" and form.form_id not in closed
    ]


def _offer(
    session: Session, form: FormVersion, who: Who, now: datetime, province: str, without: Collection[str]
) -> Offered:
    files = tuple(media(session, form, who, now, province=province, without=without))
    return Offered(form.form_id, form.version, form.title, form.hash, files, form.published_at)


def drafts(
    session: Session, who: Who, now: datetime, *, province: str, without: Collection[str] = ()
) -> list[Offered]:
    """The drafts this person may try; none for those who may not."""
    if not may(who, "try_drafts"):
        return []
    return [_offer(session, form, who, now, province, without) for form in forms.drafts(session)]


def one(session: Session, form_id: str, version: str, who: Who) -> FormVersion:
    """Any version that was ever released, also a closed one: an interview ends in the version it began in.

    A draft only for those who may try drafts.
    """
    found = forms.find(session, form_id, version)
    if found is None or (found.trial_of is not None and not may(who, "try_drafts")):
        raise Problem("file_missing", name=f"{form_id} {version}")
    return found


def schema_of(form: FormVersion) -> FormSchema:
    """The form as a tree of fields; parsed once per version."""
    return _schema(form.hash, form.xform)


def media(
    session: Session,
    form: FormVersion,
    who: Who,
    now: datetime,
    *,
    province: str,
    without: Collection[str] = (),
) -> list[Media]:
    """The files this version needs, as this person gets them."""
    given = {file.filename: file for file in forms.media_of(session, form.id)}
    files = [
        Media(file.filename, file.hash, file.content, _content_type(file.filename)) for file in given.values()
    ]
    for name in schema_of(form).media:
        if name in given or name in without:
            continue
        if name in GENERATED:
            day = now.astimezone(ZONE).date()
            content = place_list(name, gazetteer(session), who, day, contacts.numbers(session))
            files.append(Media(name, form_hash(content), content, CSV))
        elif name.endswith(".csv") and (dataset := entity_lists.dataset_of(name, _released(session))):
            content = entity_lists.entity_csv(
                session, province, dataset, who, _released(session), now.astimezone(ZONE).date()
            )
            files.append(Media(name, form_hash(content), content, CSV, dataset))
    return sorted(files, key=lambda file: file.filename)


def _released(session: Session) -> list[FormSchema]:
    return [schema_of(form) for form in forms.current(session)]


def place_list(
    name: str, places: Gazetteer, who: Who, on: date, numbers: Mapping[str, str] | None = None
) -> bytes:
    """``wards.csv`` or ``villages.csv`` of the person's area on this day.

    Wards: name, label, the sanity box in degrees, the child officer's number; villages: name, label, ward.
    """
    wards = places.wards(on=on)
    villages = [village for ward in wards for village in places.villages(ward.code, on=on)]
    mine = [village for village in villages if _inside(village, who)]
    if name == "villages.csv":
        rows = [(unit.code, label(unit), unit.parent_code or "") for unit in mine]
        return _csv(("name", "label", "ward"), sorted(rows, key=lambda row: (row[2], row[0])))
    codes = {village.parent_code for village in mine}
    chosen = [ward for ward in wards if ward.code in codes or who.everywhere or ward.code in who.area]
    known = numbers or {}
    listed = [(ward.code, ward.name, *_edges(places, ward, on), known.get(ward.code, "")) for ward in chosen]
    return _csv(("name", "label", "lat_min", "lat_max", "lon_min", "lon_max", "phone"), listed)


def _edges(places: Gazetteer, ward: Unit, on: date) -> tuple[str, str, str, str]:
    box = places.on(on).box(ward.code)
    return (str(box.south), str(box.north), str(box.west), str(box.east)) if box else ("", "", "", "")


def _inside(village: Unit, who: Who) -> bool:
    return who.everywhere or village.code in who.area or village.parent_code in who.area


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def xml_type(xform: bytes) -> str:
    """How a form is served: its very bytes, in the encoding that they are written in."""
    return f"text/xml; charset={encoding_of(xform)}"


def _content_type(filename: str) -> str:
    ending = filename.rsplit(".", 1)[-1].lower()
    return {
        "csv": CSV,
        "xml": "text/xml; charset=utf-8",
        "geojson": "application/geo+json",
        "png": "image/png",
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "mp3": "audio/mpeg",
        "mp4": "video/mp4",
    }.get(ending, "application/octet-stream")


@lru_cache(maxsize=64)
def _schema(_hash: str, xform: bytes) -> FormSchema:
    return read_schema(xform)
