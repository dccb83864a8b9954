"""What this machine has and lacks, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from server.findings import Finding
from server.pages import pages_built

OLDEST_PYTHON = (3, 11)
LEAST_DISK = 1 << 30  # bytes
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def examine(data_folder: Path) -> list[Finding]:
    """Every look at this machine, in a fixed order."""
    return [
        _python(),
        _data_folder(data_folder),
        _disk(data_folder),
        _pages(),
        _node(),
        _program("Chromium", CHROMIUMS, "the tests of the pages", "apt install chromium"),
        _program(
            "redis-server", ("redis-server",), "tests of several machines", "apt install redis"
        ),
        _program("eSpeak NG", ("espeak-ng",), "spoken announcements", "apt install espeak-ng"),
        _program("Mosquitto", ("mosquitto",), "tests of the MQTT edge", "apt install mosquitto"),
    ]


def _python() -> Finding:
    version = tuple(sys.version_info[:3])
    detail = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Finding(what="Python", verdict="ok", detail=detail)
    return Finding(
        what="Python",
        verdict="missing",
        detail=f"{detail} is too old",
        remedy="install Python 3.11 or newer",
    )


def _data_folder(folder: Path) -> Finding:
    place = _nearest_existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Finding(what="data folder", verdict="ok", detail=f"{folder} can be written")
    except OSError as error:
        return Finding(
            what="data folder",
            verdict="missing",
            detail=f"{place} cannot be written ({error.strerror})",
            remedy="give yourself the right to write there, or set PATCHBAY_DATA_DIRECTORY",
        )


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest_existing(folder)).free
    detail = f"{free / (1 << 30):.1f} GiB free"
    if free >= LEAST_DISK:
        return Finding(what="disk", verdict="ok", detail=detail)
    return Finding(
        what="disk",
        verdict="missing",
        detail=detail,
        remedy="free at least 1 GiB: a full disk stops Patchbay from taking contacts",
    )


def _nearest_existing(folder: Path) -> Path:
    for place in (folder.absolute(), *folder.absolute().parents):
        if place.is_dir():
            return place
    return Path(os.sep)


def _pages() -> Finding:
    if pages_built():
        return Finding(what="pages", verdict="ok", detail="built")
    return Finding(
        what="pages",
        verdict="optional",
        detail="not built; the API works without them",
        remedy="run `npm ci && npm run build` in the folder web",
    )


def _node() -> Finding:
    remedy = "install Node 20 or newer"
    return _program("Node", ("node",), "building the pages from their sources", remedy)


def _program(
    what: str,
    names: tuple[str, ...],
    needed_for: str,
    remedy: str,
    which: Callable[[str], str | None] = shutil.which,
) -> Finding:
    found = next((path for name in names if (path := which(name))), None)
    if found:
        return Finding(what=what, verdict="ok", detail=found)
    detail = f"not found; only {needed_for} need it"
    return Finding(what=what, verdict="optional", detail=detail, remedy=remedy)
