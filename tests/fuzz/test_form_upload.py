"""Bad forms through the upload page: mutated files, odd tables and workbooks, odd media; then the draft's own page.

Each upload is answered with the draft or with words: never a 500, never a second, bounded in memory. Files in
``corpus/forms`` are kept inputs that once went wrong.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from browser import Browser, administrator
from hostile_forms import heavy_tables, heavy_workbooks, packed, parts, workbook
from hypothesis import given
from hypothesis import strategies as st
from office import Office
from small_form import small_form
from werkzeug.test import TestResponse

from forms.publish import publish

Ask = Callable[..., TestResponse]
KEPT = sorted((Path(__file__).parent / "corpus" / "forms").glob("*.*"))
HEAVY = {f"{name}.xlsx": made for name, made in heavy_workbooks()} | {
    f"{name.replace(':', ' ')}.md": made for name, made in heavy_tables()
}
MARK = "----mangnon-fuzz"
FORM_IDS = ("small", "other", "third")

names = st.one_of(
    st.sampled_from(
        ["q1", "q2", "g", "small", "", "1q", "a b", "meta", "instanceID", "ô", "q1/q2", "__proto__"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=8),
)
expressions = st.one_of(
    st.sampled_from(
        [
            "${q1}",
            "${q1",
            "${}",
            "${q1} = ${q2}",
            ". > 0",
            "(" * 500,
            "instance('c')/root/item[name=${q1}]/label",
            "indexed-repeat(${q1}, ${g}, 1)",
            "${last-saved#q1}",
            "regex(., '(a+)+$')",
            "pulldata('a', 'b', 'c', ${q1})",
            "position(..)",
            "<b>",
            "]]>",
            "&#0;",
            "yes",
            "=1+1",
        ]
    ),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
types = st.one_of(
    st.sampled_from(
        [
            *("text", "integer", "note", "calculate", "image", "audit", "start", "hidden", "geopoint"),
            *("select_one c", "select_multiple c", "select_one c or_other", "rank c", "select_one", "range"),
            *(
                "select_one_from_file a.csv",
                "select_one_from_file a.geojson",
                "select_one ${q1}",
                "csv-external",
            ),
            *(
                "begin group",
                "end group",
                "begin repeat",
                "end repeat",
                "begin loop over c",
                "end loop",
                "osm x",
            ),
            *(
                "begin_group",
                "xml-external",
                "select_one_external c",
                "background-audio",
                "trigger",
                "table-list",
            ),
        ]
    ),
    names,
)
columns = st.sampled_from(
    [
        *(
            "label",
            "label::vi",
            "label::English (en)",
            "hint",
            "relevant",
            "constraint",
            "calculation",
            "required",
        ),
        *(
            "appearance",
            "default",
            "choice_filter",
            "repeat_count",
            "parameters",
            "readonly",
            "trigger",
            "save_to",
        ),
        *(
            "bind::mn:fact",
            "bind::odk:length",
            "body::x",
            "instance::y",
            "media::image",
            "bind:: ",
            "::",
            "label::",
        ),
        *(
            "guidance_hint",
            "constraint_message::vi",
            "image",
            "note",
            "calculation::x",
            "bind::jr:constraintMsg",
        ),
    ]
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    """Sheets with the right names and nearly right content."""
    head = ["type", "name", *draw(st.lists(columns, max_size=4, unique=True))]
    rows = draw(
        st.lists(
            st.tuples(types, names, st.lists(expressions, max_size=4)).map(lambda r: [r[0], r[1], *r[2]]),
            max_size=8,
        )
    )
    made = {
        "survey": [head, ["text", "q1", *["L"] * (len(head) - 2)], *rows],
        "settings": [
            [
                "form_id",
                "version",
                draw(st.sampled_from(["form_title", "instance_name", "style", "namespaces"])),
            ],
            [draw(st.sampled_from(FORM_IDS)), draw(names), draw(expressions)],
        ],
    }
    if draw(st.booleans()):
        choices = draw(st.lists(st.tuples(names, names, expressions).map(list), max_size=4))
        made["choices"] = [["list_name", "name", "label"], ["c", "1", "Một"], *choices]
    if draw(st.booleans()):
        entity = [draw(names), draw(expressions), draw(expressions), draw(expressions)]
        made["entities"] = [["list_name", "label", "create_if", "entity_id"], entity]
    return made


def as_markdown(sheets: dict[str, list[list[str]]]) -> bytes:
    lines = []
    for title, rows in sheets.items():
        lines.append(f"| {title} |")
        lines += [f"| | {' | '.join(row)} |" for row in rows]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def as_workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    """The cells as Excel could hold them: no control characters."""
    return workbook(
        {
            title: [
                ["".join(letter for letter in cell if letter.isprintable()) for cell in row] for row in rows
            ]
            for title, rows in sheets.items()
        }
    )


@cache
def seeds() -> dict[str, bytes]:
    source = small_form("7")
    made = publish(source, "small.md").xform
    return {"f.md": source, "f.xml": made, "f.xlsx": workbook()}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A whole form with a piece taken out, doubled, or put in; in a workbook also inside one of its parts."""
    name = draw(st.sampled_from(sorted(seeds())))
    whole = seeds()[name]
    if name == "f.xlsx" and draw(st.booleans()):
        content = parts(whole)
        part = draw(st.sampled_from(sorted(content)))
        return name, packed(content | {part: _damage(draw, content[part])})
    return name, _damage(draw, whole)


