"""The bytes of the wire: namespaces, escaping, and the hash of what is served."""

from __future__ import annotations

from lxml import etree

from sync import digest, openrosa
from sync.openrosa import ListedForm, MediaFile

LIST = {"l": openrosa.LIST_NS}
MANIFEST = {"m": openrosa.MANIFEST_NS}


def test_form_list_escapes_and_leaves_out_an_empty_manifest() -> None:
    body = openrosa.form_list([ListedForm("a&b", "Phiếu <thử>", "1.0", "md5:x", "http://h/f?a=1&b=2")])
    root = etree.fromstring(body)
    assert root.tag == f"{{{openrosa.LIST_NS}}}xforms"
    assert root.findtext("l:xform/l:formID", namespaces=LIST) == "a&b"
    assert root.findtext("l:xform/l:name", namespaces=LIST) == "Phiếu <thử>"
    assert root.find("l:xform/l:manifestUrl", LIST) is None


def test_manifest_marks_entity_lists() -> None:
    body = openrosa.manifest(
        [
            MediaFile("a.csv", "md5:1", "http://h/a"),
            MediaFile("child.csv", "md5:2", "http://h/c", "http://h/i"),
        ]
    )
    plain, entities = etree.fromstring(body).findall("m:mediaFile", MANIFEST)
    assert plain.get("type") is None
    assert entities.get("type") == "entityList"
    assert entities.findtext("m:integrityUrl", namespaces=MANIFEST) == "http://h/i"


def test_response_carries_its_nature() -> None:
    message = etree.fromstring(openrosa.response("Đã nhận <1>", "submit_new"))[0]
    assert (message.text, message.get("nature")) == ("Đã nhận <1>", "submit_new")
    assert etree.fromstring(openrosa.response("x"))[0].get("nature") is None


def test_hashes_are_of_the_bytes() -> None:
    assert digest.form_hash(b"") == "md5:d41d8cd98f00b204e9800998ecf8427e"
    assert digest.of_bytes(b"a") != digest.of_bytes(b"a ")
