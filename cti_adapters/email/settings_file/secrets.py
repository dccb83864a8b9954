"""Passwords and tokens: in a file of their own or in the environment, never in this file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.files import read_file
from config.problems import Path, ProblemList, excerpt
from cti_adapters.email.settings import Secret

MAX_SECRET: Final = 8_192  # characters: tokens are long


class Secrets:
    """Finds what one file names. Names of files count from ``folder``."""

    def __init__(self, folder: FilePath, environment: Mapping[str, str], checker: Checker) -> None:
        self._folder = folder
        self._environment = environment
        self._checker = checker

    def find(self, path: Path, what: str, variable: str | None, file: str | None) -> Secret | None:
        """The secret ``what`` of the mapping at ``path``; None when there is none, or when it
        cannot be used, which is reported.
        """
        if variable is not None and file is not None:
            both = f"{what}_env and {what}_file are both given"
            self._checker.report((*path, f"{what}_file"), both, "write one of them")
            return None
        if variable is not None:
            return self._variable((*path, f"{what}_env"), variable)
        if file is not None:
            return self._first_line((*path, f"{what}_file"), self._folder / file)
        return None

    def missing(self, path: Path, what: str) -> None:
        fix = f"add '{what}_env' or '{what}_file'"
        self._checker.report(path, f"the {what.replace('_', ' ')} is missing", fix)

    def _variable(self, path: Path, name: str) -> Secret | None:
        value = self._environment.get(name)
        if not value:
            what = f"the environment has no {excerpt(name)}"
            self._checker.report(path, what, "set it where Patchbay is started")
            return None
        return self._usable(path, value)

    def _first_line(self, path: Path, file: FilePath) -> Secret | None:
        silent = ProblemList("")
        content = read_file(file, silent)
        if content is None:
            what = f"{silent.sorted()[0].what} ({excerpt(str(file))})"
            self._checker.report(path, what, "check its name and who may read it")
            return None
        return self._usable(path, content.split(b"\n", 1)[0].decode("utf-8", "replace").strip())

    def _usable(self, path: Path, text: str) -> Secret | None:
        """What could become another line of a protocol is refused."""
        if not text or len(text) > MAX_SECRET or not text.isprintable():
            fix = f"write 1 to {MAX_SECRET:,} characters that can be seen, in one line"
            self._checker.report(path, "this is no secret", fix)
            return None
        return Secret(text)
