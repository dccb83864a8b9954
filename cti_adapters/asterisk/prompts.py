"""What callers are told, as sounds that Asterisk plays: made once, kept in its sounds folder.

A text that begins with ``file:`` names a sound that is there already. Every other text is spoken by
a program and kept under a name made of its words and voice; a recording that was uploaded, under
one made of its sound. Those used least lately are deleted. When nothing can be spoken the caller
hears silence or music, and the log says why.
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
from cti_adapters.asterisk.sound import WIDE, UnusableSound, telephone_wav
from cti_adapters.asterisk.speech import SpeechProblem, Unspeakable, speak, voice_for
from router.announcements import SOUND, is_sound
from router.core.durations import MINUTE
from router.ports import Clock, NoRecordings, Recordings
from router.tasks import end
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

SPEECH: Final = ""  # what rests when nothing can be spoken
UPLOADED: Final = "uploaded"  # the voice of recordings

Speak = Callable[[str, str], Awaitable[bytes]]
"""A WAV file of a text (first) spoken by a voice (second). Raises ``SpeechProblem``."""

Make = Callable[[], Awaitable[None]]
"""Makes a sound. Raises ``SpeechProblem``, ``UnusableSound`` and ``OSError``."""


class Prompts:
    """The sounds of one telephone system."""

    def __init__(
        self,
        settings: PbxSettings,
        clock: Clock,
        recordings: Recordings | None = None,
        *,
        speak: Speak = speak,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._recordings = recordings or NoRecordings()
        self._speak = speak
        self._making: dict[str, asyncio.Task[bool]] = {}
        self._one_by_one = asyncio.Lock()
        self._rests: dict[str, int] = {}  # until when; by the name of a sound, or SPEECH

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

        async def say() -> None:
            spoken = await self._speak(words, voice)
            await asyncio.to_thread(_keep, folder, name, spoken)

        return await self._placed(folder, name, SPEECH, say)

    async def recording(self, name: str, language: str = "", at: int = 0) -> str | None:
        """What Asterisk plays for a recording, for those who speak ``language``: one that was
        uploaded, as it was in force ``at``, else one that somebody put among the sounds, named
        without its ending (``custom/welcome``). None: there is none of that name.
        """
        folder = self._settings.sounds
        if folder is None:
            return None
        content = self._recordings.content(name, language, at)
        uploaded = await self._uploaded(folder, name, content) if content else None
        return uploaded or await self._among_the_sounds(folder, name)

    async def _uploaded(self, folder: Path, name: str, content: str) -> str | None:
        sound = sound_name(content, UPLOADED)

        async def fetch() -> None:
            found = await self._recordings.read(content)
            if found is None:
                raise UnusableSound(f"the recording {name!r} is lost")
            await asyncio.to_thread(_keep_wide, folder, sound, found)

        return await self._placed(folder, sound, sound, fetch)

    async def _among_the_sounds(self, folder: Path, name: str) -> str | None:
        known = named_sound(name)
        if known is None or not await asyncio.to_thread(_is_recorded, folder / known):
            return None
        return self._there(folder, known)

    async def close(self) -> None:
        """Stop making sounds; who waits for one gets nothing."""
        await end(*self._making.values())

    def _there(self, folder: Path, name: str) -> str:
        """As Asterisk sees it."""
        return f"{self._settings.sounds_there or folder.as_posix()}/{name}"

    async def _placed(self, folder: Path, name: str, source: str, make: Make) -> str | None:
        """Where the sound is, made now if need be. None: it cannot be made."""
        is_there = await asyncio.to_thread(_is_there, folder / f"{name}.wav")
        if not is_there and not await self._made(name, source, make):
            return None
        return self._there(folder, name)

    async def _made(self, name: str, source: str, make: Make) -> bool:
        """Whether it was made. Who asks for the same at the same time waits for the same."""
        task = self._making.get(name)
        if task is None:
            if len(self._making) >= AT_ONCE or self._is_resting(source, name):
                return False
            task = asyncio.create_task(self._make(name, source, make))
            self._making[name] = task
            task.add_done_callback(lambda _: self._making.pop(name))
        await asyncio.wait((task,))  # who gives up waiting takes it from nobody else
        return not task.cancelled() and task.result()

    async def _make(self, name: str, source: str, make: Make) -> bool:
        async with self._one_by_one:
            if self._is_resting(source, name):
                return False
            try:
                await make()
            except Unspeakable as problem:
                return self._rest(name, str(problem))
            except SpeechProblem as problem:
                return self._rest(source, str(problem))
            except UnusableSound as problem:
                return self._rest(name, f"A prompt cannot be played: {problem}.")
            except OSError as error:
                reason, folder = error.strerror or error, self._settings.sounds
                sentence = f"Sounds cannot be kept in {folder} ({reason}): make room there."
                return self._rest(source, sentence)
            return True

    def _is_resting(self, *sources: str) -> bool:
        return any(self._clock.now() < self._rests.get(one, 0) for one in sources)

    def _rest(self, source: str, sentence: str) -> bool:
        log.warning(sentence)
        now = self._clock.now()
        self._rests = {one: until for one, until in self._rests.items() if until > now}
        self._rests[source] = now + RESTS_FOR
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
    with contextlib.suppress(OSError):
        os.utime(file.with_suffix(".wav16"))
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    except OSError:  # not ours to touch, but there
        return file.is_file()
    return True


def _keep_wide(folder: Path, name: str, recording: bytes) -> None:
    """As ``_keep``, and for telephones that carry more as well. Asterisk takes the better one."""
    _write(folder, f"{name}.wav16", telephone_wav(recording, WIDE))
    _keep(folder, name, recording)


def _keep(folder: Path, name: str, recording: bytes) -> None:
    """Under its name only when it is whole. Raises ``UnusableSound`` and ``OSError``."""
    _write(folder, f"{name}.wav", telephone_wav(recording))
    with contextlib.suppress(OSError):  # the sound is there, whatever else is not
        _tidy(folder)


def _write(folder: Path, name: str, sound: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix="patchbay-", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(sound)
        os.chmod(draft, 0o644)  # noqa: PTH101 - Asterisk runs as somebody else
        os.replace(draft, folder / name)  # noqa: PTH105
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _tidy(folder: Path) -> None:
    """Delete the oldest of what was made here, beyond what is kept."""
    ours = [(file.stat(), file) for file in folder.glob("patchbay-*.*") if file.is_file()]
    ours.sort(key=lambda one: one[0].st_mtime_ns, reverse=True)
    size = 0
    for number, (status, file) in enumerate(ours):
        size += status.st_size
        if number >= KEPT or size > KEPT_BYTES:
            file.unlink(missing_ok=True)
