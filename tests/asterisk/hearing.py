"""What is in a recording: which tones, when, and whether there is silence.

A tone is found by correlating each tenth of a second with it. Tones that are multiples of 10 Hz
do not disturb each other there, so that several voices in a conference can be told apart.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.asterisk.tones import RATE, Samples

WINDOW = RATE // 10
AUDIBLE = 0.03
"""Peak of a tone that counts as heard, where 1 is the loudest possible."""
QUIET = 0.005
"""Root mean square of what counts as silence: more than coding noise, less than any voice."""


def read(path: Path, between: tuple[float, float] | None = None) -> Samples:
    """A WAV file of 8,000 samples a second, 16 bits, one channel, also one still being written.

    ``between`` is in seconds from its start.
    """
    content = path.read_bytes()
    start = content.find(b"data")
    raw = b"" if start < 0 else content[start + 8 :]
    samples = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2") / 32_768
    if between is None:
        return samples
    return samples[round(between[0] * RATE) : round(between[1] * RATE)]


def seconds(samples: Samples) -> float:
    return len(samples) / RATE


def loudness(samples: Samples, frequency: int) -> Samples:
    """The peak of this tone, in hertz, in each whole tenth of a second."""
    windows = _windows(samples)
    at = np.arange(WINDOW) / RATE
    wave = np.exp(-2j * np.pi * frequency * at)
    peaks: Samples = np.abs(windows @ wave) * 2 / WINDOW
    return peaks


def share(samples: Samples, frequency: int) -> float:
    """How much of the time this tone is heard, from 0 to 1."""
    peaks = loudness(samples, frequency)
    return float(np.mean(peaks > AUDIBLE)) if len(peaks) else 0.0


def hears(samples: Samples, frequency: int, *, for_seconds: float = 0.3) -> bool:
    """Whether this tone is heard, all in all, for so long."""
    return int(np.sum(loudness(samples, frequency) > AUDIBLE)) * WINDOW >= for_seconds * RATE


def besides(samples: Samples, frequency: int) -> float:
    """Seconds in which something is heard and this tone is not: speech beside music."""
    loud = levels(samples) > QUIET
    return float(np.sum(loud & (loudness(samples, frequency) < AUDIBLE))) * WINDOW / RATE


def is_silent(samples: Samples) -> bool:
    """Whether nothing is heard at any time; also when there is nothing."""
    return not len(samples) or bool(np.all(levels(samples) < QUIET))


def levels(samples: Samples) -> Samples:
    """The root mean square of each whole tenth of a second."""
    rms: Samples = np.sqrt(np.mean(_windows(samples) ** 2, axis=1))
    return rms


def _windows(samples: Samples) -> Samples:
    whole = len(samples) // WINDOW
    return samples[: whole * WINDOW].reshape(whole, WINDOW)
