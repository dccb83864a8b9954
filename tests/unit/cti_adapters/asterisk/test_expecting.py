"""A recording that is missing is noticed, and none that is there is missed."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.agi import answer
from cti_adapters.asterisk.expecting import THERE_WITHIN, Expecting
from cti_adapters.asterisk.left_behind import LeftBehind

MESSAGE = LeftBehind(call="main:1", channel="voicemail", box="box").stem + ".wav"


@pytest.fixture
def on_the_line():
    return {"main:1"}


@pytest.fixture
def expecting(tmp_path, on_the_line):
    return Expecting(tmp_path, on_the_line.__contains__)


@pytest.mark.parametrize("file", ["main_1-call.wav", MESSAGE])
async def test_what_is_not_there_a_moment_later_is_missing(expecting, file, caplog):
    expecting.begun(file, 0)
    await expecting.look(THERE_WITHIN - 1)
    assert expecting.missed_at is None
    await expecting.look(THERE_WITHIN)
    assert expecting.missed_at == THERE_WITHIN
    assert f"asked to record {file}, which is not in" in caplog.text
    await expecting.look(2 * THERE_WITHIN)
    assert expecting.missed_at == THERE_WITHIN, "said once"


@pytest.mark.parametrize("file", ["main_1-call.wav", MESSAGE])
async def test_what_is_there_is_not_missing(expecting, file, tmp_path):
    expecting.begun(file, 0)
    (tmp_path / file).touch()
    await expecting.look(THERE_WITHIN)
    assert expecting.missed_at is None


@pytest.mark.parametrize(
    ("result", "missed"),
    [
        ("200 result=-1 (writefile)", True),
        ("200 result=0 (writefile)", True),
        ("200 result=-1 (randomerror) endpos=0", False),
        ("200 result=-1 (hangup) endpos=24000", False),
        ("200 result=0 (timeout) endpos=24000", False),
        ("", False),
    ],
)
def test_a_message_that_asterisk_says_it_cannot_write_is_missing(expecting, result, missed):
    expecting.ended(answer(result), 7)
    assert expecting.missed_at == (7 if missed else None)


async def test_who_hangs_up_at_the_tone_leaves_no_message(expecting, on_the_line):
    expecting.begun(MESSAGE, 0)
    on_the_line.clear()
    await expecting.look(THERE_WITHIN)
    assert expecting.missed_at is None


async def test_a_conversation_that_was_short_has_its_recording_all_the_same(expecting, on_the_line):
    expecting.begun("main_1-call.wav", 0)
    on_the_line.clear()
    await expecting.look(THERE_WITHIN)
    assert expecting.missed_at == THERE_WITHIN


async def test_a_folder_that_is_not_there_is_noticed_too(tmp_path):
    expecting = Expecting(tmp_path / "none", lambda _: True)
    expecting.begun("main_1-call.wav", 0)
    await expecting.look(THERE_WITHIN)
    assert expecting.missed_at == THERE_WITHIN


async def test_nothing_is_expected_without_a_name_or_a_folder(expecting):
    expecting.begun("", 0)
    await expecting.look(THERE_WITHIN)
    nowhere = Expecting(None, lambda _: True)
    nowhere.begun("main_1-call.wav", 0)
    await nowhere.look(THERE_WITHIN)
    assert (expecting.missed_at, nowhere.missed_at) == (None, None)
