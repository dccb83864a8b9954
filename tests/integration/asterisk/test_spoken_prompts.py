"""Prompts with the real espeak-ng, played by a real Asterisk."""

import asyncio
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

from cti_adapters.asterisk import speech
from cti_adapters.asterisk.prompts import Prompts, sound_name
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.sound import RATE, telephone_wav
from cti_adapters.asterisk.speech import PROGRAM, SpeechProblem, speak
from router.clock import SystemClock
from tests.asterisk.server import AsteriskServer

WORDS = "You are number three. The wait is about four minutes."
requires_speech = pytest.mark.skipif(
    shutil.which(PROGRAM) is None, reason=f"{PROGRAM} is not installed; apt install {PROGRAM}"
)


def samples(recording):
    return np.frombuffer(telephone_wav(recording)[44:], dtype="<i2")


def program(folder: Path, script: str) -> str:
    file = folder / "speaker"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def runs(mark: Path) -> bool:
    """Whether the process that wrote its id there is still there."""
    return Path(f"/proc/{mark.read_text().strip()}").exists()


@requires_speech
@pytest.mark.parametrize(
    ("text", "voice", "least", "most"),
    [
        (WORDS, "en-gb", 2.5, 6.0),
        ("您是第三位。大约还要等四分钟。", "cmn-latn-pinyin", 2.0, 6.0),
        ("Hola", "es", 0.3, 2.0),
        ("word " * 400, "en-gb", 60.0, 300.0),
        ("-f /etc/passwd --version", "en-gb", 1.0, 6.0),
        ('<audio src="/etc/passwd"/> [[ $(id) ]] `id` "', "en-gb", 0.5, 15.0),
    ],
    ids=["English", "Chinese", "Spanish", "long", "options", "markup"],
)
async def test_words_are_heard(text, voice, least, most):
    heard = samples(await speak(text, voice))
    assert least < len(heard) / RATE < most
    assert np.abs(heard).max() > 3_000


@requires_speech
async def test_a_voice_that_is_not_there_is_named():
    with pytest.raises(SpeechProblem, match="voice 'tlh'"):
        await speak("Hello", "tlh")


async def test_a_program_that_is_missing_is_one_sentence():
    with pytest.raises(SpeechProblem, match="no-such-speaker is missing: install it"):
        await speak("Hello", "en-gb", "no-such-speaker")


async def test_a_program_that_never_ends_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(speech, "TAKES_AT_MOST", 0.2)
    mark = tmp_path / "pid"
    with pytest.raises(SpeechProblem, match="took too long"):
        await speak("Hello", "en-gb", program(tmp_path, f"echo $$ > {mark}; exec sleep 1000"))
    assert not runs(mark)


async def test_a_program_that_never_stops_talking_is_ended(tmp_path):
    with pytest.raises(SpeechProblem, match="too long"):
        await speak("Hello", "en-gb", program(tmp_path, "exec cat /dev/zero"))


async def test_a_program_that_hears_nothing_and_fails_is_one_sentence(tmp_path):
    with pytest.raises(SpeechProblem, match="cannot speak"):
        await speak("Hello" * 400, "en-gb", program(tmp_path, "exec <&-; exit 3"))


async def test_who_gives_up_waiting_leaves_no_program_behind(tmp_path):
    mark = tmp_path / "pid"
    made = program(tmp_path, f"echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 1000")
    speaking = asyncio.create_task(speak("Hello", "en-gb", made))
    while not mark.exists():  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0.01)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    assert not runs(mark)


@requires_speech
async def test_asterisk_plays_what_was_spoken(tmp_path):
    path = tmp_path / sound_name(WORDS, "en-gb")
    dialplan = f"""[prompt]
exten => s,1,Answer()
 same => n,Playback({path})
 same => n,UserEvent(Played,Status: ${{PLAYBACKSTATUS}})
"""
    prompts = Prompts(PbxSettings(sounds=tmp_path), SystemClock())
    with AsteriskServer(dialplan) as server, server.judge() as judge:
        assert await prompts.sound_for(WORDS, "en") == str(path)
        judge.do(
            "Originate",
            Channel="Local/s@prompt",
            Application="Wait",
            Data="20",
            Async="true",
        )
        played = await asyncio.to_thread(
            judge.wait, lambda event: event.get("UserEvent") == "Played", "playing", timeout=15
        )
        assert played["Status"] == "SUCCESS"
    await prompts.close()
