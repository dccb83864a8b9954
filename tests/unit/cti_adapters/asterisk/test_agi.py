from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cti_adapters.asterisk.agi import (
    MAX_COMMAND,
    UnsafeArgument,
    answer,
    command,
    execute,
    play,
    stream,
)

printable = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])) | st.sampled_from(
    ["a b", 'say "hi"', "back\\slash", '"', "\\", ""]
)


def parsed(line):
    """As Asterisk takes a command line apart: quotes keep spaces, a backslash its next one."""
    words, word, quoted, escaped = [], None, False, False
    for char in line:
        if char == "\\" and not escaped:
            escaped = True
            continue
        if char == '"' and not escaped:
            quoted = not quoted
            word = word or ""
        elif char == " " and not quoted and not escaped:
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + char
        escaped = False
    return words + ([word] if word is not None else [])


@given(st.lists(printable, max_size=5))
def test_every_word_arrives_as_it_was_given(words):
    assume(sum(map(len, words)) < MAX_COMMAND / 3)
    assert parsed(command("VERBOSE", *words)) == ["VERBOSE", *words]


@pytest.mark.parametrize(
    "word", ["a\nEXEC System id", "a\r", "\0", "\x1b[2J", "a\u2028b", "x" * MAX_COMMAND]
)
def test_a_second_command_cannot_hide_in_a_word(word):
    with pytest.raises(UnsafeArgument):
        command("VERBOSE", word)


@pytest.mark.parametrize("argument", ["a,b", "a|b", "${SHELL(id)}", "$[1+1]", 'a"b', "a\\b"])
def test_an_applications_argument_stays_one_argument(argument):
    with pytest.raises(UnsafeArgument):
        execute("Bridge", argument)


def test_a_channel_that_is_half_of_a_local_one_can_be_named():
    assert execute("Bridge", "Local/1@out-0001;1") == "EXEC Bridge Local/1@out-0001;1"


def test_sounds_are_one_command_as_far_as_they_fit():
    assert play(["one"]) == "EXEC Playback one"
    assert play(["one", "two", "three"]) == "EXEC Playback one&two&three"
    long = ["s" * 400, "t" * 400, "u" * 400]
    assert play(long) == f"EXEC Playback {long[0]}&{long[1]}"
    with pytest.raises(UnsafeArgument):
        play(["s" * 2_000])


def test_a_sound_is_stopped_by_the_keys_that_are_named_and_by_none_else():
    assert stream("menus/one", "#12") == "STREAM FILE menus/one #12"
    assert stream("menus/one", "") == 'STREAM FILE menus/one ""'
    with pytest.raises(UnsafeArgument):
        stream("one\nEXEC System id", "")


@pytest.mark.parametrize(
    ("said", "code", "result", "hung_up"),
    [
        ("200 result=0", 200, 0, False),
        ("200 result=-1 (hangup) endpos=6720", 200, -1, True),
        ("200 result=35 (dtmf) endpos=16000", 200, 35, False),
        ("511 Command Not Permitted on a dead channel or intercept routine", 511, 0, True),
        ("510 Invalid or unknown command", 510, 0, False),
        ("", 0, 0, False),
        ("garbage", 0, 0, False),
        ("200", 200, 0, False),
        ("200 result=" + "9" * 5_000, 200, 999_999_999_999, False),
        ("²00 result=0", 0, 0, False),
    ],
)
def test_what_a_command_answered(said, code, result, hung_up):
    heard = answer(quote(said + "\n"))
    assert (heard.code, heard.result, heard.hung_up) == (code, result, hung_up)


@given(st.text())
def test_no_answer_does_any_harm(said):
    assert len(answer(said).data) <= MAX_COMMAND
