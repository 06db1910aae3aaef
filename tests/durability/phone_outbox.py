"""The phone's own outbox behind a bad network: the built app in a real Chromium, its pages and its sending through the
fault proxy. Finished interviews are put into the phone's own database; from there on everything is the app's doing.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deliveries import Delivery, Ledger, delivery
from fault_proxy import Proxy
from keeping import Found, check
from kill import address
from main_story import sign_in
from network import Plan, count_rows
from offices import ProofServer
from phone_hands import Phone
from playwright.sync_api import Page, Playwright

PATIENCE = 120

PUT = """
async ({ records, files }) => {
  const open = indexedDB.open('mangnon');
  const db = await new Promise((done, fail) => {
    open.onsuccess = () => done(open.result);
    open.onerror = () => fail(open.error);
  });
  const tx = db.transaction(['settings', 'records', 'files'], 'readwrite');
  const session = await new Promise((done) => {
    const asked = tx.objectStore('settings').get('session');
    asked.onsuccess = () => done(asked.result);
  });
  for (const record of records) {
    tx.objectStore('records').put({ ...record, personId: session.person.id, personName: session.person.name });
  }
  for (const { bytes, ...file } of files) {
    const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)).buffer;
    tx.objectStore('files').put({ ...file, bytes: raw });
  }
  await new Promise((done, fail) => {
    tx.oncomplete = done;
    tx.onerror = () => fail(tx.error);
  });
  db.close();
}
"""
LEFT = """
async () => {
  const open = indexedDB.open('mangnon');
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const all = (store) => new Promise((done) => {
    const asked = db.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const left = { records: await all('records'), files: await all('files'), receipts: await all('receipts') };
  db.close();
  return {
    records: left.records.map(({ id, state, tries, problem }) => ({ id, state, tries, problem })),
    files: left.files.length,
    receipts: left.receipts.map(({ id }) => id),
  };
}
"""


@dataclass
class Sent:
    """What became of it: on the phone (``left``), at the server, and what the connections met."""

    left: Mapping[str, Any] = field(default_factory=dict)
    found: Found = field(default_factory=Found)
    rows: int = 0
    met: Mapping[str, int] = field(default_factory=dict)
    refused: bool = False


def send_all(
    playwright: Playwright, office: ProofServer, folder: Path, *, seed: int, interviews: int, method: str
) -> Sent:
    """Send this many interviews with every request of this method to the door of submissions meeting the plan."""
    link = office.command(
        "people", "add", f"Cộng Tác Viên {method}", "--role", "collaborator", "--area", "05977"
    )["phone_link"]
    deliveries = [_named_only(delivery(seed, number + 1, largest=3_000)) for number in range(interviews)]
    before, sent = count_rows(address(office)), Sent()
    door = f"{method} /openrosa/submission".encode()
    with Proxy(office.port, Plan(seed), delay=0.5, only=door) as proxy:
        phone = Phone(playwright, folder / "phone", folder / "none.jpg")
        page = phone.open()
        try:
            sign_in(page, link.replace(f":{office.port}/", f":{proxy.port}/"))
            page.evaluate(PUT, as_stored(deliveries))
            page.reload()
            page.wait_for_selector("[data-screen=home]")
            sent.refused = press_until_empty(page)
            sent.left = page.evaluate(LEFT)
        finally:
            phone.close()
        sent.met = dict(proxy.met)
    ledger = Ledger()
    for one in deliveries:
        if one.instance_id in sent.left["receipts"]:
            ledger.acknowledge(one, one.files)
    sent.found = check(address(office), office.data / "attachments", ledger)
    sent.rows = count_rows(address(office)) - before
    return sent


def _named_only(sent: Delivery) -> Delivery:
    """The app sends the files that its answers name."""
    files = {name: body for name, body in sent.files.items() if name.encode() in sent.xml}
    return Delivery(sent.instance_id, sent.xml, files, frozenset(files))


def press_until_empty(page: Page) -> bool:
    """Press "send" as an impatient person does, until nothing is left; says whether anything was called refused."""
    deadline, refused = time.monotonic() + PATIENCE, False
    while page.locator("[data-outbox] [data-record]").count():
        assert time.monotonic() < deadline, page.inner_text("[data-outbox]")
        refused = refused or bool(page.locator("[data-record=refused]").count())
        button = page.locator("[data-outbox] [data-action=send]:not([disabled])")
        if button.count():
            button.click()
        page.wait_for_timeout(100)
    return refused


def as_stored(deliveries: list[Delivery]) -> dict[str, list[dict[str, Any]]]:
    """The interviews as the app itself stores finished ones."""
    moment = "2026-11-24T02:00:00.000Z"
    records = [
        {
            "id": one.instance_id,
            "formKey": "small|1|md5:0",
            "formTitle": "Small",
            "state": "finished",
            "xml": one.xml.decode(),
            "label": f"Hộ {number}",
            "page": "",
            "doneRows": [],
            "createdAt": moment,
            "savedAt": moment,
            "finishedAt": moment,
            "tries": 0,
            "problem": None,
        }
        for number, one in enumerate(deliveries)
    ]
    files = [
        {
            "recordId": one.instance_id,
            "name": name,
            "type": "image/jpeg",
            "bytes": base64.b64encode(body).decode(),
        }
        for one in deliveries
        for name, body in one.files.items()
    ]
    return {"records": records, "files": files}
