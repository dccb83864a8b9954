"""``asterisk.speech``: which voice speaks; the program itself is tested with the integrations."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.asterisk.speech import voice_for


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("en", "en-gb"),
        ("en-US", "en-us"),
        ("en_AU", "en-gb"),
        ("es", "es"),
        ("es-MX", "es"),
        ("pt-BR", "pt-br"),
        ("fr", "fr-fr"),
        ("zh", "cmn-latn-pinyin"),
        ("zh-CN", "cmn-latn-pinyin"),
        ("zh-HK", "yue"),
        ("", "de"),
        ("xx", "de"),
    ],
)
def test_every_language_has_a_voice(language, voice):
    assert voice_for(language, {}, "de") == voice


def test_the_admin_may_choose_another():
    assert voice_for("en-GB", {"en": "mb-en1"}, "en") == "mb-en1"
    assert voice_for("en-GB", {"en": "mb-en1", "en-gb": "en-gb-scotland"}, "en") == "en-gb-scotland"
    assert voice_for("fr", {"en": "mb-en1"}, "en") == "fr-fr"


def test_something_is_spoken_when_the_usual_language_is_unknown_too():
    assert voice_for("xx", {}, "yy") == "en-gb"


@given(st.text(max_size=30))
def test_what_a_caller_chose_never_becomes_an_argument(language):
    assert re.fullmatch(r"[a-z][a-z0-9-]+", voice_for(language, {}, "en"))
