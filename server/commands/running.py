"""``mangnon init`` and ``mangnon serve``."""

from __future__ import annotations

import logging
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forms.problems import Problem
from server.commands.office import check_set_up, office, office_settings
from server.commands.saying import command_problems, json_option, say
from server.processes import FIRST_PAUSE, longer
from server.settings import Settings

if TYPE_CHECKING:
    from granian.server.mp import MPServer

log = logging.getLogger("mangnon")


@click.command()
@click.option("--practice", is_flag=True, help="Kèm danh sách thôn tập huấn. / With practice villages.")
@json_option
@command_problems
def init(practice: bool, as_json: bool) -> None:
    """Chuẩn bị cơ sở dữ liệu, đơn vị hành chính, phiếu hỏi; chạy lại không hại gì. / Set up; idempotent."""
    with office(must_exist=False) as app:
        from server.entrance import now
        from server.flows.set_up import set_up
        from server.store.base import db

        settings: Settings = app.config["SETTINGS"]
        done = set_up(
            db.engine,
            db.session(),
            practice=practice,
            url=settings.url,
            now=now(),
            admin_password=settings.admin_password,
        )
    data = {
        "units": done.units,
        "practice_villages": done.practice,
        "published": done.published,
        "round": done.round,
        "administrator": done.administrator,
        "password": done.password,
    }
    lines = ["Sẵn sàng. / Ready."]
    if done.administrator:
        lines += [
            f"  Quản trị viên đầu tiên / first administrator: {done.administrator}",
            f"  Mật khẩu dùng một lần / one-time password:    {done.password}",
            "  (chỉ hiện lần này; trang sẽ yêu cầu đổi / shown this once; the page asks for a new one)",
        ]
    say(data, as_json, "\n".join(lines))


@click.command()
@click.option(
    "--tls-cert", type=click.Path(exists=True, path_type=Path), help="Chứng thư PEM. / Certificate."
)
@click.option("--tls-key", type=click.Path(exists=True, path_type=Path), help="Khóa PEM. / Private key.")
@command_problems
def serve(tls_cert: Path | None, tls_key: Path | None) -> None:
    """Chạy máy chủ cho trang cán bộ, điện thoại và ODK Collect. / Run the server."""
    settings = office_settings()
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert và --tls-key đi cùng nhau / go together")
    if tls_cert is not None and not settings.url_given:
        os.environ["MANGNON_URL"] = settings.url.replace("http://", "https://", 1)
        settings = office_settings()
    _check_port(settings)
    from server import logs, processes, reader

    check_set_up(settings)
    logs.start(settings)
    _tidy(settings)
    processes.prepare()
    companion = processes.Companion(reader.run)
    _announce(settings)
    companion.start()
    try:
        _serve(settings, tls_cert, tls_key)
    finally:
        companion.stop()


def _serve(settings: Settings, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Serve until told to stop. A worker that dies is started again, and again after a pause when it dies at once:
    a full disk or a killed process passes, and an office has nobody who would start the server anew."""
    pause = FIRST_PAUSE
    web: MPServer | None = None
    while True:
        began, web = time.monotonic(), _web_server(settings, tls_cert, tls_key, before=web)
        try:
            web.serve()
        except SystemExit:
            if web.interrupt_signal:
                raise
        if web.interrupt_signal:
            return
        pause = longer(pause, began)
        log.error("the web worker ends at once; it is started again in %s s", pause)
        web.main_loop_interrupt.clear()
        web.main_loop_interrupt.wait(pause)
        if web.interrupt_signal:
            return


def _tidy(settings: Settings) -> None:
    """Away with what a crash left half-uploaded, before anyone sends. A bucket knows no half of a file."""
    if settings.bucket is None:
        from server.app import make_blobs

        blobs = make_blobs(settings)
        blobs.prepare()
        blobs.tidy()


def _web_server(
    settings: Settings, tls_cert: Path | None, tls_key: Path | None, *, before: MPServer | None
) -> MPServer:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    web = MPServer(
        "server.wsgi:make",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        log_level=LogLevels.error,
        ssl_cert=tls_cert,
        ssl_key=tls_key,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        factory=True,
        websockets=False,
    )

    @web.on_startup
    def stop_if_told_meanwhile() -> None:
        if before is not None and before.interrupt_signal:
            web.interrupt_signal = True
            web.main_loop_interrupt.set()

    return web


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError:
            raise Problem("port_taken", port=settings.port) from None


def _announce(settings: Settings) -> None:
    lines = [
        "Măng Non đang chạy / is running.",
        f"  Cán bộ mở / officers open:          {settings.url}/",
        f"  Điện thoại mở / phones open:        {settings.url}/phone/",
        "  Dừng bằng Ctrl+C / stop with Ctrl+C.",
    ]
    if not settings.secure:
        lines.insert(3, "  (điện thoại khác cần HTTPS: xem README / other phones need HTTPS: see README)")
    click.echo("\n".join(lines))
