"""Attachments in an S3 bucket: kept, shown, copied out; and what happens while the bucket is away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import boto3
import pytest
from kept import JPEG, publish_small, receive_every_kind, rows
from moto.server import ThreadedMotoServer
from office import Clock, Office, Template
from postgres import driver
from small_form import interview, post

from server.app import create_app
from server.flows.raw_copies import write_raw
from server.pages.submissions import _send
from server.settings import Bucket, Settings
from server.store.base import db
from server.store.bucket import BlobBucket, BucketAway
from server.store.submissions import ATTACHMENTS, SUBMISSIONS

KEY = {"key_id": "thu-nghiem", "secret": "chi-de-thu-nghiem"}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(moto: str, tmp_path: Path) -> Bucket:
    made = Bucket("mangnon-thu", moto, prefix=tmp_path.name.replace("_", "-"), **KEY)
    client = boto3.client(
        "s3",
        endpoint_url=moto,
        region_name=made.region,
        aws_access_key_id=made.key_id,
        aws_secret_access_key=made.secret,
    )
    client.create_bucket(Bucket=made.name)
    client.close()
    return made


@pytest.fixture
def office(template: Template, database_url: str, tmp_path: Path, bucket: Bucket) -> Iterator[Office]:
    data = tmp_path / "data"
    shutil.copytree(template.folder, data)
    clock = Clock()
    settings = Settings(data=data, database_url=driver(database_url), bucket=bucket)
    made = Office(create_app(settings, clock), clock)
    yield made
    with made.app.app_context():
        made.app.extensions["mangnon.writer"].close()
        db.session.remove()
        db.engine.dispose()


def test_the_bucket_keeps_by_content(bucket: Bucket) -> None:
    blobs = BlobBucket(bucket)
    large = bytes(range(256)) * 60_000
    one, two = blobs.put(BytesIO(JPEG)), blobs.put(BytesIO(large))
    assert blobs.put(BytesIO(JPEG)) == one
    assert (blobs.size(one.sha256), blobs.size(two.sha256)) == (len(JPEG), len(large))
    with blobs.open(two.sha256) as source:
        assert source.read() == large
    assert sorted(blobs.names()) == sorted([one.sha256, two.sha256])
    assert blobs.size("0" * 64) is None
    with pytest.raises(FileNotFoundError):
        blobs.open("0" * 64)
    with pytest.raises(ValueError):
        blobs.open("../../secret")


def test_a_photo_goes_to_the_bucket_and_comes_back(office: Office, key_path: str, tmp_path: Path) -> None:
    sent = receive_every_kind(office, office.app.test_client(), key_path)
    assert len(sent) == 5
    assert not list((tmp_path / "data" / "attachments").glob("??/*"))
    with office.app.app_context():
        done = write_raw(db.session(), office.app.extensions["mangnon.blobs"], tmp_path / "out")
    assert (done.attachments, done.missing) == (3, [])
    assert {path.read_bytes() for path in (tmp_path / "out").rglob("*.jpg")} == {JPEG}


def test_an_officer_sees_the_photo(office: Office, key_path: str) -> None:
    receive_every_kind(office, office.app.test_client(), key_path)
    shown, *_rest = rows(office, ATTACHMENTS)
    with office.app.test_request_context():
        answer = _send(shown)  # type: ignore[arg-type]
        answer.direct_passthrough = False
        assert (answer.get_data(), answer.mimetype) == (JPEG, "image/jpeg")
        answer.close()


def test_away_nothing_is_acknowledged_and_it_resumes(
    office: Office, key_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_small(office)
    client = office.app.test_client()
    nowhere = Bucket("mangnon-thu", "http://127.0.0.1:9", **KEY)
    there = office.app.extensions["mangnon.blobs"]
    away = BlobBucket(nowhere)
    with pytest.raises(BucketAway):
        away.put(BytesIO(JPEG))
    monkeypatch.setitem(office.app.extensions, "mangnon.blobs", away)
    refused = post(client, key_path, interview(photo="p.jpg"), {"p.jpg": JPEG})
    assert refused.status_code == 503
    assert b"C204" in refused.data  # server_busy
    assert rows(office, SUBMISSIONS) == []
    monkeypatch.setitem(office.app.extensions, "mangnon.blobs", there)
    assert post(client, key_path, interview(photo="p.jpg"), {"p.jpg": JPEG}).status_code == 201
    assert rows(office, SUBMISSIONS)[0].complete
