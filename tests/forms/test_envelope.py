"""The first look at what a phone sent: strict, fast, and never lost for words on hostile bytes."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problems import Problem
from forms.read import read_envelope
from tests.builders import ls_cl

ORX = "http://openrosa.org/xforms"


def minimal(
    body: str = "", *, root: str = 'id="f" version="2"', meta: str = "<instanceID>uuid:1</instanceID>"
) -> bytes:
    return f"<data {root}>{body}<meta>{meta}</meta></data>".encode()


def refused(xml: bytes) -> str:
    with pytest.raises(Problem) as raised:
        read_envelope(xml)
    assert raised.value.kind.status == 400
    return raised.value.kind.name


def test_what_an_interview_says_of_itself() -> None:
    envelope = read_envelope(
        ls_cl.household([ls_cl.lawful_child()], instance_id="uuid:7", photo="phiếu 1.jpg")
    )
    assert (envelope.form_id, envelope.version, envelope.instance_id) == ("ls_cl", "1.1", "uuid:7")
    assert envelope.deprecated_id is None
    assert envelope.instance_name == "05977.001 / 1"
    assert envelope.media == ("phiếu 1.jpg",)
    assert not envelope.encrypted


def test_an_edit_names_what_it_replaces() -> None:
    assert read_envelope(ls_cl.household(deprecated_id="uuid:old")).deprecated_id == "uuid:old"


@pytest.mark.parametrize(
    "meta",
    [
        f'<orx:meta xmlns:orx="{ORX}"><orx:instanceID>uuid:1</orx:instanceID></orx:meta>',
        f'<meta xmlns="{ORX}"><instanceID>uuid:1</instanceID></meta>',
        "<meta><instanceID> uuid:1\n</instanceID></meta>",
    ],
)
def test_meta_in_any_namespace(meta: str) -> None:
    xml = f'<?xml version="1.0" encoding="utf-8"?><d xmlns="http://e/x" id="f">{meta}</d>'
    assert read_envelope(xml.encode()).instance_id == "uuid:1"


def test_old_forms_are_named_by_their_namespace_and_old_records_by_their_root() -> None:
    envelope = read_envelope(b'<d xmlns="http://example/old" instanceID="uuid:9"/>')
    assert (envelope.form_id, envelope.version, envelope.instance_id) == ("http://example/old", "", "uuid:9")


def test_a_byte_order_mark_and_chunks_of_comments_are_harmless() -> None:
    assert read_envelope(b"\xef\xbb\xbf" + minimal("<!-- a --><?x y?>")).form_id == "f"


def test_an_encrypted_record_lists_its_files() -> None:
    xml = (
        b'<data xmlns="http://opendatakit.org/submissions" id="f" version="1" encrypted="yes">'
        b"<base64EncryptedKey>x</base64EncryptedKey>"
        b'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:1</orx:instanceID></orx:meta>'
        b"<media><file>a.jpg.enc</file><file>b.m4a.enc</file></media>"
        b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    )
    envelope = read_envelope(xml)
    assert envelope.encrypted
    assert envelope.media == ("a.jpg.enc", "b.m4a.enc", "submission.xml.enc")


def test_likely_files_are_file_names_and_not_numbers_or_paths() -> None:
    texts = (
        "ảnh &amp; 1.JPG",
        "05977.001",
        "2.75",
        "../etc/passwd.txt",
        "a.mp4",
        "a.mp4",
        "http://x/y.png",
        "audit.csv",
    )
    body = "".join(f"<q>{text}</q>" for text in texts)
    assert read_envelope(minimal(body)).media == ("ảnh & 1.JPG", "a.mp4", "audit.csv")


def test_text_is_nfc_from_the_door_on() -> None:
    decomposed = unicodedata.normalize("NFD", "Phiếu ảnh.jpg")
    envelope = read_envelope(
        minimal(
            f"<q>{decomposed}</q>",
            meta=f"<instanceID>u</instanceID><instanceName>{decomposed}</instanceName>",
        )
    )
    assert envelope.media == ("Phiếu ảnh.jpg",)
    assert envelope.instance_name == "Phiếu ảnh.jpg"


@pytest.mark.parametrize(
    ("xml", "name"),
    [
        (b"", "submission_not_xml"),
        (b"not xml at all", "submission_not_xml"),
        (b"{}", "submission_not_xml"),
        (minimal()[:-9], "submission_not_xml"),
        (b'<data id="f"><a></b></data>', "submission_not_xml"),
        (minimal("&nbsp;"), "submission_not_xml"),
        (minimal("&#0;"), "submission_not_xml"),
        (minimal("&#xD800;"), "submission_not_xml"),
        (minimal() + minimal(), "submission_not_xml"),
        (minimal("a\0b"), "submission_not_utf8"),
        (minimal("\u00e9").decode().encode("latin-1"), "submission_not_utf8"),
        (
            minimal("\ud800".encode("utf-8", "surrogatepass").decode("latin-1")).decode().encode("latin-1"),
            "submission_not_utf8",
        ),
        (minimal().decode().encode("utf-16"), "submission_not_utf8"),
        (b'<?xml version="1.0" encoding="UTF-16"?>' + minimal(), "submission_not_utf8"),
        (b'<?xml version="1.0" encoding="windows-1258"?>' + minimal(), "submission_not_utf8"),
        (b"<!DOCTYPE data>" + minimal(), "submission_has_doctype"),
        (
            b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + minimal("&b;"),
            "submission_has_doctype",
        ),
        (b'<!DOCTYPE d SYSTEM "http://example/d.dtd">' + minimal(), "submission_has_doctype"),
        (minimal("<a>" * 2_000 + "</a>" * 2_000), "submission_too_complex"),
        (minimal("<a>" * 200_000), "submission_too_complex"),
        (minimal("<q/>" * 120_000), "submission_too_complex"),
        (minimal("<q " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>"), "submission_too_complex"),
        (minimal(root=""), "submission_without_form_id"),
        (minimal(root='id="  "'), "submission_without_form_id"),
        (minimal(root=f'id="{"f" * 300}"'), "submission_without_form_id"),
        (minimal(meta=""), "submission_without_instance_id"),
        (minimal(meta="<instanceID/>"), "submission_without_instance_id"),
        (minimal(meta=f"<instanceID>{'x' * 300}</instanceID>"), "submission_without_instance_id"),
        (minimal(meta="<instanceID>a\nb</instanceID>"), "submission_without_instance_id"),
        (b'<data id="f"/>', "submission_without_instance_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_and_broken_bytes_are_refused_by_name_and_at_once(xml: bytes, name: str) -> None:
    before = time.perf_counter()
    assert refused(xml) == name
    assert time.perf_counter() - before < 1


@given(st.binary(max_size=400))
def test_any_bytes_give_an_envelope_or_a_problem(data: bytes) -> None:
    with pytest.raises(Problem):
        read_envelope(data)


@given(st.integers(0, 6_000), st.binary(min_size=1, max_size=8))
def test_an_interview_with_damaged_bytes_never_raises_anything_else(at: int, damage: bytes) -> None:
    whole = ls_cl.household([ls_cl.lawful_child()])
    try:
        envelope = read_envelope(whole[:at] + damage + whole[at + len(damage) :])
    except Problem:
        return
    assert envelope.instance_id


@given(
    st.text(
        alphabet=st.characters(
            codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs", "Cf"), exclude_characters="<&]"
        ),
        min_size=1,
    )
)
def test_any_letters_survive_in_nfc(text: str) -> None:
    shown = text.strip()
    if not shown or len(unicodedata.normalize("NFC", shown)) > 200:
        return
    envelope = read_envelope(minimal(meta=f"<instanceID>u</instanceID><instanceName>{text}</instanceName>"))
    assert envelope.instance_name == unicodedata.normalize("NFC", shown)
