"""Setting the number that collaborators call when a child of a ward is in danger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who
from server.store import audit, contacts

PHONE = re.compile(r"(?:0|\+84)\d{8,10}")


def set_numbers(session: Session, given: Mapping[str, str], *, by: Who, now: datetime) -> int:
    """Keep the numbers that changed, by ward code; raises ``phone_wrong`` before anything is kept."""
    known = contacts.numbers(session)
    ready = {ward: _phone(ward, text) for ward, text in given.items()}
    changed = {ward: phone for ward, phone in ready.items() if known.get(ward, "") != phone}
    for ward, phone in sorted(changed.items()):
        contacts.keep(session, ward, phone, now)
        audit.tell(session, now=now, person_id=by.id, action="contact.set", subject=ward, given=bool(phone))
    return len(changed)


def _phone(ward: str, text: str) -> str:
    phone = re.sub(r"[\s.()-]", "", text)
    if phone and not PHONE.fullmatch(phone):
        raise Problem("phone_wrong", ward=ward)
    return phone
