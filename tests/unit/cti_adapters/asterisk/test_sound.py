"""``asterisk.sound``: whatever rate it was recorded at, a telephone plays it as it was."""

import contextlib
import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.sound import RATE, WIDE, UnusableSound, resampled, telephone_wav


def tone(hertz, rate=22_050, seconds=1.0, loud=0.5):
    times = np.arange(int(rate * seconds)) / rate
    return (np.sin(2 * np.pi * hertz * times) * loud * 32_767).astype("<i2")


def wav(samples, rate=22_050, channels=1, width=2):
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(channels)
        writing.setsampwidth(width)
        writing.setframerate(rate)
        writing.writeframes(samples.tobytes())
    return file.getvalue()


def played(sound):
    with wave.open(io.BytesIO(sound)) as reading:
        assert (reading.getnchannels(), reading.getsampwidth()) == (1, 2)
        assert reading.getframerate() == RATE
        return np.frombuffer(reading.readframes(1 << 30), dtype="<i2").astype(float)


def loudness(samples):
    """Root mean square, away from both ends."""
    middle = samples[len(samples) // 5 : -len(samples) // 5]
    return float(np.sqrt(np.mean(middle**2)))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("hertz", [300, 1_000, 3_300])
def test_a_tone_keeps_its_pitch_loudness_and_length(rate, hertz):
    heard = played(telephone_wav(wav(tone(hertz, rate), rate)))
    assert len(heard) == RATE
    assert loudness(heard) == pytest.approx(0.5 * 32_767 / np.sqrt(2), rel=0.01)
    pitch = np.argmax(np.abs(np.fft.rfft(heard))) * RATE / len(heard)
    assert pitch == pytest.approx(hertz, abs=2)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100])
def test_for_telephones_that_carry_more_it_has_twice_as_many_samples(rate):
    with wave.open(io.BytesIO(telephone_wav(wav(tone(1_000, rate), rate), WIDE))) as reading:
        assert reading.getframerate() == WIDE
        heard = np.frombuffer(reading.readframes(1 << 30), dtype="<i2").astype(float)
    assert len(heard) == WIDE
    assert loudness(heard) == pytest.approx(0.5 * 32_767 / np.sqrt(2), rel=0.01)
    assert np.argmax(np.abs(np.fft.rfft(heard))) == pytest.approx(1_000, abs=2)


@pytest.mark.parametrize("hertz", [4_500, 5_000, 7_700, 10_000])
def test_what_a_telephone_does_not_carry_does_not_come_back_as_noise(hertz):
    heard = played(telephone_wav(wav(tone(hertz))))
    assert loudness(heard) < 0.001 * loudness(tone(hertz).astype(float))


def test_the_end_is_not_heard_at_the_beginning():
    quiet, loud = np.zeros(22_050, dtype="<i2"), tone(1_000)
    heard = played(telephone_wav(wav(np.concatenate([quiet, loud]))))
    assert np.abs(heard[: RATE // 2]).max() < 40


def test_sizes_that_a_pipe_did_not_know_are_not_believed():
    honest = wav(tone(440))
    piped = honest[:4] + b"\x24\xf0\xff\x7f" + honest[8:40] + b"\x00\xf0\xff\x7f" + honest[44:]
    assert telephone_wav(piped) == telephone_wav(honest)


@pytest.mark.parametrize(
    "recording",
    [
        b"",
        b"RIFF",
        b"RIFF\x24\xf0\xff\x7fWAVE",
        b"no sound at all" * 100,
        wav(tone(440), channels=2),
        wav(np.zeros(8, dtype="<u1"), width=1),
        wav(tone(440, 4_000), 4_000),
        wav(tone(440), 192_000),
        wav(np.zeros(0, dtype="<i2")),
        wav(np.zeros(8_000 * 301, dtype="<i2"), 8_000),
    ],
    ids=["empty", "word", "head", "text", "stereo", "bytes", "slow", "fast", "silent", "long"],
)
def test_what_cannot_be_played_is_refused(recording):
    with pytest.raises(UnusableSound):
        telephone_wav(recording)


@given(st.binary(max_size=200), st.integers(0, 80))
def test_no_bytes_do_harm(rubbish, kept):
    with contextlib.suppress(UnusableSound):
        telephone_wav(wav(tone(440, seconds=0.01))[:kept] + rubbish)


@given(st.lists(st.integers(-32_768, 32_767), max_size=600), st.sampled_from([11_025, 22_050]))
def test_any_samples_become_as_many_as_their_time_takes(samples, rate):
    found = resampled(np.array(samples, dtype="<i2"), rate)
    assert len(found) == len(samples) * RATE // rate
