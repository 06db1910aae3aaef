"""Fills any form at all: every question gets an answer of its type, every repeat two rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from forms.publish import PublishedForm, publish
from forms.schema import Field, FormSchema

CORPUS = Path(__file__).parent.parent / "forms" / "corpus"
CASES = tuple(sorted(CORPUS.glob("*.md")))
ANSWERS = {
    "int": "7",
    "decimal": "2.5",
    "date": "2026-11-25",
    "time": "07:30:00.000+07:00",
    "datetime": "2026-11-25T07:30:00.000+07:00",
    "geopoint": "21.85 106.76 250 4.5",
    "geotrace": "21.85 106.76 250 4.5; 21.86 106.77 251 4",
    "geoshape": "21.85 106.76 0 0; 21.86 106.77 0 0; 21.85 106.78 0 0; 21.85 106.76 0 0",
    "barcode": "8934567890123",
    "acknowledge": "OK",
    "image": "anh.jpg",
    "audio": "tieng.m4a",
    "video": "phim.mp4",
    "file": "to_khai.pdf",
    "audit": "audit.csv",
}
MEDIA = {
    "wards_of_old.csv": "code,title\n05977,Đông Kinh\n05980,Lương Văn Tri\n".encode(),
    "goods.xml": "<root><item><name>ngo</name><label>Ngô</label></item>"
    "<item><name>lua</name><label>Lúa</label></item></root>".encode(),
    "roads.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","id":"r1","geometry":null,'
    b'"properties":{"title":"Road 1"}}]}',
    "prices.csv": b"name,price\n05977,10\n",
}


def published(case: Path) -> PublishedForm:
    return publish(case.read_bytes(), case.name)


def xform_of(case: Path) -> Path:
    """Where the XForm of a case is kept for the phone app's tests, which have no converter."""
    return case.parent / "xforms" / f"{case.stem}.xml"


def filled(schema: FormSchema, number: int = 1) -> bytes:
    """A submission that answers everything."""
    body = "".join(_fields(schema.tree, schema, "1"))
    instance = f"uuid:00000000-0000-4000-9000-{number:012d}"
    return (
        f'<?xml version="1.0"?><{schema.root} xmlns:orx="http://openrosa.org/xforms" id={quoteattr(schema.form_id)}'
        f" version={quoteattr(schema.version)}>{body}"
        f"<meta><instanceID>{instance}</instanceID>{_meta(schema)}</meta></{schema.root}>"
    ).encode()


def answer(field: Field) -> str:
    """The text that answers this question."""
    if field.type in {"select_one", "select_multiple", "rank"}:
        codes = list(field.choices.by_value) if field.choices else []
        codes = codes or ["05977", "05980"]
        return codes[0] if field.type == "select_one" else " ".join(codes)
    return ANSWERS.get(field.type, f"chữ của {field.name}")


def _meta(schema: FormSchema) -> str:
    meta = schema.fields.get("/meta")
    inside = meta.children if meta else {}
    return "".join(
        _entity(field, "0") if field.kind == "entity" else f"<{name}>{escape(answer(field))}</{name}>"
        for name, field in inside.items()
        if name != "instanceID"
    )


def _fields(fields: Mapping[str, Field], schema: FormSchema, at: str) -> Iterator[str]:
    for name, field in fields.items():
        if field.path == "/meta":
            continue
        if field.kind == "repeat":
            for row in (1, 2):
                inner = "".join(_fields(field.children, schema, f"{at}{row}"))
                yield f"<{name}>{inner}</{name}>"
        elif field.kind == "group":
            yield f"<{name}>{''.join(_fields(field.children, schema, at))}</{name}>"
        elif field.kind == "entity":
            yield _entity(field, at)
        elif field.kind != "note":
            yield f"<{name}>{escape(answer(field))}</{name}>"


def _entity(field: Field, at: str) -> str:
    entity_id = f"00000000-0000-4000-a000-{int(at):012d}"
    return f'<entity dataset="{field.dataset}" id="{entity_id}" create="1"><label>Tên {at}</label></entity>'


if __name__ == "__main__":
    # After a change of a case or of the converter: write the XForms anew.
    for each in CASES:
        xform_of(each).parent.mkdir(exist_ok=True)
        xform_of(each).write_bytes(published(each).xform)
