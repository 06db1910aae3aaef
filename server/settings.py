"""Settings, read once from the environment; everything that is wrong is reported at once, with its cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from forms.problems import Problem

MB = 1024 * 1024


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket for the attachments; without an endpoint it is Amazon's own."""

    name: str
    endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """What an office can set. Sizes are in bytes, times in seconds."""

    data: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    url: str = "http://127.0.0.1:8000"
    url_given: bool = False
    database_url: str = ""
    province: str = "20"
    admin_password: str = ""
    max_xml: int = 5 * MB
    max_file: int = 100 * MB
    max_request: int = 200 * MB
    aside_count: int = 50
    aside_bytes: int = 50 * MB
    threads: int = 16
    phone_days: int = 180
    web_hours: int = 12
    bucket: Bucket | None = None
    log_json: bool = False
    drill_hour: int | None = 2
    metrics_token: str = field(default="", repr=False)
    collect_admin_password: str = field(default="", repr=False)

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database: the given one, else the embedded file."""
        return self.database_url or f"sqlite:///{(self.data / 'mangnon.db').resolve()}"

    @property
    def embedded(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def secure(self) -> bool:
        """Whether people reach the server through HTTPS."""
        return self.url.startswith("https://")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment; raises ``settings_wrong`` with every fault in one text."""
    faults: list[str] = []
    port = _whole(environ, "PORT", 8000, 1, 65535, faults)
    host = environ.get("HOST") or "127.0.0.1"
    settings = Settings(
        data=Path(environ.get("MANGNON_DATA") or "var"),
        host=host,
        port=port,
        url=_address(environ, f"http://{_reachable(host)}:{port}", faults),
        url_given=bool(environ.get("MANGNON_URL", "").strip()),
        database_url=_database(environ, faults),
        province=_province(environ, faults),
        admin_password=environ.get("MANGNON_ADMIN_PASSWORD", ""),
        max_xml=_whole(environ, "MANGNON_MAX_XML_MB", 5, 1, 100, faults) * MB,
        max_file=_whole(environ, "MANGNON_MAX_FILE_MB", 100, 1, 2000, faults) * MB,
        max_request=_whole(environ, "MANGNON_MAX_REQUEST_MB", 200, 1, 4000, faults) * MB,
        aside_count=_whole(environ, "MANGNON_ASIDE_COUNT", 50, 0, 100_000, faults),
        aside_bytes=_whole(environ, "MANGNON_ASIDE_MB", 50, 0, 10_000, faults) * MB,
        threads=_whole(environ, "MANGNON_THREADS", 16, 1, 256, faults),
        phone_days=_whole(environ, "MANGNON_PHONE_DAYS", 180, 1, 3650, faults),
        web_hours=_whole(environ, "MANGNON_WEB_HOURS", 12, 1, 720, faults),
        bucket=_bucket(environ, faults),
        log_json=_one_of(environ, "MANGNON_LOG", ("text", "json"), faults) == "json",
        drill_hour=_hour(environ, faults),
        metrics_token=_metrics_token(environ, faults),
        collect_admin_password=environ.get("MANGNON_COLLECT_ADMIN_PASSWORD", "").strip(),
    )
    if settings.admin_password and len(settings.admin_password) < 8:
        faults.append("MANGNON_ADMIN_PASSWORD: ≥ 8")
    if faults:
        raise Problem("settings_wrong", faults="; ".join(faults))
    return settings


def _reachable(host: str) -> str:
    """The address to print when the server listens on every interface; IPv6 stands in brackets."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _whole(
    environ: Mapping[str, str], name: str, default: int, low: int, high: int, faults: list[str]
) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        faults.append(f"{name}: {low}–{high}")
        return default
    return int(text)


def _address(environ: Mapping[str, str], default: str, faults: list[str]) -> str:
    text = environ.get("MANGNON_URL", "").strip().rstrip("/")
    if not text:
        return default
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        faults.append("MANGNON_URL: https://…")
        return default
    return text


def _database(environ: Mapping[str, str], faults: list[str]) -> str:
    text = environ.get("DATABASE_URL", "").strip()
    if text and not text.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
        faults.append("DATABASE_URL: postgresql://… | sqlite:///…")
        return ""
    return text.replace("postgresql://", "postgresql+psycopg://", 1)


def _bucket(environ: Mapping[str, str], faults: list[str]) -> Bucket | None:
    name = environ.get("MANGNON_S3_BUCKET", "").strip()
    if not name:
        return None
    endpoint = environ.get("MANGNON_S3_ENDPOINT", "").strip().rstrip("/")
    if endpoint and not (endpoint.startswith(("http://", "https://")) and urlsplit(endpoint).hostname):
        faults.append("MANGNON_S3_ENDPOINT: https://…")
    key_id, secret = environ.get("MANGNON_S3_KEY_ID", ""), environ.get("MANGNON_S3_SECRET", "")
    if not key_id or not secret:
        faults.append("MANGNON_S3_KEY_ID, MANGNON_S3_SECRET: ?")
    return Bucket(
        name,
        endpoint,
        environ.get("MANGNON_S3_REGION", "").strip() or "us-east-1",
        environ.get("MANGNON_S3_PREFIX", "").strip().strip("/"),
        key_id,
        secret,
    )


def _one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...], faults: list[str]) -> str:
    """The chosen word; the first is the default."""
    text = environ.get(name, "").strip() or choices[0]
    if text not in choices:
        faults.append(f"{name}: {' | '.join(choices)}")
    return text


def _hour(environ: Mapping[str, str], faults: list[str]) -> int | None:
    """When the nightly restore drill runs; ``off`` for never."""
    if environ.get("MANGNON_DRILL_HOUR", "").strip() == "off":
        return None
    return _whole(environ, "MANGNON_DRILL_HOUR", 2, 0, 23, faults)


def _metrics_token(environ: Mapping[str, str], faults: list[str]) -> str:
    text = environ.get("MANGNON_METRICS_TOKEN", "").strip()
    if text and len(text) < 16:
        faults.append("MANGNON_METRICS_TOKEN: ≥ 16")
    return text


def _province(environ: Mapping[str, str], faults: list[str]) -> str:
    text = environ.get("MANGNON_PROVINCE", "20").strip()
    if not (text.isdecimal() and len(text) == 2):
        faults.append("MANGNON_PROVINCE: 01–96")
        return "20"
    return text
