"""What callers are told, as sounds that Asterisk plays: made once, kept in its sounds folder.

A text that begins with ``file:`` names a sound that is there already. Every other text is spoken by
a program and kept under a name made of its words and voice; those used least lately are deleted.
When nothing can be spoken the caller hears silence or music, and the log says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.sound import UnusableSound, telephone_wav
from cti_adapters.asterisk.speech import SpeechProblem, speak, voice_for
from router.announcements import SOUND, is_sound
from router.core.durations import MINUTE
from router.ports import Clock
from router.text import one_line

log = logging.getLogger(__name__)

FORM: Final = 1  # of the sounds made here; a new number makes all of them anew
MAX_TEXT: Final = 2_000  # characters, as in the catalog
KEPT: Final = 1_000  # sounds
KEPT_BYTES: Final = 256 * 1024 * 1024
AT_ONCE: Final = 32  # sounds that are waited for
RECORDED: Final = ("wav", "ulaw", "alaw", "g722", "gsm", "sln", "sln16")  # that Asterisk plays
RESTS_FOR: Final = MINUTE  # after a failure: a broken program is not started for every caller

_NAMED: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,7}")
_MAX_NAMED: Final = 160

Speak = Callable[[str, str], Awaitable[bytes]]
"""A WAV file of a text (first) spoken by a voice (second). Raises ``SpeechProblem``."""


class Prompts:
    """The sounds of one telephone system."""

    def __init__(self, settings: PbxSettings, clock: Clock, speak: Speak = speak) -> None:
        self._settings = settings
        self._clock = clock
        self._speak = speak
        self._making: dict[str, asyncio.Task[bool]] = {}
        self._one_by_one = asyncio.Lock()
        self._rests_until = 0

    async def sound_for(self, text: str, language: str = "") -> str | None:
        """What Asterisk plays for ``text`` (its path there without ``.wav``); None: nothing."""
        if is_sound(text):
            return named_sound(text)
        words = one_line(text[:MAX_TEXT])
        folder = self._settings.sounds
        if not words or folder is None:
            return None
        voice = voice_for(language, self._settings.voices, self._settings.language)
        name = sound_name(words, voice)
        if await asyncio.to_thread(_is_there, folder / f"{name}.wav") or await self._made(
            name, words, voice, folder
        ):
            return f"{self._settings.sounds_there or folder.as_posix()}/{name}"
        return None

    async def recording(self, name: str) -> str | None:
        """What Asterisk plays for a recording that somebody put among the sounds, named without
        its ending (``custom/welcome``); None: there is none of that name.
        """
        folder, known = self._settings.sounds, named_sound(name)
        if folder is None or known is None:
            return None
        if await asyncio.to_thread(_is_recorded, folder / known):
            return f"{self._settings.sounds_there or folder.as_posix()}/{known}"
        return None

    async def close(self) -> None:
        """Stop making sounds; who waits for one gets nothing."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _made(self, name: str, words: str, voice: str, folder: Path) -> bool:
        """Whether it was made. Who asks for the same at the same time waits for the same."""
        task = self._making.get(name)
        if task is None:
            if len(self._making) >= AT_ONCE or self._clock.now() < self._rests_until:
                return False
            task = asyncio.create_task(self._make(name, words, voice, folder))
            self._making[name] = task
            task.add_done_callback(lambda _: self._making.pop(name))
        await asyncio.wait((task,))  # who gives up waiting takes it from nobody else
        return not task.cancelled() and task.result()

    async def _make(self, name: str, words: str, voice: str, folder: Path) -> bool:
        async with self._one_by_one:
            if self._clock.now() < self._rests_until:
                return False
            try:
                recording = await self._speak(words, voice)
                await asyncio.to_thread(_keep, folder, name, recording)
            except SpeechProblem as problem:
                return self._rest(str(problem))
            except UnusableSound as problem:
                return self._rest(f"What was spoken cannot be played: {problem}.")
            except OSError as error:
                reason = error.strerror or error
                return self._rest(f"Sounds cannot be kept in {folder} ({reason}): make room there.")
            return True

    def _rest(self, sentence: str) -> bool:
        log.warning(sentence)
        self._rests_until = self._clock.now() + RESTS_FOR
        return False


def named_sound(text: str) -> str | None:
    """``file:custom/welcome`` as ``custom/welcome``; None when it leads out of Asterisk's folder
    or holds what a dialplan could interpret.
    """
    name = text.removeprefix(SOUND).strip()
    fits = len(name) <= _MAX_NAMED and _NAMED.fullmatch(name) and ".." not in name
    return name if fits else None


def sound_name(words: str, voice: str) -> str:
    """Where ``words`` are kept: the same for the same, and nothing of them can be read in it."""
    told = f"{FORM}\n{voice}\n{words}".encode("utf-8", "ignore")
    return f"patchbay-{hashlib.sha256(told).hexdigest()[:32]}"


def _is_recorded(file: Path) -> bool:
    try:
        return any(file.with_name(f"{file.name}.{ending}").is_file() for ending in RECORDED)
    except OSError:  # not ours to look at
        return False


def _is_there(file: Path) -> bool:
    """And if so, used just now: it is not among those that are deleted first."""
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    except OSError:  # not ours to touch, but there
        return file.is_file()
    return True


def _keep(folder: Path, name: str, recording: bytes) -> None:
    """Under its name only when it is whole. Raises ``UnusableSound`` and ``OSError``."""
    sound = telephone_wav(recording)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix="patchbay-", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(sound)
        os.chmod(draft, 0o644)  # noqa: PTH101 - Asterisk runs as somebody else
        os.replace(draft, folder / f"{name}.wav")  # noqa: PTH105
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # the sound is there, whatever else is not
        _tidy(folder)


def _tidy(folder: Path) -> None:
    """Delete the oldest of what was made here, beyond what is kept."""
    ours = [(file.stat(), file) for file in folder.glob("patchbay-*.*") if file.is_file()]
    ours.sort(key=lambda one: one[0].st_mtime_ns, reverse=True)
    size = 0
    for number, (status, file) in enumerate(ours):
        size += status.st_size
        if number >= KEPT or size > KEPT_BYTES:
            file.unlink(missing_ok=True)
