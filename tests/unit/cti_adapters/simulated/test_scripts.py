"""``simulated.scripts``: conversations fit what was picked, and answers fit questions."""

import pytest

from cti_adapters.simulated.scripts import (
    CONVERSATIONS,
    SMALL_TALK,
    answer_to,
    is_thanks,
    suited_to,
)
from cti_adapters.webchat.messages import MAX_TEXT


@pytest.mark.parametrize(
    ("words", "language"),
    [("billing_es", "es"), ("support_zh", "zh"), ("billing", "en"), ("website", "en"), ("", "en")],
)
def test_customers_write_in_the_language_they_picked(words, language):
    assert suited_to(words, 3).language == language


def test_the_subject_fits_the_choice():
    assert "invoice" in suited_to("billing", 0).asks[0]


def test_every_question_has_its_answer_and_everything_fits_a_message():
    for conversation in CONVERSATIONS:
        assert len(conversation.asks) == len(conversation.answers)
        for ask, answer in zip(conversation.asks, conversation.answers, strict=True):
            assert answer_to(ask, 0) == answer
            assert max(len(ask), len(answer)) <= MAX_TEXT
        assert is_thanks(conversation.thanks)


def test_a_persons_own_words_get_something_that_fits_anything():
    assert {answer_to("my cat ate the router", turn) for turn in range(8)} == set(SMALL_TALK)
    assert not is_thanks("my cat ate the router")
