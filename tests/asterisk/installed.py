"""Where the Asterisk of the tests is, and how it is called.

``install.sh`` unpacks it into a directory of its own. It is started there through its own dynamic
loader: no chroot, no privilege, and it sees the same files under the same names as everybody else.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("PATCHBAY_ASTERISK", "/var/tmp/patchbay-asterisk"))

_PACKAGES = {"sipp": "sip-tester", "baresip": "baresip-core"}


def missing(root: Path = ROOT) -> str:
    """What is not there, as a sentence that says what to do; empty when all is there."""
    if not (root / "usr/sbin/asterisk").exists():
        return f"Asterisk is not installed in {root}: run tests/asterisk/install.sh"
    absent = [package for name, package in _PACKAGES.items() if shutil.which(name) is None]
    return f"needs Debian's packages {' and '.join(absent)}: install them" if absent else ""


def require_asterisk() -> None:
    """Skips the test that asks, when it cannot have an Asterisk, callers and phones."""
    if reason := missing():
        pytest.skip(reason)


def libraries(root: Path = ROOT) -> Path:
    """The directory of shared objects, whose name holds the machine's kind.

    Raises FileNotFoundError, when Asterisk is not installed.
    """
    if reason := missing(root):
        raise FileNotFoundError(reason)
    return next(root.glob("usr/lib/*/asterisk/modules")).parent.parent


def asterisk(root: Path = ROOT) -> list[str]:
    """The words that start this Asterisk's program; its own arguments follow."""
    folder = libraries(root)
    loader = next(folder.glob("ld-linux*.so.*"))
    return [str(loader), "--library-path", str(folder), str(root / "usr/sbin/asterisk")]
