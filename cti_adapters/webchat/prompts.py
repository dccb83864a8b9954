"""What a visitor of the chat can do about a flow's prompt."""

from __future__ import annotations

from cti_adapters.texting.prompts import button_words
from cti_adapters.webchat.messages import MAX_TEXT, Button, Prompt
from router.ports import FlowPrompt


def shown(prompt: FlowPrompt) -> Prompt | None:
    """What the visitor can do about ``prompt``."""
    match prompt.kind:
        case "play":
            return None
        case "choice" | "text" | "wait":
            return Prompt(
                turn=prompt.turn,
                kind=prompt.kind,
                buttons=tuple(
                    Button(key=one.key, text=button_words(prompt, one.key))
                    for one in prompt.buttons
                ),
                digits=prompt.digits,
                longest=MAX_TEXT if prompt.digits else min(prompt.longest, MAX_TEXT),
                secret=prompt.secret,
            )
