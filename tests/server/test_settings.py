"""Settings: defaults, overrides, and every fault told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.problems import Problem
from server.settings import MB, read_settings


def test_defaults() -> None:
    settings = read_settings({})
    assert (settings.data, settings.host, settings.port) == (Path("var"), "127.0.0.1", 8000)
    assert settings.url == "http://127.0.0.1:8000"
    assert settings.embedded
    assert settings.max_xml == 5 * MB


def test_the_address_follows_host_and_port_unless_given() -> None:
    assert read_settings({"HOST": "0.0.0.0", "PORT": "9000"}).url == "http://127.0.0.1:9000"
    assert read_settings({"HOST": "::1"}).url == "http://[::1]:8000"
    given = read_settings({"MANGNON_URL": "https://khaosat.example/"})
    assert given.url == "https://khaosat.example"
    assert given.secure


def test_postgresql_uses_the_current_driver() -> None:
    assert read_settings({"DATABASE_URL": "postgresql://u@h/d"}).database == "postgresql+psycopg://u@h/d"


def test_every_fault_at_once() -> None:
    with pytest.raises(Problem) as caught:
        read_settings(
            {
                "PORT": "x",
                "MANGNON_URL": "khaosat",
                "DATABASE_URL": "mysql://x",
                "MANGNON_PROVINCE": "abc",
                "MANGNON_ADMIN_PASSWORD": "ngan",
            }
        )
    assert caught.value.kind.name == "settings_wrong"
    faults = str(caught.value.details["faults"])
    for name in ("PORT", "MANGNON_URL", "DATABASE_URL", "MANGNON_PROVINCE", "MANGNON_ADMIN_PASSWORD"):
        assert name in faults


def test_a_bucket_needs_its_key_and_all_faults_are_told_together() -> None:
    environ = {
        "MANGNON_S3_BUCKET": "phieu",
        "MANGNON_S3_ENDPOINT": "khong-phai",
        "MANGNON_LOG": "xml",
        "MANGNON_METRICS_TOKEN": "ngan",
        "MANGNON_DRILL_HOUR": "25",
    }
    with pytest.raises(Problem) as told:
        read_settings(environ)
    for name in (*environ, "MANGNON_S3_SECRET"):
        assert name == "MANGNON_S3_BUCKET" or name in str(told.value)
    good = {
        "MANGNON_S3_BUCKET": "phieu",
        "MANGNON_S3_KEY_ID": "k",
        "MANGNON_S3_SECRET": "bi-mat",
        "MANGNON_DRILL_HOUR": "off",
    }
    settings = read_settings(good)
    assert settings.bucket is not None
    assert (settings.bucket.name, settings.drill_hour) == ("phieu", None)
    assert "bi-mat" not in repr(settings)
