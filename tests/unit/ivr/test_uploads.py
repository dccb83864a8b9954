"""``ivr.uploads``: whatever is uploaded is kept as one kind of WAV, or refused in one sentence."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr import uploads
from ivr.uploads import LOUDEST, UnusableRecording, convert
from router.core.durations import SECOND


def tone(hertz=440, rate=16_000, seconds=0.5, loud=0.5):
    times = np.arange(int(rate * seconds)) / rate
    return np.sin(2 * np.pi * hertz * times) * loud


def chunk(name, body, size=None):
    return name + struct.pack("<I", len(body) if size is None else size) + body


def form(channels=1, rate=16_000, width=16, coding=1, frame=None):
    frame = channels * width // 8 if frame is None else frame
    return struct.pack("<HHIIHH", coding, channels, rate, rate * frame, frame, width)


def riff(*chunks):
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def written(samples, width):
    """``samples`` between -1 and 1, as PCM."""
    if width == 8:
        return np.clip(np.rint(samples * 127) + 128, 0, 255).astype("u1").tobytes()
    whole = np.rint(samples * (2 ** (width - 1) - 1)).astype("<i4")
    return whole.view("u1").reshape(-1, 4)[:, : width // 8].tobytes()


def wav(samples, rate=16_000, width=16, channels=1, **more):
    both = np.repeat(samples, channels)
    return riff(
        chunk(b"fmt ", form(channels, rate, width, **more)), chunk(b"data", written(both, width))
    )


GOOD = written(tone(), 16)


@pytest.fixture
def made(tmp_path):
    def make(upload):
        (tmp_path / "upload").write_bytes(upload)
        return convert(tmp_path / "upload")

    return make


def heard(kept):
    with wave.open(io.BytesIO(kept.sound)) as reading:
        assert (reading.getnchannels(), reading.getsampwidth()) == (1, 2)
        frames = reading.readframes(reading.getnframes())
        return np.frombuffer(frames, dtype="<i2").astype(float), reading.getframerate()


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("width", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_what_can_be_heard_stays_the_same(made, rate, width, channels):
    kept = made(wav(tone(rate=rate), rate, width, channels))
    samples, kept_rate = heard(kept)
    assert kept_rate == rate
    assert kept.length == int(rate * 0.5) * SECOND // rate
    assert np.allclose(samples / LOUDEST, tone(rate=rate) / 0.5, atol=0.03)


def test_the_same_sound_is_the_same_file(made):
    assert made(wav(tone())) == made(wav(tone(), channels=2))


@pytest.mark.parametrize(("loud", "peak"), [(1.0, LOUDEST), (0.3, LOUDEST), (0.01, 0.04 * 32_767)])
def test_loud_ones_are_softened_and_soft_ones_raised_a_little(made, loud, peak):
    samples, _ = heard(made(wav(tone(loud=loud))))
    assert abs(samples).max() == pytest.approx(peak, rel=0.02)


def test_silence_at_the_ends_stays(made):
    rest = np.zeros(8_000)
    kept = made(wav(np.concatenate([rest, tone(), rest])))
    assert kept.length == 1.5 * SECOND
    assert not heard(kept)[0][:8_000].any()


def test_chunks_between_and_behind_are_passed_over(made):
    notes = chunk(b"LIST", b"odd") + b"\0"
    upload = riff(notes, chunk(b"fmt ", form()), notes, chunk(b"data", GOOD), chunk(b"id3 ", b"x"))
    assert made(upload).length == SECOND / 2


def test_the_extensible_form_is_the_same_inside(made):
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    extended = form(coding=0xFFFE) + struct.pack("<HHI", 22, 16, 4) + guid
    assert made(riff(chunk(b"fmt ", extended), chunk(b"data", GOOD))).length == SECOND / 2


@pytest.mark.parametrize("size", [0, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_who_writes_to_a_pipe_does_not_know_the_size(made, size):
    upload = riff(chunk(b"fmt ", form()), chunk(b"data", GOOD, size))
    assert made(upload).length == SECOND / 2


FMT = chunk(b"fmt ", form())
HOSTILE = {
    "nothing": (b"", "no WAV"),
    "half a head": (b"RIFF", "no WAV"),
    "a page": (b"<html><script>alert(1)</script></html>", "no WAV"),
    "NUL": (b"\0" * 1_000, "no WAV"),
    "an archive": (b"PK\x03\x04" + b"\0" * 60, "no WAV"),
    "MP3": (b"ID3\x04" + b"\0" * 60, "an MP3 file: save"),
    "Ogg": (b"OggS" + b"\0" * 60, "an Ogg file"),
    "MP4": (b"\0\0\0 ftypM4A " + b"\0" * 60, "an MP4 file"),
    "another RIFF": (b"RIFF\0\0\0\0AVI " + b"\0" * 60, "no WAV"),
    "no form": (riff(chunk(b"data", GOOD)), "no WAV"),
    "no data": (riff(FMT), "no WAV"),
    "a short form": (riff(chunk(b"fmt ", b"\1\0\1\0"), chunk(b"data", GOOD)), "no WAV"),
    "data that is cut off": (riff(FMT, chunk(b"data", GOOD, len(GOOD) + 2)), "ends before"),
    "a huge chunk": (riff(chunk(b"LIST", b"", 0xFFFF_FFF0), FMT), "ends before"),
    "a huge form": (riff(chunk(b"fmt ", form(), 0xFFFF_FFF0)), "ends before"),
    "chunks without end": (riff(*[chunk(b"LIST", b"")] * 5_000, FMT), "no WAV"),
    "no frames": (riff(FMT, chunk(b"fact", b"")), "no WAV"),
    "half a frame": (riff(FMT, chunk(b"data", b"x")), "empty"),
    "silence": (wav(np.zeros(1_000)), "check the microphone"),
    "no channels": (wav(tone(), channels=0, frame=2), "0 channels"),
    "many channels": (riff(chunk(b"fmt ", form(65_535, frame=2)), chunk(b"data", GOOD)), "65535"),
    "no rate": (wav(tone(), rate=0), "0 samples a second"),
    "a huge rate": (wav(tone(), rate=2**32 - 1, frame=0), "4294967295 samples a second"),
    "compressed": (wav(tone(), coding=0x55), "compressed"),
    "mu-law": (wav(tone(), coding=7), "compressed"),
    "12 bits": (riff(chunk(b"fmt ", form(width=12)), chunk(b"data", GOOD)), "compressed"),
    "a frame of nothing": (wav(tone(), frame=0), "contradicts itself"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_used_is_refused_in_one_sentence(made, name):
    upload, why = HOSTILE[name]
    with pytest.raises(UnusableRecording, match=why) as refused:
        made(upload)
    assert str(refused.value).endswith(".")
    assert str(refused.value).count(". ") == 0


def test_what_is_too_long_or_too_large_is_refused_unread(made, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_SECONDS", 60)
    samples = np.zeros(61 * 8_000)
    with pytest.raises(UnusableRecording, match="longer than 1 minutes"):
        made(wav(samples, rate=8_000, width=8))
    monkeypatch.setattr(uploads, "MAX_BYTES", 1 << 20)
    with pytest.raises(UnusableRecording, match="larger than 32 MB"):
        made(b"\0" * ((1 << 20) + 1))


def test_it_is_the_same_in_however_many_blocks_it_is_read(made, monkeypatch):
    whole = made(wav(tone()))
    monkeypatch.setattr(uploads, "_BLOCK", 100)
    assert made(wav(tone())) == whole


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, 60),
    bytes_there=st.binary(min_size=1, max_size=8),
    kept=st.integers(0, 400),
)
def test_nothing_that_is_uploaded_is_our_own_error(made, at, bytes_there, kept):
    whole = bytearray(wav(tone(seconds=0.01)))
    whole[at : at + len(bytes_there)] = bytes_there
    try:
        heard(made(bytes(whole[:kept])))
    except UnusableRecording:
        return
