"""Bad input through every door: the answer is never a 500, takes no second, and eats no memory.

``make fuzz`` runs this with many examples and fresh seeds; the default suite with a few and fixed ones.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from small_form import VERSION, interview, small_form
from werkzeug.test import TestResponse

from forms.problems import Problem, Problems
from forms.publish import publish

sys.path.insert(0, str(Path(__file__).parent))
import contextlib

from corpus import corpus

Ask = Callable[[Callable[[], TestResponse]], TestResponse]
CORPUS = dict(corpus())
MARK = "fuzz"

names = st.text(st.characters(codec="utf-8"), max_size=30)
odd_text = st.text(st.characters(), max_size=60)
odd_bytes = st.one_of(
    st.binary(max_size=400), st.sampled_from([b"\r\n--fuzz--", b"--fuzz\r\n", b"\r\n\r\n", b"\0"])
)


def mutated(seed: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with a piece taken out, doubled, or put in."""

    def change(parts: tuple[int, int, bytes]) -> bytes:
        start, length, put = parts
        start %= len(seed) + 1
        return seed[:start] + put + seed[start + length :]

    return st.tuples(st.integers(0, 10_000), st.integers(0, 50), odd_bytes).map(change)


def multipart(xml: bytes, disposition: bytes = b'name="xml_submission_file"; filename="s.xml"') -> bytes:
    return (
        b"--fuzz\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + xml + b"\r\n--fuzz--\r\n"
    )


def deliver(client: FlaskClient, path: str, body: bytes, **headers: str) -> TestResponse:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        f"{path}/submission",
        input_stream=BytesIO(body),
        headers=VERSION | {"Content-Length": str(len(body))} | more,
        content_type=f"multipart/form-data; boundary={MARK}",
    )


@pytest.mark.parametrize("name", CORPUS)
def test_corpus_as_submission(client: FlaskClient, path: str, ask: Ask, name: str) -> None:
    answer = ask(lambda: deliver(client, path, multipart(CORPUS[name])))
    assert answer.status_code in (201, 202, 400, 413), answer.data


@pytest.mark.parametrize("name", CORPUS)
def test_corpus_as_form(name: str) -> None:
    """A form upload answers with the form or with problems, whatever comes."""
    for filename in ("x.xml", "x.md", "x.xlsx"):
        with contextlib.suppress(Problem, Problems):
            publish(CORPUS[name][:1_000_000], filename)


@given(xml=st.one_of(mutated(interview(photo="p.jpg")), odd_bytes))
def test_submission_xml(client: FlaskClient, path: str, ask: Ask, xml: bytes) -> None:
    ask(lambda: deliver(client, path, multipart(xml)))


@given(answer=odd_text, version=names, form_id=names)
def test_odd_text_in_a_submission(
    client: FlaskClient, path: str, ask: Ask, answer: str, version: str, form_id: str
) -> None:
    xml = (
        f'<data id="{form_id}" version="{version}"><q>{answer}</q>'
        f"<meta><instanceID>uuid:{answer}</instanceID></meta></data>"
    ).encode("utf-8", "surrogatepass")
    ask(lambda: deliver(client, path, multipart(xml)))


@given(body=mutated(multipart(interview()) + multipart(b"photo", b'name="p.jpg"; filename="p.jpg"')))
def test_multipart(client: FlaskClient, path: str, ask: Ask, body: bytes) -> None:
    ask(lambda: deliver(client, path, body))


@given(body=mutated(gzip.compress(multipart(interview()))))
def test_packed(client: FlaskClient, path: str, ask: Ask, body: bytes) -> None:
    ask(lambda: deliver(client, path, body, Content_Encoding="gzip"))


@given(disposition=mutated(b"name=\"xml_submission_file\"; filename*=UTF-8''%E1.xml"))
def test_part_headers(client: FlaskClient, path: str, ask: Ask, disposition: bytes) -> None:
    ask(lambda: deliver(client, path, multipart(interview(), disposition)))


def test_a_bomb_of_gzip_stops_at_the_limit(client: FlaskClient, path: str, ask: Ask) -> None:
    packed = gzip.compress(multipart(b"<a>" + b" " * 60_000_000), 9)
    assert len(packed) < 100_000
    assert ask(lambda: deliver(client, path, packed, Content_Encoding="gzip")).status_code == 413


@given(key=names, value=st.text(st.characters(), max_size=40))
def test_query_strings(client: FlaskClient, path: str, ask: Ask, key: str, value: str) -> None:
    asked = quote(value.encode("utf-8", "surrogatepass"))
    for door in ("formList", "submission", "entities/household", f"forms/{asked or 'x'}/1/manifest"):
        query = f"formID={asked}&deviceID={asked}&id={asked}&{quote(key)}={asked}"
        ask(lambda door=door, query=query: client.get(f"{path}/{door}?{query}", headers=VERSION))  # type: ignore[misc]
    ask(lambda: client.get(f"/?{quote(key)}={asked}"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)


@given(body=st.dictionaries(st.sampled_from(["name", "password", "key", "device_id", "more"]), json_values))
def test_phone_json(client: FlaskClient, ask: Ask, body: dict[str, Any]) -> None:
    ask(lambda: client.post("/phone/api/sign-in", json={"protocol": 1} | body))


@given(
    raw=st.one_of(odd_bytes, st.integers(1, 40_000).map(lambda depth: b"[" * depth), st.just(b"9" * 5_000))
)
def test_phone_bytes(client: FlaskClient, ask: Ask, raw: bytes) -> None:
    ask(lambda: client.post("/phone/api/sign-in", data=raw, content_type="application/json"))


def test_a_nul_is_refused_in_every_address(client: FlaskClient, path: str) -> None:
    for address in (f"{path}/formList?formID=%00", f"{path}/forms/%00/1/form.xml", "/?q=%00"):
        answer = client.get(address)
        assert answer.status_code == 400
        assert "S124" in answer.get_data(as_text=True)
    answer = client.post("/phone/api/sign-in", json={"protocol": 1, "name": "a\0b"})
    assert answer.json["problem"]["code"] == "S124"  # type: ignore[index]


@given(source=mutated(small_form()), name=st.sampled_from(["f.md", "f.xml", "f.xlsx"]))
def test_forms(source: bytes, name: str) -> None:
    with contextlib.suppress(Problem, Problems):
        publish(source, name)
