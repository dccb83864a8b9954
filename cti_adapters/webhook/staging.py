"""A flow's prompt in a conversation of texts: one message, with numbers for what may be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from cti_adapters.texting import prompts
from cti_adapters.texting.prompter import Stage
from router.core.checks import MAX_TEXT
from router.core.model import ContactState
from router.ports import FlowPrompt
from router.replica import Replica


class TextStage(Stage):
    """``name`` is the channel's."""

    def __init__(self, name: str, replica: Replica) -> None:
        self.name = name
        self._replica = replica

    def in_flow(self, contact: str) -> bool:
        live = self._replica.state.contacts.get(contact)
        return live is not None and live.state is ContactState.IN_FLOW and live.flow_turn > 0

    def opening(self, contact: str) -> bool:  # noqa: ARG002 - the stage's
        """Never: it stands in the thread before the flow begins."""
        return False

    def said(self, prompt: FlowPrompt) -> list[str]:
        choices = [f"{one.key}: {prompts.button_words(prompt, one.key)}" for one in prompt.buttons]
        text = "\n".join((*prompts.said(prompt.say), *choices))[:MAX_TEXT]
        return [text] if text else []

    def show(self, contact: str, prompt: FlowPrompt, lines: Sequence[str]) -> None:
        """What may be answered stands in the message."""
