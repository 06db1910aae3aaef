"""Attachments in an S3 bucket: kept, shown, copied out; and what happens while the bucket is away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from kept import JPEG, publish_small, receive_every_kind, rows
from moto.server import ThreadedMotoServer
from office import Clock, Office, Template
from postgres import driver
from small_form import interview, post

from server import jobs
from server.app import create_app
from server.cli import main
from server.flows.raw_copies import write_raw
from server.pages.submissions import _send
from server.settings import Bucket, Settings
from server.store import drills
from server.store.base import db
from server.store.blobs import BucketAway
from server.store.bucket import BlobBucket
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


def nowhere() -> Bucket:
    return Bucket("mangnon-thu", "http://127.0.0.1:9", **KEY)


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
    there = office.app.extensions["mangnon.blobs"]
    away = BlobBucket(nowhere())
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


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command for an office whose attachments stand in this bucket; gives what it said, or its problem."""

    def command(*words: str, of: Bucket, data: str = "data", database: str | None = None) -> dict[str, Any]:
        given = {
            "MANGNON_DATA": str(tmp_path / data),
            "DATABASE_URL": database_url if database is None else database,
            "MANGNON_S3_BUCKET": of.name,
            "MANGNON_S3_ENDPOINT": of.endpoint,
            "MANGNON_S3_PREFIX": of.prefix,
            "MANGNON_S3_KEY_ID": of.key_id,
            "MANGNON_S3_SECRET": of.secret,
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
        told = json.loads(done.stdout or done.stderr)
        if done.exit_code:
            told["problem"] = json.loads(done.stderr)["problem"]["name"]
        assert isinstance(told, dict)
        return told

    return command


def test_the_office_with_its_bucket_is_backed_up_restored_and_verified(
    office: Office, key_path: str, run: Run, bucket: Bucket, tmp_path: Path
) -> None:
    receive_every_kind(office, office.app.test_client(), key_path)
    file = str(tmp_path / "b.zip")
    made = run("backup", file, of=bucket)
    assert (made["attachments"], made["attachment_bytes"]) == (1, len(JPEG))
    checked = run("verify", of=bucket)
    assert (checked["ok"], checked["attachments"], checked["differences"]) == (True, 1, [])
    other = replace(bucket, prefix=f"{bucket.prefix}-again")
    assert run("restore", file, of=other, data="again", database="")["attachments"] == 1
    (name,) = BlobBucket(other).names()
    with BlobBucket(other).open(name) as source:
        assert source.read() == JPEG
    assert run("verify", of=other, data="again", database="")["ok"]
    assert not list((tmp_path / "again" / "attachments").glob("??/*")), "the files went to the bucket"


def test_a_damaged_or_lost_object_is_named(
    office: Office, key_path: str, run: Run, bucket: Bucket, tmp_path: Path, moto: str
) -> None:
    receive_every_kind(office, office.app.test_client(), key_path)
    (name,) = BlobBucket(bucket).names()
    client = boto3.client(
        "s3",
        endpoint_url=moto,
        region_name=bucket.region,
        aws_access_key_id=bucket.key_id,
        aws_secret_access_key=bucket.secret,
    )
    place = {"Bucket": bucket.name, "Key": f"{bucket.prefix}/{name[:2]}/{name}"}
    client.put_object(Body=b"other", **place)
    said = run("verify", of=bucket)
    assert (said["problem"], said["ok"]) == ("kept_differs", False)
    assert said["differences"] == [{"kind": "attachments", "id": name, "what": "other bytes"}]
    client.delete_object(**place)
    assert run("verify", of=bucket)["differences"][0]["what"] == "missing"
    assert run("backup", str(tmp_path / "b.zip"), of=bucket)["problem"] == "attachment_lost"
    assert not list(tmp_path.glob("b.zip*"))
    client.close()


def drill(office: Office) -> drills.Drill:
    with office.app.app_context():
        jobs.Nightly(office.app).once()
        found = drills.latest(db.session(), office.clock())
        assert found is not None
        db.session.expunge(found)
        return found


def test_the_nightly_drill_reads_the_bucket_and_tells_when_it_is_away(
    office: Office, key_path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    receive_every_kind(office, office.app.test_client(), key_path)
    done = drill(office)
    assert (done.problem, done.submissions, done.attachments) == (None, 4, 1)
    office.clock.pass_(days=1)
    with monkeypatch.context() as change:
        change.setitem(office.app.extensions, "mangnon.blobs", BlobBucket(nowhere()))
        failed = drill(office)
    assert failed.problem["name"] == "bucket_away"
    assert not list((tmp_path / "data").glob(".drill*"))
    office.clock.pass_(days=1)
    assert drill(office).problem is None


def test_while_the_bucket_is_away_the_commands_say_so_and_leave_nothing(
    office: Office, key_path: str, run: Run, bucket: Bucket, tmp_path: Path
) -> None:
    receive_every_kind(office, office.app.test_client(), key_path)
    file = tmp_path / "b.zip"
    assert run("verify", of=nowhere())["problem"] == "bucket_away"
    assert run("backup", str(file), of=nowhere())["problem"] == "bucket_away"
    assert not list(tmp_path.glob("b.zip*"))
    run("backup", str(file), of=bucket)
    assert run("restore", str(file), of=nowhere(), data="again", database="")["problem"] == "bucket_away"
    assert not (tmp_path / "again" / "mangnon.db").exists()
    assert run("restore", str(file), of=bucket, data="again", database="")["attachments"] == 1
