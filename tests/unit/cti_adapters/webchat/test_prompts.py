"""``webchat.prompts``: what an answer means, and what of it is shown."""

from msgspec.structs import replace

from cti_adapters.webchat import prompts
from cti_adapters.webchat.messages import MAX_TEXT
from router.ports import FlowPrompt, PromptButton

MENU = FlowPrompt(
    turn=3,
    kind="choice",
    buttons=(
        PromptButton(key="1", text="Billing"),
        PromptButton(key="2", text="Straße  und Haus"),
        PromptButton(key="yes", text=""),
    ),
)
TEXT = FlowPrompt(turn=3, kind="text", longest=40)


def test_a_button_without_words_shows_its_key():
    shown = prompts.shown(MENU)
    assert [button.text for button in shown.buttons] == ["Billing", "Straße und Haus", "yes"]


def test_digits_may_be_typed_with_spaces_and_a_text_has_its_limit():
    assert prompts.shown(TEXT).longest == 40
    assert prompts.shown(replace(TEXT, digits=True)).longest == MAX_TEXT
    assert prompts.shown(replace(TEXT, longest=1_000_000)).longest == MAX_TEXT


def test_what_is_only_said_shows_nothing_to_answer():
    assert prompts.shown(replace(MENU, kind="play")) is None
