"""Brings visitors to what their flows ask, and shows what may be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cti_adapters.texting import prompter
from cti_adapters.texting.prompts import said
from cti_adapters.webchat import prompts
from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.thread import IN_FLOW
from router.core.events import FlowAdvanced
from router.ports import Clock, CommandSink, FlowPrompt, FlowRunner
from router.replica import Replica


class Prompter(prompter.Stage):
    """``chats`` are the channel's own, by contact. Of several nodes one brings a chat on."""

    name = "chat"

    def __init__(
        self,
        sink: CommandSink,
        flows: FlowRunner,
        replica: Replica,
        clock: Clock,
        *,
        chats: Mapping[str, Chat],
        is_ours: Callable[[Chat], bool],
    ) -> None:
        self._chats = chats
        self._is_ours = is_ours
        self._prompter = prompter.Prompter(self, sink, flows, replica, clock)
        self.soon = self._prompter.soon
        self.go_on = self._prompter.go_on
        self.forget = self._prompter.forget
        self.stop = self._prompter.stop

    def advanced(self, chat: Chat, event: FlowAdvanced) -> None:
        """The flow took a turn; its last words are told before the event that ends the flow."""
        chat.thread.last_words = self._prompter.advanced(event) or chat.thread.last_words

    def look(self, chat: Chat) -> None:
        """Show what may be answered, once all that was said before it is shown."""
        self._prompter.look(chat.contact)

    # -- the stage ----------------------------------------------------------------------------

    def in_flow(self, contact: str) -> bool:
        chat = self._chats.get(contact)
        return chat is not None and chat.thread.state == IN_FLOW and self._is_ours(chat)

    def opening(self, contact: str) -> bool:
        return self._chats[contact].opening

    def said(self, prompt: FlowPrompt) -> list[str]:
        return said(prompt.say)

    def show(self, contact: str, prompt: FlowPrompt, lines: Sequence[str]) -> None:
        chat = self._chats.get(contact)
        if chat is None or not chat.thread.shows(lines):
            return
        change = chat.thread.ask(prompts.shown(prompt))
        if change is not None:
            chat.tell(change)
