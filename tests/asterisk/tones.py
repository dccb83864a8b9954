"""Tones: how a test tells whose voice, which prompt or which music somebody heard.

All sound here is 8,000 samples a second, 16 bits, one channel: what a telephone carries.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
"""Samples a second."""

Samples = NDArray[np.float64]
"""From -1 to 1."""


def tone(frequency: int, seconds: float, level: float = 0.3) -> Samples:
    """``frequency`` in hertz, ``level`` the peak, of 1."""
    at = np.arange(round(RATE * seconds)) / RATE
    return level * np.sin(2 * np.pi * frequency * at)


def write_wav(path: Path, samples: Samples) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples * 32_767).astype("<i2").tobytes())
    return path


def write_tone(path: Path, frequency: int, seconds: float) -> Path:
    return write_wav(path, tone(frequency, seconds))


def mu_law(samples: Samples) -> bytes:
    """As the telephone network codes them (ITU-T G.711, mu-law), one byte a sample."""
    linear = np.clip(np.round(samples * 32_767), -32_635, 32_635).astype(np.int64)
    biased = np.abs(linear) + 132
    exponent = np.floor(np.log2(biased)).astype(np.int64) - 7
    mantissa = (biased >> (exponent + 3)) & 15
    sign = np.where(linear < 0, 128, 0)
    coded: bytes = (~(sign | (exponent << 4) | mantissa) & 255).astype(np.uint8).tobytes()
    return coded