def _damage(draw: st.DrawFn, body: bytes) -> bytes:
    start, length = draw(st.integers(0, len(body))), draw(st.integers(0, 60))
    put = draw(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [b"\0", b"<", b"&a;", b"\xff", b"| ", b"\n| survey |\n", b"9" * 400, b"<row/>" * 50]
            ),
            st.just(body[start : start + length] * 3),
        )
    )
    return body[:start] + put + body[start + length :]


@pytest.fixture(scope="module")
def page(fuzzed: Office) -> Browser:
    fuzzed.app.config["SERVER_NAME"] = None
    return administrator(fuzzed)


def upload(page: Browser, name: str, source: bytes, media: dict[str, bytes] | None = None) -> TestResponse:
    """As a browser sends it; encoded here, since the test client spools to a file it never closes."""
    sent = [
        ("form", name, source),
        *(("media", filename, content) for filename, content in (media or {}).items()),
    ]
    body = f'--{MARK}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{page.csrf}\r\n'.encode()
    for field, filename, content in sent:
        quoted = filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{MARK}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"\r\n\r\n'
        body += head.encode("utf-8", "surrogatepass") + content + b"\r\n"
    return page.client.post(
        "/admin/forms",
        data=body + f"--{MARK}--\r\n".encode(),
        content_type=f"multipart/form-data; boundary={MARK}",
    )


def follow(page: Browser, ask: Ask, answer: TestResponse) -> None:
    """A draft that was kept is shown, then discarded, so that the next example finds the same office."""
    if answer.status_code != 303 or "/draft" not in answer.headers["Location"]:
        assert answer.status_code in (200, 303, 400, 409, 413, 415, 422), answer.status_code
        return
    place = answer.headers["Location"]
    shown = ask(lambda: page.get(place))
    assert shown.status_code == 200
    version = shown.text.partition('name="version" value="')[2].partition('"')[0]
    decided = ask(lambda: page.post(place, decision="discard", version=version))
    assert decided.status_code == 303


def test_a_whole_form_becomes_a_draft_that_can_be_discarded(page: Browser, ask: Ask) -> None:
    """Otherwise the examples below would prove little."""
    for name, source in (("f.md", small_form("9")), ("f.xlsx", workbook())):
        answer = ask(lambda name=name, source=source: upload(page, name, source))  # type: ignore[misc]
        assert answer.status_code == 303
        assert "/draft" in answer.headers["Location"]
        follow(page, ask, answer)


@given(form=damaged())
def test_damaged_files(page: Browser, ask: Ask, form: tuple[str, bytes]) -> None:
    follow(page, ask, ask(lambda: upload(page, *form)))


@given(sheets=tables())
def test_odd_tables(page: Browser, ask: Ask, sheets: dict[str, list[list[str]]]) -> None:
    follow(page, ask, ask(lambda: upload(page, "f.md", as_markdown(sheets))))


@given(sheets=tables())
def test_odd_workbooks(page: Browser, ask: Ask, sheets: dict[str, list[list[str]]]) -> None:
    follow(page, ask, ask(lambda: upload(page, "f.xlsx", as_workbook(sheets))))


@given(
    filename=st.one_of(
        names, st.sampled_from(["a.csv", "../a.csv", "a.geojson", "a.xml", "itemsets.csv", "A.CSV"])
    ),
    content=st.one_of(
        st.binary(max_size=200),
        st.sampled_from(
            [
                b'{"type":"FeatureCollection"',
                b"name,label\n1,a\n",
                b"<root>",
                b'"' * 500,
                b"\0",
                b"a,a\n" * 50,
            ]
        ),
    ),
    form_name=st.one_of(
        names, st.sampled_from(["f.md", "F.MD", "f.md.xlsx", ".md", "f.xls", "f.xlsm", "f.md\0"])
    ),
    kind=st.sampled_from(["a.csv", "a.geojson", "a.xml"]),
)
def test_odd_names_and_media(
    page: Browser, ask: Ask, filename: str, content: bytes, form_name: str, kind: str
) -> None:
    source = as_markdown(
        {
            "survey": [["type", "name", "label"], [f"select_one_from_file {kind}", "q1", "L"]],
            "settings": [["form_id", "version"], ["small", "m"]],
        }
    )
    follow(page, ask, ask(lambda: upload(page, form_name, source, {filename: content} if filename else {})))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_kept_inputs(page: Browser, ask: Ask, path: Path) -> None:
    follow(page, ask, ask(lambda: upload(page, path.name, path.read_bytes())))


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_inputs(page: Browser, ask: Ask, name: str) -> None:
    """In words, too; how long each may take is told in tests/forms/test_archive.py; a busy machine has leave here."""
    answer = ask(lambda: upload(page, name, HEAVY[name]), within=3.0)
    assert answer.status_code in (400, 413, 422)


def test_a_zip_that_is_no_workbook(page: Browser, ask: Ask) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(1_999):
            archive.writestr(f"{'d/' * 200}{number}", b"")
    assert ask(lambda: upload(page, "f.xlsx", out.getvalue())).status_code == 422
