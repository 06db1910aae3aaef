"""One office for the whole run, and the promise every answer is held to: no 500, no second, no 300 MB."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from office import Clock, Office
from small_form import small_form
from werkzeug.test import TestResponse

from server.app import create_app
from server.flows.publish_form import publish_form
from server.flows.set_up import set_up
from server.settings import Settings
from server.store.base import begin_writing, db

EXAMPLES = int(os.environ.get("MANGNON_FUZZ_EXAMPLES", "15"))
SECOND = 1.0
MEMORY = 300 * 1024
settings.register_profile(
    "wire",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="MANGNON_FUZZ_EXAMPLES" not in os.environ,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
settings.load_profile("wire")

Ask = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data: Path = tmp_path_factory.mktemp("fuzz")
    clock = Clock()
    office = Office(create_app(Settings(data=data, aside_count=5, aside_bytes=20_000_000), clock), clock)
    with office.app.app_context():
        session = db.session()
        set_up(
            db.engine,
            session,
            practice=True,
            url="http://127.0.0.1:8000",
            now=clock(),
            admin_password="mat-khau-thu",
        )
        begin_writing(session)
        publish_form(session, small_form(), "small.md", {}, now=clock(), by=None)
        session.commit()
    yield office
    with office.app.app_context():
        office.app.extensions["mangnon.writer"].close()
        office.app.extensions["mangnon.mark"].close()
        db.engine.dispose()


@pytest.fixture(scope="session")
def path(fuzzed: Office) -> str:
    added = fuzzed.add("Cộng Tác Viên Thử", "collaborator", "05977")
    return added.openrosa_url.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def client(fuzzed: Office) -> FlaskClient:
    return fuzzed.app.test_client()


@pytest.fixture
def ask() -> Ask:
    """Run one request and hold its answer to the promise. Time is that of this process: a busy machine is no fault."""

    def run(request: Callable[[], TestResponse], within: float = SECOND) -> TestResponse:
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.process_time()
        answer = request()
        spent = time.process_time() - begun
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown
        assert answer.status_code < 500, answer.get_data(as_text=True)[:500]
        assert spent < within
        assert grown < MEMORY
        return answer

    return run
