"""What visitors say: lines of their own, and answers to what a flow asks.

Whatever is sent again is kept once: the ids of the commands derive from the chat and the act, or
from the turn of the flow that is answered.
"""

from __future__ import annotations

from typing import Protocol

from cti_adapters.texting import prompts
from cti_adapters.webchat.attention import Attention
from cti_adapters.webchat.chat import Chat, Tab
from cti_adapters.webchat.messages import MAX_TEXT, AnswerPrompt, SayLine
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.vouching import Vouching
from cti_adapters.webchat.whereabouts import Whereabouts
from router.core.commands import PostMessage
from router.core.events import Rejected
from router.ports import CommandSink, ContactIntake, FlowPrompt, FlowRunner
from router.text import lines


class Refused(Exception):
    """The act is answered with this code and its sentence in ``visitor.REASONS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Channel(Protocol):
    """What the acts of visitors ask of the channel."""

    settings: ChatSettings
    sink: CommandSink
    intake: ContactIntake
    flows: FlowRunner
    attention: Attention
    whereabouts: Whereabouts
    vouching: Vouching

    def now(self) -> int: ...

    def find(self, contact: str) -> Chat | None: ...

    def open(self, contact: str, source: str) -> Chat:
        """Raises ``Refused``."""

    def attach(self, tab: Tab, chat: Chat) -> None:
        """Raises ``Refused``."""

    def opened(self, chat: Chat) -> None: ...

    def text_of(self, chat: Chat, message: str) -> str | None:
        """What the kept thread has under this id, None when it is not there."""

    def beginning(self, chat: Chat) -> None:
        """Somebody is behind it while it is brought in, though no tab shows it yet."""

    def begun(self, chat: Chat) -> None:
        """As far as anybody can say; no tab shows it yet."""

    def forget_unless_arrived(self, chat: Chat) -> None: ...

    async def give_up(self, chat: Chat) -> None: ...


async def say(channel: Channel, chat: Chat, act: SayLine) -> None:
    """What is said while a flow asks something answers it."""
    if act.id in chat.thread.ids:
        return
    if chat.thread.over:
        raise Refused("chat_over")
    text = plain(act.text)
    _within_limits(channel, chat, text)
    prompt = channel.flows.prompt(chat.contact)
    if prompt is None or not prompts.asks(prompt):
        await post(channel, chat, f"say/{act.id}", act.id, text)
        return
    await post(channel, chat, f"say/{act.id}", act.id, prompts.words(prompt, text))
    await _tell(channel, chat, prompt, text)


async def answer(channel: Channel, chat: Chat, act: AnswerPrompt) -> None:
    """The first answer to a turn is the one that is shown and the one that counts."""
    prompt = channel.flows.prompt(chat.contact)
    if prompt is None or prompt.turn != act.turn or not prompts.asks(prompt):
        raise Refused("late")
    text = plain(act.text)
    line = prompts.answer_id(act.turn)
    shown = channel.text_of(chat, line)
    if shown is None:
        _within_limits(channel, chat, text)
        await post(channel, chat, line, line, prompts.words(prompt, text))
        shown = channel.text_of(chat, line)
    if shown not in (None, prompts.words(prompt, text)):
        text = shown
    await _tell(channel, chat, prompt, text)


async def _tell(channel: Channel, chat: Chat, prompt: FlowPrompt, text: str) -> None:
    await channel.flows.answer(chat.contact, prompt.turn, prompts.meaning(prompt, text))


def _within_limits(channel: Channel, chat: Chat, text: str) -> None:
    limits = channel.settings
    too_long = chat.thread.characters + len(text) > limits.characters_per_chat
    if too_long or chat.thread.said >= limits.lines_per_chat:
        raise Refused("too_many_lines")
    if not chat.lines.take(channel.now()):
        raise Refused("too_fast")


async def post(channel: Channel, chat: Chat, command: str, message: str, text: str) -> None:
    outcome = await channel.sink.submit(
        PostMessage(
            id=f"{chat.contact}/{command}",
            by="chat",
            contact=chat.contact,
            message=message,
            author="customer",
            text=text,
        )
    )
    if isinstance(outcome, Rejected):
        raise Refused("chat_over")


def plain(raw: str) -> str:
    """What a visitor wrote, without tricks. Raises ``Refused`` for too much or nothing."""
    if len(raw) > MAX_TEXT:
        raise Refused("too_long")
    text = lines(raw)
    if not text:
        raise Refused("empty")
    return text
