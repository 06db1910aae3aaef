"""``mangnon`` weakened on purpose, for the controls: a proof that cannot fail proves nothing.

``PROOF_WEAKEN`` names what is taken away: ``database`` opens SQLite with ``synchronous=OFF``, ``folder`` no longer
syncs the folder of an attachment, ``file`` no longer syncs the attachment itself. Spawned workers import this file
again, so they are weakened too. The product has no such setting.
"""

from __future__ import annotations

import os

from server.store import base, blobs

WEAKEN = os.environ.get("PROOF_WEAKEN", "").split(",")

if "database" in WEAKEN:
    base.PRAGMAS = tuple((name, 0 if name == "synchronous" else value) for name, value in base.PRAGMAS)
if "folder" in WEAKEN:
    blobs._sync_folder = lambda folder: None
if "file" in WEAKEN:
    blobs._sync_file = lambda handle: None

if __name__ == "__main__":
    from server.cli import main

    main()
