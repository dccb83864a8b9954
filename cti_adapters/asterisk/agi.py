"""The commands that a channel in AGI(agi:async) takes, and what it answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

MAX_COMMAND = 1_000

_TO_QUOTE = re.compile(r'[ "\\]')


class UnsafeArgument(ValueError):
    """An argument would be read as something else; the text names it."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``result`` of a command: -1 when the channel hung up, else what its command documents."""

    code: int
    result: int
    data: str = ""

    @property
    def hung_up(self) -> bool:
        return self.code == 511 or self.result == -1


SILENT: Final = Answer(code=200, result=0)
"""As if a sound had been played to its end."""


def command(*words: str) -> str:
    """``words`` as one command line, each argument quoted where it must be.

    Raises ``UnsafeArgument`` for control characters and for lines that are too long.
    """
    line = " ".join([words[0], *(_quoted(word) for word in words[1:])])
    if len(line) > MAX_COMMAND:
        raise UnsafeArgument(f"An AGI command may have {MAX_COMMAND} characters at most.")
    return line


def execute(application: str, *arguments: str) -> str:
    """A dialplan application with its arguments, which may not hold a comma or a substitution."""
    for argument in arguments:
        if any(char in argument for char in ',|\\"') or "${" in argument or "$[" in argument:
            raise UnsafeArgument(f"{application} cannot be given the argument {argument[:80]!r}.")
    return command("EXEC", application, ",".join(arguments))


def play(sounds: Sequence[str]) -> str:
    """All ``sounds``, names of files without their ending, one after the other: as far as they
    fit into one command, because what waits in Asterisk's queue cannot be taken back.
    """
    line = execute("Playback", sounds[0])
    for count in range(2, len(sounds) + 1):
        try:
            line = execute("Playback", "&".join(sounds[:count]))
        except UnsafeArgument:
            break
    return line


def stream(sound: str, keys: str) -> str:
    """``sound``, the name of a file without its ending, which each of ``keys`` stops at once."""
    return command("STREAM", "FILE", sound, keys)


def _quoted(word: str) -> str:
    if not word.isprintable():
        raise UnsafeArgument(f"{word[:80]!r} has characters that no AGI command may have.")
    if not word:
        return '""'
    if not _TO_QUOTE.search(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def answer(encoded: str) -> Answer:
    """What ``AsyncAGIExec`` says in its percent-encoded ``Result``; garbage counts as code 0."""
    text = unquote(encoded, errors="replace").strip()[:MAX_COMMAND]
    code, _, rest = text.partition(" ")
    if not (code.isascii() and code.isdigit() and len(code) == 3):
        return Answer(code=0, result=0, data=text)
    outcome, _, data = rest.partition(" ")
    value = outcome.removeprefix("result=")
    try:
        return Answer(code=int(code), result=int(value[:12]), data=data.strip("()"))
    except ValueError:
        return Answer(code=int(code), result=0, data=rest)
