"""Sound files that people upload, made into the one form in which they are kept: WAV, 16 bits, one
channel, as many samples a second as they had.

Everything in such a file may be a lie: no number in it is used before it was compared with what is
there. It is read in blocks, and what is kept of it has a greatest length. This takes time: call it
in a thread.
"""

from __future__ import annotations

import io
import os
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from router.core.durations import SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_SECONDS: Final = 300
SLOWEST: Final = 8_000  # samples a second
FASTEST: Final = 48_000
WIDTHS: Final = (8, 16, 24, 32)  # bits of a sample

LOUDEST: Final = 23_197  # of 32,768, which is 3 dB below what clips: the peak after keeping
MOST_GAIN: Final = 4.0  # 12 dB: more would make noise of silence
SILENT: Final = 33.0  # 60 dB below what clips

_PLAIN: Final = 1  # samples as they are
_EXTENSIBLE: Final = 0xFFFE
_PLAIN_GUID: Final = bytes.fromhex("0100000000001000800000aa00389b71")
_UNKNOWN_SIZE: Final = (0, 0xFFFF_FFFF, 0x7FFF_FFFF)  # of who wrote to a pipe
_HEAD: Final = struct.Struct("<4sI")  # of a chunk: its name and size
_FORM: Final = struct.Struct("<HHIIHH")
_MAX_CHUNKS: Final = 200
_BLOCK: Final = 1 << 16  # frames read at once

_OTHERS: Final = (  # what begins so, and is called
    (0, b"ID3", "an MP3 file"),
    (0, b"\xff\xfb", "an MP3 file"),
    (0, b"OggS", "an Ogg file"),
    (0, b"fLaC", "a FLAC file"),
    (4, b"ftyp", "an MP4 file"),
    (0, b"\x1aE\xdf\xa3", "a WebM file"),
)


TOO_LARGE: Final = f"It is larger than {MAX_BYTES >> 20} MB: shorten it."


class UnusableRecording(ValueError):
    """The file cannot be used; the text is one sentence that says what to do."""


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """``sound`` is the file as it is kept, ``length`` microseconds."""

    sound: bytes
    length: int


class _Form(msgspec.Struct, frozen=True, kw_only=True):
    """Where the samples are in the file, and how each of them is written."""

    channels: int
    rate: int
    width: int  # bits
    begin: int
    frames: int

    @property
    def frame(self) -> int:
        return self.channels * self.width // 8


def convert(upload: Path) -> Converted:
    """``upload`` in the form that is kept.

    A loud one is made 3 dB softer than what clips, a soft one louder, but no more than fourfold;
    silence at its ends stays. Raises ``UnusableRecording`` and ``OSError``.
    """
    with upload.open("rb") as reading:
        form = _form(reading)
        peak = max((float(abs(block).max()) for block in _blocks(reading, form)), default=0.0)
        if peak < SILENT:
            raise UnusableRecording("Nothing can be heard in it: check the microphone.")
        gain = min(LOUDEST / peak, MOST_GAIN)
        sound = _written_anew(form, (block * gain for block in _blocks(reading, form)))
    return Converted(sound=sound, length=form.frames * SECOND // form.rate)


def _written_anew(form: _Form, blocks: Iterator[NDArray[Any]]) -> bytes:
    import numpy as np

    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(form.rate)
        writing.setnframes(form.frames)
        for block in blocks:
            samples = np.clip(np.rint(block), -32_768, 32_767).astype("<i2")
            writing.writeframesraw(samples.tobytes())
    return file.getvalue()


# -- samples --------------------------------------------------------------------------------------


def _blocks(file: IO[bytes], form: _Form) -> Iterator[NDArray[Any]]:
    """The samples, channels mixed, between -32,768 and 32,767."""
    file.seek(form.begin)
    left = form.frames
    while left:
        read = file.read(min(left, _BLOCK) * form.frame)
        frames = len(read) // form.frame
        if not frames:
            raise UnusableRecording(_CUT_OFF)
        left -= frames
        samples = _samples(read[: frames * form.frame], form.width)
        yield samples.reshape(frames, form.channels).mean(axis=1)


def _samples(read: bytes, width: int) -> NDArray[Any]:
    import numpy as np

    match width:
        case 8:
            return (np.frombuffer(read, dtype="u1").astype(np.float64) - 128) * 256
        case 16:
            return np.frombuffer(read, dtype="<i2").astype(np.float64)
        case 24:
            parts = np.frombuffer(read, dtype="u1").reshape(-1, 3)
            whole = np.zeros((len(parts), 4), dtype="u1")
            whole[:, 1:] = parts
            return whole.view("<i4")[:, 0] / 65_536
        case _:
            return np.frombuffer(read, dtype="<i4") / 65_536


# -- the file's own words -------------------------------------------------------------------------

_NO_WAV: Final = "It is no WAV file: save the sound as WAV with PCM samples."
_CUT_OFF: Final = "The file ends before its sound does: upload it again."


def _form(file: IO[bytes]) -> _Form:
    """Raises ``UnusableRecording``."""
    size = file.seek(0, os.SEEK_END)
    if size > MAX_BYTES:
        raise UnusableRecording(TOO_LARGE)
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise UnusableRecording(_what_else(head))
    written: tuple[int, int, int] | None = None
    for name, begin, length in _chunks(file, size):
        if name == b"fmt ":
            file.seek(begin)
            written = _written(file.read(min(length, 40)))
        elif name == b"data" and written is not None:
            return _fitting(*written, begin=begin, length=length)
        if begin + length > size:
            raise UnusableRecording(_CUT_OFF)
    raise UnusableRecording(_NO_WAV)


def _what_else(head: bytes) -> str:
    for at, begins, name in _OTHERS:
        if head[at : at + len(begins)] == begins:
            return f"It is {name}: save the sound as WAV."
    return _NO_WAV


def _chunks(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and length of each; only the last may claim more than is there."""
    at = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        name, length = _HEAD.unpack(head)
        begin = at + _HEAD.size
        if name == b"data" and length in _UNKNOWN_SIZE:
            length = size - begin
        yield name, begin, length
        at = begin + length + length % 2


def _written(form: bytes) -> tuple[int, int, int]:
    """Channels, samples a second, bits of a sample."""
    if len(form) < _FORM.size:
        raise UnusableRecording(_NO_WAV)
    coding, channels, rate, _, frame, width = _FORM.unpack_from(form)
    plain = coding == _PLAIN or (coding == _EXTENSIBLE and form[24:40] == _PLAIN_GUID)
    if not plain or width not in WIDTHS:
        raise UnusableRecording("Its samples are compressed: save it as WAV with PCM samples.")
    if channels not in (1, 2):
        raise UnusableRecording(f"It has {channels} channels: save it with one or two.")
    if not SLOWEST <= rate <= FASTEST:
        least, most = SLOWEST // 1_000, FASTEST // 1_000
        raise UnusableRecording(
            f"It has {rate} samples a second: save it with {least} to {most} kHz."
        )
    if frame != channels * width // 8:
        raise UnusableRecording("Its header contradicts itself: save it anew as WAV.")
    return channels, rate, width


def _fitting(channels: int, rate: int, width: int, *, begin: int, length: int) -> _Form:
    frames = length // (channels * width // 8)
    if not frames:
        raise UnusableRecording("It is empty: record it again.")
    if frames > rate * MAX_SECONDS:
        minutes = MAX_SECONDS // 60
        raise UnusableRecording(f"It is longer than {minutes} minutes: shorten it.")
    return _Form(channels=channels, rate=rate, width=width, begin=begin, frames=frames)
