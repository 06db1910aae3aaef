"""A small form and its interviews, for tests of the wire that do not care about the questionnaire."""

from __future__ import annotations

import urllib.request
from io import BytesIO

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

SMALL = b"""| settings |
| | form_title | form_id | version | default_language |
| | Small      | small   | {version} | vi |

| survey |
| | type  | name  | label::vi |
| | text  | q     | Q         |
| | image | photo | P         |
"""
VERSION = {"X-OpenRosa-Version": "1.0"}


def small_form(version: str = "1") -> bytes:
    return SMALL.replace(b"{version}", version.encode())


def interview(
    number: int = 1,
    *,
    answer: str = "a",
    photo: str = "",
    version: str = "1",
    form_id: str = "small",
    replaces: str = "",
    instance_id: str | None = None,
) -> bytes:
    """The XML of one interview of the small form."""
    own = instance_id if instance_id is not None else instance(number)
    old = f"<orx:deprecatedID>{replaces}</orx:deprecatedID>" if replaces else ""
    return (
        f'<?xml version="1.0"?><data xmlns:orx="http://openrosa.org/xforms" id="{form_id}" version="{version}">'
        f"<q>{answer}</q><photo>{photo}</photo>"
        f"<orx:meta><orx:instanceID>{own}</orx:instanceID>{old}</orx:meta></data>"
    ).encode()


def instance(number: int) -> str:
    return f"uuid:00000000-0000-4000-8000-{number:012d}"


def post(
    client: FlaskClient,
    path: str,
    xml: bytes,
    files: dict[str, bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """POST one delivery as OpenRosa clients do, encoded here: the test client spools to a file it never closes."""
    data: dict[str, object] = {
        "xml_submission_file": FileStorage(BytesIO(xml), "submission.xml", content_type="text/xml")
    }
    for name, content in (files or {}).items():
        data[name] = FileStorage(BytesIO(content), name, content_type="image/jpeg")
    boundary, body = encode_multipart(data)
    return client.post(
        f"{path}/submission",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
        headers=VERSION if headers is None else headers,
    )


def send(url: str, xml: bytes) -> int:
    """POST one interview to a running server, as curl would; gives the status."""
    mark = "----mangnon-test"
    body = (
        (
            f'--{mark}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\n'
            "Content-Type: text/xml\r\n\r\n"
        ).encode()
        + xml
        + f"\r\n--{mark}--\r\n".encode()
    )
    request = urllib.request.Request(
        f"{url}/submission",
        data=body,
        headers=VERSION | {"Content-Type": f"multipart/form-data; boundary={mark}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.status)
