"""``asterisk.prompts``: each text is spoken once, and a failure is silence, not an error."""

import asyncio
import logging
import os

import pytest

from cti_adapters.asterisk import prompts as module
from cti_adapters.asterisk.prompts import Prompts, named_sound, sound_name
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.sound import RATE, WIDE, telephone_wav
from cti_adapters.asterisk.speech import SpeechProblem, Unspeakable
from router.clock import ManualClock
from router.core.durations import SECOND
from router.ports import Recordings
from tests.unit.cti_adapters.asterisk.test_sound import tone, wav

RECORDING = wav(tone(440, seconds=0.1))


class Voice:
    """Speaks at once, or when it is let; remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.speaking = asyncio.Event()
        self.trouble = None

    async def __call__(self, text, voice):
        self.asked.append((text, voice))
        self.speaking.set()
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return RECORDING


@pytest.fixture
def voice():
    return Voice()


@pytest.fixture
def clock():
    return ManualClock(0)


@pytest.fixture
def settings(tmp_path):
    return PbxSettings(sounds=tmp_path / "sounds", sounds_there="/var/sounds/patchbay")


@pytest.fixture
async def prompts(settings, clock, voice):
    made = Prompts(settings, clock, speak=voice)
    yield made
    await made.close()


def files(settings):
    return sorted(file.name for file in settings.sounds.iterdir())


async def test_a_text_is_spoken_once_and_kept_for_the_telephone(prompts, settings, voice):
    path = await prompts.sound_for("Thank you for waiting.", "en")
    assert path == f"/var/sounds/patchbay/{sound_name('Thank you for waiting.', 'en-gb')}"
    assert await prompts.sound_for("Thank you  for\nwaiting.", "en") == path
    assert voice.asked == [("Thank you for waiting.", "en-gb")]
    (file,) = files(settings)
    assert file == path.rpartition("/")[2] + ".wav"
    assert (settings.sounds / file).read_bytes() == telephone_wav(RECORDING)
    assert (settings.sounds / file).stat().st_mode & 0o777 == 0o644


async def test_it_is_still_there_after_a_restart(prompts, settings, clock):
    path = await prompts.sound_for("Hello", "en")
    dumb = Voice()
    assert await Prompts(settings, clock, speak=dumb).sound_for("Hello", "en") == path
    assert dumb.asked == []


async def test_languages_have_their_own_sounds(prompts, voice):
    paths = [await prompts.sound_for("Hola", one) for one in ("es", "en", "tlh", "")]
    assert [used for _, used in voice.asked] == ["es", "en-gb"], "the unknown is the usual"
    assert paths[0] != paths[1] == paths[2] == paths[3]


async def test_the_same_folder_serves_when_no_other_name_is_given(tmp_path, clock, voice):
    prompts = Prompts(PbxSettings(sounds=tmp_path), clock, speak=voice)
    assert (await prompts.sound_for("Hi")).startswith(f"{tmp_path}/patchbay-")


async def test_who_asks_at_the_same_time_waits_for_the_same(prompts, voice):
    voice.gate.clear()
    asking = [asyncio.create_task(prompts.sound_for("Hello", "en")) for _ in range(5)]
    await voice.speaking.wait()
    asking[0].cancel()
    voice.gate.set()
    paths = await asyncio.gather(*asking[1:])
    assert len(set(paths)) == 1
    assert paths[0]
    assert len(voice.asked) == 1


async def test_only_so_many_are_waited_for(prompts, voice, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 2)
    voice.gate.clear()
    asking = [asyncio.create_task(prompts.sound_for(f"Text {n}", "en")) for n in range(3)]
    done, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [None]
    voice.gate.set()
    assert sum(path is None for path in await asyncio.gather(*asking)) == 1


async def test_after_a_failure_it_rests_and_says_so_once(prompts, voice, clock, caplog):
    voice.trouble = SpeechProblem("Install it.")
    with caplog.at_level(logging.WARNING):
        for text in ("One", "Two", "Three"):
            assert await prompts.sound_for(text, "en") is None
    assert [record.getMessage() for record in caplog.records] == ["Install it."]
    assert len(voice.asked) == 1
    voice.trouble = None
    clock.set(60 * SECOND)
    assert await prompts.sound_for("Two", "en")


async def test_a_text_that_cannot_be_spoken_keeps_no_other_from_it(prompts, voice, clock, caplog):
    voice.trouble = Unspeakable("Shorten its text.")
    with caplog.at_level(logging.WARNING):
        assert [await prompts.sound_for("九" * 2_000, "zh") for _ in range(3)] == [None] * 3
    assert [record.getMessage() for record in caplog.records] == ["Shorten its text."]
    voice.trouble = None
    assert await prompts.sound_for("Welcome", "en")
    assert await prompts.sound_for("九" * 2_000, "zh") is None, "it rests for a minute"
    clock.set(60 * SECOND)
    assert await prompts.sound_for("九" * 2_000, "zh")


async def test_a_failure_meanwhile_keeps_those_in_line_from_trying(prompts, voice):
    voice.gate.clear()
    voice.trouble = SpeechProblem("Install it.")
    asking = [asyncio.create_task(prompts.sound_for(f"Text {n}", "en")) for n in range(4)]
    await voice.speaking.wait()
    voice.gate.set()
    assert await asyncio.gather(*asking) == [None] * 4
    assert len(voice.asked) == 1


async def test_a_recording_that_cannot_be_played_is_a_failure(
    prompts, voice, settings, monkeypatch, caplog
):
    monkeypatch.setattr("tests.unit.cti_adapters.asterisk.test_prompts.RECORDING", b"RIFF")
    assert await prompts.sound_for("Hello", "en") is None
    assert "cannot be played" in caplog.text


async def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path, clock, voice, caplog):
    file = tmp_path / "file"
    file.write_text("no folder")
    prompts = Prompts(PbxSettings(sounds=file), clock, speak=voice)
    assert await prompts.sound_for("Hello", "en") is None
    assert "Sounds cannot be kept in" in caplog.text
    assert files(PbxSettings(sounds=tmp_path)) == ["file"]


async def test_nothing_is_left_of_a_sound_that_could_not_be_named(prompts, settings, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert await prompts.sound_for("Hello", "en") is None
    assert files(settings) == []


async def test_those_used_least_lately_are_deleted(prompts, settings, clock, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    foreign = settings.sounds / "welcome.wav"
    settings.sounds.mkdir()
    foreign.write_bytes(b"ours to leave alone")
    names = {}
    for number, text in enumerate(("one", "two", "three")):
        names[text] = (await prompts.sound_for(text, "en")).rpartition("/")[2] + ".wav"
        os.utime(settings.sounds / names[text], (number, number))
    await prompts.sound_for("one", "en")  # used just now
    names["four"] = (await prompts.sound_for("four", "en")).rpartition("/")[2] + ".wav"
    assert files(settings) == sorted([names["one"], names["three"], names["four"], "welcome.wav"])


async def test_their_size_is_bounded_too(prompts, settings, monkeypatch):
    monkeypatch.setattr(module, "KEPT_BYTES", 2_500)
    for number in range(4):
        path = await prompts.sound_for(f"Text {number}", "en")
        os.utime(settings.sounds / (path.rpartition("/")[2] + ".wav"), (number, number))
    assert len(files(settings)) == 1


async def test_without_a_folder_or_words_nothing_is_said(clock, voice, prompts):
    assert await Prompts(PbxSettings(), clock, speak=voice).sound_for("Hello", "en") is None
    assert await prompts.sound_for(" \n\0 ", "en") is None
    assert voice.asked == []


async def test_long_texts_are_cut(prompts, voice):
    await prompts.sound_for("a" * 100_000, "en")
    assert [len(text) for text, _ in voice.asked] == [2_000]


async def test_closing_wakes_who_waits(prompts, voice):
    voice.gate.clear()
    asking = asyncio.create_task(prompts.sound_for("Hello", "en"))
    await voice.speaking.wait()
    await prompts.close()
    assert await asking is None


async def test_a_sound_that_is_there_is_named_without_being_spoken(prompts, voice):
    assert await prompts.sound_for("file:custom/welcome", "en") == "custom/welcome"
    assert await prompts.sound_for("file:../../etc/passwd", "en") is None
    assert voice.asked == []


@pytest.mark.parametrize("name", ["welcome", "custom/welcome_2", "a/b/c-d.e", "en/1"])
def test_names_of_sounds(name):
    assert named_sound(f"file:{name}") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../secret",
        "custom/../../secret",
        "custom/..",
        "custom//welcome",
        "custom/",
        ".hidden",
        "a&b",
        "a,b",
        "a|b",
        "a;b",
        "a b",
        "${SHELL(id)}",
        "a\nb",
        "a\\b",
        "http://x",
        "http:x",
        "ñ",
        "a" * 161,
        "/".join("abcdefghi"),
    ],
)
def test_no_name_leads_out_of_the_folder_or_into_the_dialplan(name):
    assert named_sound(f"file:{name}") is None


async def test_a_recording_among_the_sounds_is_played_as_asterisk_sees_it(prompts, settings):
    file = settings.sounds / "menus" / "welcome.v2.ulaw"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"sound")
    assert await prompts.recording("menus/welcome.v2") == "/var/sounds/patchbay/menus/welcome.v2"


@pytest.mark.parametrize("name", ["", "lost", "menus", "/etc/passwd", "../other", "notes", "a&b"])
async def test_a_recording_that_is_not_there_or_elsewhere_is_none(prompts, settings, name):
    (settings.sounds / "menus").mkdir(parents=True)
    (settings.sounds / "notes.txt").write_text("no sound")
    (settings.sounds.parent / "other.wav").write_bytes(RECORDING)
    assert await prompts.recording(name) is None
    assert await Prompts(PbxSettings(), ManualClock(0)).recording("menus/welcome") is None


# -- uploaded -------------------------------------------------------------------------------------


class Uploaded(Recordings):
    """``contents`` by name, language and since when; what is asked for is remembered."""

    def __init__(self, **contents):
        self.contents = contents
        self.sounds = {"first": RECORDING, "second": wav(tone(880, seconds=0.1)), "broken": b"RIFF"}
        self.asked = []

    def content(self, name, language, at):
        self.asked.append((name, language, at))
        return self.contents.get(name, "")

    async def read(self, content):
        return self.sounds.get(content)


@pytest.fixture
def uploaded():
    return Uploaded(welcome="first", broken="broken", lost="lost")


@pytest.fixture
async def recorded(settings, clock, voice, uploaded):
    made = Prompts(settings, clock, uploaded, speak=voice)
    yield made
    await made.close()


async def test_an_uploaded_recording_is_placed_for_both_kinds_of_telephones(
    recorded, settings, uploaded
):
    path = await recorded.recording("welcome", "en", 7)
    assert uploaded.asked == [("welcome", "en", 7)]
    name = path.rpartition("/")[2]
    assert path == f"/var/sounds/patchbay/{name}"
    assert files(settings) == [f"{name}.wav", f"{name}.wav16"]
    for ending, rate in (("wav", RATE), ("wav16", WIDE)):
        sound = (settings.sounds / f"{name}.{ending}").read_bytes()
        assert sound == telephone_wav(RECORDING, rate)


async def test_it_is_placed_once_and_the_next_one_beside_it(recorded, settings, uploaded):
    first = await recorded.recording("welcome", "en", 7)
    uploaded.sounds.pop("first")
    assert await recorded.recording("welcome", "en", 7) == first, "it is there"
    uploaded.contents["welcome"] = "second"
    second = await recorded.recording("welcome", "en", 8)
    assert second != first
    assert len(files(settings)) == 4, "who hears the first hears it to its end"


async def test_an_uploaded_one_is_preferred_to_one_among_the_sounds(recorded, settings):
    settings.sounds.mkdir()
    (settings.sounds / "welcome.wav").write_bytes(b"sound")
    assert "/patchbay-" in await recorded.recording("welcome")
    (settings.sounds / "broken.wav").write_bytes(b"sound")
    assert await recorded.recording("broken") == "/var/sounds/patchbay/broken"


@pytest.mark.parametrize(("name", "why"), [("broken", "no WAV file"), ("lost", "'lost' is lost")])
async def test_one_that_is_broken_or_lost_is_said_so_once_a_minute_and_keeps_nobody_from_speaking(
    recorded, clock, caplog, name, why
):
    with caplog.at_level(logging.WARNING):
        assert [await recorded.recording(name) for _ in range(3)] == [None] * 3
        assert len(caplog.records) == 1
        assert why in caplog.text
        assert await recorded.sound_for("Hello", "en")
        assert await recorded.recording("welcome")
        clock.set(60 * SECOND)
        assert await recorded.recording(name) is None
    assert len(caplog.records) == 2


async def test_where_nothing_can_be_kept_there_is_none(recorded, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert await recorded.recording("welcome") is None
    assert "make room there" in caplog.text
