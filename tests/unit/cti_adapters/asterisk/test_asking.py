"""Words of flows; how prompts are said and answered is in ``test_calls_in_flows``."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.asking import STOPPING, is_worded, spoken
from cti_adapters.asterisk.keys import KEYS
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.wording import Spoken
from router.core import events as e
from router.core.catalog import ToMessage
from router.core.model import Callback
from router.ports import PromptLine


def promised(cause):
    callback = Callback(address="+442079460001", promised_at=1)
    return e.CallbackPromised(contact="c", sequence=3, callback=callback, cause=cause)


def overflowed(cause):
    return e.Overflowed(contact="c", sequence=3, to=ToMessage(text="Bye"), cause=cause, queue="")


def test_lines_are_spoken_in_their_language_or_the_telephone_systems():
    lines = (
        PromptLine(text="Hola", language="es"),
        PromptLine(text="Hello", audio="hello"),
        PromptLine(language="es"),
        PromptLine(audio="chime"),
    )
    assert spoken(lines, PbxSettings(language="de"), 7) == (
        Spoken("Hola", "es", at=7),
        Spoken("Hello", "de", "hello", 7),
        Spoken("", "de", "chime", 7),
    )


@pytest.mark.parametrize(("cause", "worded"), [("flow", True), ("wait", False), ("closed", False)])
def test_an_overflow_is_told_by_the_flow_that_it_was_decided_by(cause, worded):
    assert is_worded(overflowed(cause)) == worded


@pytest.mark.parametrize(("cause", "worded"), [("flow", True), ("", False)])
def test_a_callback_is_told_by_the_flow_that_it_was_promised_by(cause, worded):
    assert is_worded(promised(cause)) == worded


def test_other_events_are_told_by_no_flow():
    assert not is_worded(e.Completed(contact="c", sequence=3))


def test_every_key_that_counts_stops_a_prompt():
    assert set(STOPPING) == KEYS
