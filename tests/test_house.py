"""The house checks itself: entrances, migrations, the catalogue, the settings table, and what may not be in it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from forms.problems import catalogue
from server import settings as settings_module
from server.app import create_app
from server.entrance import declared
from server.settings import Settings
from server.store import schema
from server.store.base import Base, prepare_engine

ROOT = Path(__file__).parent.parent


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_every_route_says_who_may_enter(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path))
    silent = [
        rule.rule for rule in app.url_map.iter_rules() if declared(app.view_functions[rule.endpoint]) is None
    ]
    assert silent == []


def test_models_equal_migrations(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'm.db'}")
    prepare_engine(engine)
    schema.upgrade(engine)
    assert schema.is_current(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_sqlite_is_durable_on_every_connection(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'd.db'}")
    prepare_engine(engine)
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_every_problem_is_met_by_some_test() -> None:
    texts = "\n".join(
        path.read_text(encoding="utf-8") for path in tracked("tests/*.py", "tests/**/*.py", "tests/**/*.toml")
    )
    unmet = [kind.name for kind in catalogue().values() if kind.code not in texts and kind.name not in texts]
    assert unmet == []


def test_every_problem_speaks_both_languages_and_says_what_to_do() -> None:
    for kind in catalogue().values():
        assert re.fullmatch(r"[A-Z]\d{3}", kind.code), kind.name
        assert all(text.strip() for text in (kind.vi, kind.en, kind.next_vi, kind.next_en)), kind.name


def test_every_setting_is_in_the_readme() -> None:
    source = Path(settings_module.__file__).read_text(encoding="utf-8")
    names = set(re.findall(r'"((?:MANGNON_|DATABASE_)[A-Z0-9_]+|HOST|PORT)"', source))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_readme_names_only_what_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:server|forms|sync|exports|tests)/[A-Za-z0-9_./-]+)`", readme))
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_no_registry_address_and_no_unfinished_mark() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    for path in tracked("*.py", "*.ts", "*.vue", "*.html", "*.json", "*.toml", "*.txt"):
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        assert not marks.search(text), path
        assert "registry.npmjs" not in text, path
        assert "pypi.org/simple" not in text, path


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py", "*.ts", "*.vue", "*.css")
        if "migrations/versions" not in str(path)
        and "static/leaflet" not in str(path)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert long == {}


@pytest.mark.parametrize("name", ["dependencies", "optional-dependencies"])
def test_direct_dependencies_are_ranges_and_pinned_in_full(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project[name] if name == "dependencies" else project[name]["dev"]
    pinned = {
        re.split(r"==", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    for requirement in wanted:
        assert ">=" in requirement, requirement
        assert re.split(r"[\[<>=]", requirement)[0].lower() in pinned, requirement
