"""Compiles the routing core ahead of time: ``python compile_core.py FOLDER``.

``FOLDER`` becomes a copy of all packages in which the pure modules of the core, and the loop of the
simulator, are extension modules made by mypyc from the very same source. The source in the checkout
stays the reference and is never shadowed: only who puts ``FOLDER`` first on the path runs compiled
code, as ``./run --compiled`` does. A folder that was made from these sources already is left alone.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent
STAMP: Final = ".sources"
FAILED: Final = 2
PACKAGES: Final = (
    *("agents", "benchmarks", "config", "crm", "cti_adapters", "ivr", "reporting", "router"),
    *("server", "simulator"),
)
COMPILED: Final = (
    *("arrivals", "capacity", "checks", "conversations", "deadlines", "fold"),
    *("groups", "staff_fold"),
    *("machine", "matching", "offers", "overflow", "priority", "publishing", "queueing"),
    *("randomness", "seeking", "staff", "state", "supervision", "transitions", "turn"),
    *("strategies/base", "strategies/longest_idle"),
)
"""Modules of ``router/core``. Those that only declare messages gain nothing."""

NO_COMPILER: Final = (
    "There is no C compiler here, or Python's headers are missing: install them (on Debian, gcc,"
    " libc6-dev and python3-dev), or go on without --compiled."
)


class CompileError(Exception):
    """The core cannot be compiled here; the text says what to do."""


def compile_into(folder: Path) -> None:
    """Make ``folder`` the compiled copy. Raises ``CompileError``."""
    sources = sources_hash()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == sources:
        return
    if not can_compile():
        raise CompileError(NO_COMPILER)
    shutil.rmtree(folder, ignore_errors=True)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=_NOT_SOURCES)
    _run_mypyc(folder)
    stamp.write_text(sources)


def can_compile() -> bool:
    """Whether there is a C compiler, and the headers it needs."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_path("include")) / "Python.h"
    return shutil.which(compiler) is not None and header.is_file()


def sources_hash() -> str:
    """One hash over all that is copied, and over the Python it is compiled for."""
    total = hashlib.sha256(sys.version.encode())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(f"{path.relative_to(ROOT)} ".encode())
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


_NOT_SOURCES = shutil.ignore_patterns("__pycache__")


def _run_mypyc(folder: Path) -> None:
    modules = [f"router/core/{name}.py" for name in COMPILED]
    build = (
        "from mypyc.build import mypycify; from setuptools import setup;"
        f"setup(name='core', packages=[], ext_modules=mypycify({modules!r}, opt_level='2'),"
        " script_args=['--quiet', 'build_ext', '--inplace'])"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", build], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise CompileError(f"The core does not compile: {' '.join(said) or 'nobody says why'}.")
    shutil.rmtree(folder / "build", ignore_errors=True)


if __name__ == "__main__":
    try:
        compile_into(Path(sys.argv[1]).absolute())
    except CompileError as problem:
        print(problem, file=sys.stderr)
        sys.exit(FAILED)
