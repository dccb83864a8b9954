"""How the command line says that something is wrong: one sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import msgspec
from rich.console import Console

from config.problems import Problem

BAD_INPUT = 2
FAILED = 1


class CommandFailed(Exception):
    """Ends the command; the text is one sentence that says what to do. ``code`` is its exit."""

    def __init__(self, sentence: str, code: int = BAD_INPUT) -> None:
        super().__init__(sentence)
        self.code = code


def stop(sentence: str, code: int = BAD_INPUT) -> NoReturn:
    raise CommandFailed(sentence, code)


def say_failure(sentence: str) -> None:
    """The sentence on standard error, as it is: what users wrote must not become markup."""
    style = "" if "\n" in sentence else "red"  # a help text is no alarm
    console = Console(stderr=True)
    console.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)


def print_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Each in a line of its own, with its place in the file and what to do."""
    for problem in problems:
        style = "red" if problem.severity == "error" else "yellow"
        console.print(str(problem), style=style, markup=False, highlight=False, soft_wrap=True)


def require_place(path: Path | None) -> None:
    """Refuse a file that cannot be written now, not after an hour of work. Raises
    ``CommandFailed``.
    """
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        stop(f"{path} cannot be written: name a file in a folder that exists.")


def write_json(path: Path | None, body: object) -> None:
    """Results for programs, when a file was asked for. Raises ``CommandFailed``."""
    if path is not None:
        write_text(path, msgspec.json.format(msgspec.json.encode(body), indent=2).decode() + "\n")


def write_text(path: Path, text: str) -> None:
    """A file that was asked for. Raises ``CommandFailed``."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(f"The results cannot be written to {path}: {error.strerror or error}.")
