"""Brings visitors to what their flows ask: says it, shows what may be answered, counts silence.

What it says stands in the thread under the turn's name, so it may begin anew at any moment: after
a restart, after an engine that was busy. Each chat has at most one task here, while its flow goes
on; a flow that waits for its visitor costs none. Silence counts from when the prompt came up in
this process: while the service is away nobody can answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

import msgspec

from cti_adapters.webchat import prompts
from cti_adapters.webchat.chat import Chat
from cti_adapters.webchat.thread import IN_FLOW
from router.core.checks import MAX_MESSAGES
from router.core.commands import PostMessage
from router.core.events import FlowAdvanced, Rejected
from router.ports import (
    Clock,
    CommandSink,
    FlowPrompt,
    FlowRunner,
    JournalUnavailable,
    Overloaded,
    PromptLine,
)
from router.replica import Replica

BY = "chat"
MOST_LINES = MAX_MESSAGES // 2  # the other half of a thread is for people

log = logging.getLogger(__name__)


class _Asked(msgspec.Struct):
    """What the visitor was brought to: ``lines`` are the ids of what was said."""

    prompt: FlowPrompt
    lines: tuple[str, ...]
    silent_at: int


class Prompter:
    """``chats`` are the channel's own, by contact."""

    def __init__(
        self,
        sink: CommandSink,
        flows: FlowRunner,
        replica: Replica,
        clock: Clock,
        chats: Mapping[str, Chat],
    ) -> None:
        self._sink = sink
        self._flows = flows
        self._replica = replica
        self._clock = clock
        self._chats = chats
        self._asked: dict[str, _Asked] = {}
        self._last_words: dict[str, tuple[int, tuple[PromptLine, ...]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()  # something happened while its task was under way
        self._unfinished: set[str] = set()

    def advanced(self, chat: Chat, event: FlowAdvanced) -> None:
        """The flow took a turn; its last words are told before the event that ends the flow."""
        last = self._flows.last_words(event.session)
        if last:
            chat.thread.last_words = "\n".join(prompts.said(last))
            self._last_words[chat.contact] = (event.turn, last)
        self.soon(chat.contact)

    def soon(self, contact: str) -> None:
        """See how the flow of ``contact`` goes on."""
        if contact in self._tasks:
            self._again.add(contact)
        else:
            self._tasks[contact] = asyncio.create_task(self._follow(contact))

    def look(self, chat: Chat) -> None:
        """Show what may be answered, once all that was said before it is shown."""
        asked = self._asked.get(chat.contact)
        if asked is not None and chat.thread.shows(asked.lines):
            change = chat.thread.ask(prompts.shown(asked.prompt))
            if change is not None:
                chat.tell(change)

    def go_on(self, at: int) -> None:
        """Take up what could not be finished, and count silence."""
        due, self._unfinished = self._unfinished, set()
        silent = [contact for contact, asked in self._asked.items() if at >= asked.silent_at]
        for contact in (*due, *silent):
            self.soon(contact)

    def forget(self, contact: str) -> None:
        """The flow, or the chat, is over."""
        self._asked.pop(contact, None)
        self._unfinished.discard(contact)

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    # -- one chat -----------------------------------------------------------------------------

    async def _follow(self, contact: str) -> None:
        try:
            await self._go_on(contact)
            while contact in self._again:
                self._again.discard(contact)
                await self._go_on(contact)
        except (Overloaded, JournalUnavailable):
            self._unfinished.add(contact)
        except Exception:
            log.exception("the flow of a chat could not go on; it is tried again")
            self._unfinished.add(contact)
        finally:
            self._again.discard(contact)
            self._tasks.pop(contact, None)

    async def _go_on(self, contact: str) -> None:
        """Up to where the flow waits for the visitor, or for something else, or is over."""
        await self._say_last_words(contact)
        before = None
        while (prompt := self._prompt(contact)) is not None and prompt.turn != before:
            before = prompt.turn
            await self._bring(contact, prompt)

    def _prompt(self, contact: str) -> FlowPrompt | None:
        chat = self._chats.get(contact)
        if chat is None or chat.thread.state != IN_FLOW:
            self.forget(contact)
            return None
        if chat.opening:
            return None  # what the visitor came with stands first
        prompt = self._flows.prompt(contact)
        if prompt is None:
            self._unfinished.add(contact)  # on its way into the flow, or out of it
        return prompt

    async def _bring(self, contact: str, prompt: FlowPrompt) -> None:
        asked = self._asked.get(contact)
        if asked is None or asked.prompt.turn != prompt.turn:
            lines = await self._say(contact, prompt)
            silent_at = self._clock.now() + prompts.patience(prompt)
            asked = self._asked[contact] = _Asked(prompt, lines, silent_at)
        if prompt.kind == "play":
            await self._flows.heard(contact, prompt.turn)
        elif self._clock.now() >= asked.silent_at:
            asked.silent_at = self._clock.now() + prompts.patience(prompt)
            if prompts.asks(prompt):
                await self._flows.silence(contact, prompt.turn)
        chat = self._chats.get(contact)
        if chat is not None:
            self.look(chat)

    async def _say(self, contact: str, prompt: FlowPrompt) -> tuple[str, ...]:
        texts = prompts.said(prompt.say)
        ids = [prompts.line_id(prompt.turn, number) for number in range(len(texts))]
        return await self._post(contact, ids, texts)

    async def _say_last_words(self, contact: str) -> None:
        """Into the thread of who goes on to a queue; a chat that ended closes with them."""
        turn, last = self._last_words.get(contact, (0, ()))
        texts = prompts.said(last)
        ids = [prompts.last_line_id(turn, number) for number in range(len(texts))]
        await self._post(contact, ids, texts)
        self._last_words.pop(contact, None)

    async def _post(
        self, contact: str, ids: Sequence[str], texts: Sequence[str]
    ) -> tuple[str, ...]:
        """The ids of the lines that are in the thread now."""
        posted = []
        for line, text in zip(ids, texts, strict=True):
            live = self._replica.state.contacts.get(contact)
            if live is None:
                break
            known = any(message.id == line for message in live.messages)
            if known or await self._posted(contact, line, text, len(live.messages)):
                posted.append(line)
        return tuple(posted)

    async def _posted(self, contact: str, line: str, text: str, length: int) -> bool:
        if length >= MOST_LINES:
            return False
        command = PostMessage(
            id=f"{contact}/chat/{line}",
            by=BY,
            contact=contact,
            message=line,
            author="system",
            text=text,
        )
        return not isinstance(await self._sink.submit(command), Rejected)
