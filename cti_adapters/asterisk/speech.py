"""Words spoken by the program espeak-ng: one process, which gets the text on its standard input.

No shell is involved, and nothing of the text or the language becomes an argument: voices come out
of a table.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from typing import Final

from router.streams import write

PROGRAM: Final = "espeak-ng"
WORDS_PER_MINUTE: Final = 150  # calmer than its own 175: callers hear it once
TAKES_AT_MOST: Final = 20.0  # seconds; a minute of speech takes half a second
MAX_BYTES: Final = 16 * 1024 * 1024

_LANGUAGES: Final = """
af am ar az be bg bn bs ca cs cy da de el en-gb en-us eo es es-419 et eu fa fi ga gd gu he hi hr ht
hu hy id is it ja ka kk kn ko ku ky la lb lt lv mi mk ml mr ms mt my nb ne nl pa pl pt pt-br ro ru
sd si sk sl sq sr sv sw ta te th tk tr tt ug uk ur uz vi yue
"""
_VOICES: Final[Mapping[str, str]] = {
    **{language: language for language in _LANGUAGES.split()},
    "en": "en-gb",
    "fr": "fr-fr",
    "no": "nb",
    "zh": "cmn-latn-pinyin",  # the voice called cmn reads most characters as English letters
    "zh-hk": "yue",
    "cmn": "cmn-latn-pinyin",
}


class SpeechProblem(Exception):
    """Nothing was spoken; the text is one sentence that says what to do."""


class Unspeakable(SpeechProblem):
    """It is this text, or its voice: others can be spoken."""


def voice_for(language: str, voices: Mapping[str, str], otherwise: str) -> str:
    """The voice of ``language`` (``en``, ``zh-CN``): of ``voices`` first, then of the table, then
    of ``otherwise``, the language of those who have not chosen.
    """
    for wanted in (language, otherwise):
        exact = wanted.lower().replace("_", "-")
        tags = (exact, exact.partition("-")[0])
        for table in (voices, _VOICES):
            for tag in tags:
                if tag in table:
                    return table[tag]
    return _VOICES["en"]


async def speak(text: str, voice: str, program: str = PROGRAM) -> bytes:
    """A WAV file of ``text``. Raises ``SpeechProblem``."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(program, "--stdin", "--stdout", "-b", "1", "-s", str(WORDS_PER_MINUTE), "-v", voice),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )
    except OSError:
        raise SpeechProblem(
            f"Announcements are not spoken because {program} is missing: install it, or name"
            " sounds that Asterisk has (file:custom/welcome)."
        ) from None
    try:
        async with asyncio.timeout(TAKES_AT_MOST):
            recording = await _said(process, text)
    except TimeoutError:
        raise SpeechProblem(
            f"{program} took too long, and an announcement is not spoken: shorten its text."
        ) from None
    finally:
        await _ended(process)
    if process.returncode or not recording:
        raise Unspeakable(
            f"{program} cannot speak with the voice '{voice}': name one that `{program} --voices`"
            " lists."
        )
    return recording


async def _said(process: Process, text: str) -> bytes:
    """What it writes, up to a limit. The text is shorter than a pipe: writing never waits."""
    if process.stdin is None or process.stdout is None:
        return b""
    with contextlib.suppress(ConnectionError):  # it has ended: its exit code says why
        write(process.stdin, text.encode("utf-8", "ignore"))
    process.stdin.close()
    parts = bytearray()
    while part := await process.stdout.read(65_536):
        parts += part
        if len(parts) > MAX_BYTES:
            raise Unspeakable("An announcement is too long to be spoken: shorten its text.")
    await process.wait()
    return bytes(parts)


async def _ended(process: Process) -> None:
    """Nothing is left behind, also when nobody waits any more."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
