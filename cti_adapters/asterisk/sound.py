"""Sound in the form that every telephone carries: 8,000 samples a second, 16 bits, one channel; and
in the form for those that carry more, with twice as many samples.

The rate is changed on the spectrum of the whole recording: what is above 3.9 kHz, which a telephone
does not carry, is taken away first, or it would come back as noise. Pure.
"""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator
from math import gcd
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE: Final = 8_000
WIDE: Final = 16_000  # samples a second, for telephones that carry more
FASTEST: Final = 96_000
MAX_SECONDS: Final = 300

_HEAD: Final = struct.Struct("<4sI")  # of a chunk: its name and size
_FORM: Final = struct.Struct("<HHI6xH")  # coding, channels, samples a second, bits of a sample
_PLAIN: Final = 1  # samples as they are

_PASSED, _CUT = 0.4375, 0.4875  # of the rate: all of it below the first, nothing above the second


class UnusableSound(ValueError):
    """The sound is not one that can be played; the text says what is wrong with it."""


def telephone_wav(recording: bytes, to: int = RATE) -> bytes:
    """A WAV file for the telephone, with ``to`` samples a second, made of one that holds 16-bit
    samples of one channel. Sizes in its header are not believed: a program that writes to a pipe
    does not know them.

    Raises ``UnusableSound``.
    """
    samples, rate = _read(recording)
    return _written(resampled(samples, rate, to), to)


def resampled(samples: NDArray[Any], rate: int, to: int = RATE) -> NDArray[Any]:
    """``samples`` taken ``rate`` times a second, as if they had been taken ``to`` times."""
    import numpy as np

    if rate == to:
        return samples
    step = rate // gcd(rate, to)
    kept = len(samples) * to // rate
    padded = np.zeros((len(samples) // step + 2) * step)  # its end would be heard at its beginning
    padded[: len(samples)] = samples
    wanted = len(padded) * to // rate
    spectrum = np.fft.rfft(padded)
    pitches = np.fft.rfftfreq(len(padded), 1 / rate)
    spectrum *= np.clip((_CUT * to - pitches) / ((_CUT - _PASSED) * to), 0.0, 1.0)
    found = np.fft.irfft(spectrum[: wanted // 2 + 1], wanted) * (wanted / len(padded))
    return np.clip(np.rint(found[:kept]), -32_768, 32_767).astype("<i2")


def _read(recording: bytes) -> tuple[NDArray[Any], int]:
    import numpy as np

    parts = dict(_parts(recording))
    if not recording.startswith(b"RIFF") or len(parts.get(b"fmt ", b"")) < _FORM.size:
        raise UnusableSound("it is no WAV file")
    coding, channels, rate, width = _FORM.unpack_from(parts[b"fmt "])
    if (coding, channels, width) != (_PLAIN, 1, 16):
        raise UnusableSound("it does not hold 16-bit samples of one channel")
    if not RATE <= rate <= FASTEST:
        raise UnusableSound(f"it has {rate} samples a second")
    frames = parts.get(b"data", b"")
    if len(frames) < 2 or len(frames) > 2 * rate * MAX_SECONDS:
        raise UnusableSound("it is empty or too long")
    return np.frombuffer(frames[: len(frames) // 2 * 2], dtype="<i2"), rate


def _parts(recording: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a RIFF file; one that claims to be longer than the file ends with it."""
    at = 12
    while at + 8 <= len(recording):
        name, size = _HEAD.unpack_from(recording, at)
        yield name, recording[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _written(samples: NDArray[Any], rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(rate)
        writing.writeframes(samples.tobytes())
    return file.getvalue()
