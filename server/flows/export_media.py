"""The files of a form's interviews beside its tables, in the same zip, by names that stay the same.

``media/<instance id>/<file name>``: the instance id is the row's ``KEY`` (without ``uuid:``), the file name stands in
the question's cell. One file after another passes through, so memory holds none of them.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from itertools import groupby
from typing import IO

from exports.datasets.csv_zip import MOMENT
from server.flows.raw_copies import folder_name, free_name
from server.store.blobs import CHUNK, Blobs

FOLDER, LOST = "media/", "media-missing.txt"


def add_media(out: IO[bytes], files: Iterable[tuple[str, str, str]], blobs: Blobs) -> tuple[int, int]:
    """Add the files to a finished zip: how many there are, and how many of them are lost (named in the zip)."""
    count, lost = 0, list[str]()
    with zipfile.ZipFile(out, "a") as archive:
        for instance_id, own in groupby(files, key=lambda file: file[0]):
            taken, seen = set[str](), set[tuple[str, str]]()
            for _, filename, sha256 in own:
                if (filename, sha256) in seen:
                    continue
                seen.add((filename, sha256))
                path = f"{FOLDER}{folder_name(instance_id)}/{free_name(filename, sha256, taken)}"
                if _add(archive, path, blobs, sha256):
                    count += 1
                else:
                    lost.append(path)
        if lost:
            archive.writestr(zipfile.ZipInfo(LOST, MOMENT), "\n".join(lost) + "\n")
    return count, len(lost)


def _add(archive: zipfile.ZipFile, path: str, blobs: Blobs, sha256: str) -> bool:
    """Photos and recordings are packed already: they are stored as they are."""
    try:
        source = blobs.open(sha256)
    except FileNotFoundError:
        return False
    with source, archive.open(zipfile.ZipInfo(path, MOMENT), "w", force_zip64=True) as entry:
        shutil.copyfileobj(source, entry, CHUNK)
    return True
