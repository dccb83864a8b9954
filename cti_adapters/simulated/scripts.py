"""What simulated customers and colleagues write. Each conversation is about one thing."""

from __future__ import annotations

import msgspec


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """The customer's lines in order, and what an agent says to each."""

    about: tuple[str, ...]  # words in an entry point or choice that it suits
    language: str
    asks: tuple[str, ...]
    answers: tuple[str, ...]
    thanks: str


CONVERSATIONS = (
    Conversation(
        about=("order", "delivery", "support", "orders"),
        language="en",
        asks=(
            "Hello, my parcel should have come on Monday and it is still not here.",
            "The order number is 4411.",
            "Could it go to my office instead?",
        ),
        answers=(
            "Hello! I am sorry to hear that. Could you give me the order number?",
            "Thank you. It is at the depot and comes tomorrow before noon.",
            "Done: it goes to the office address we have on file.",
        ),
        thanks="Perfect, thank you very much!",
    ),
    Conversation(
        about=("billing", "invoice", "payment", "account"),
        language="en",
        asks=(
            "Hi, there is an amount on my last invoice that I do not understand.",
            "It is the line that says 'service fee', 4.90.",
        ),
        answers=(
            "Hi! Let us look at it together. Which line is it?",
            "That fee was charged by mistake. I have taken it off; you get it back this week.",
        ),
        thanks="Great, thanks for the quick help.",
    ),
    Conversation(
        about=("sales", "offers"),
        language="en",
        asks=(
            "Good afternoon! Which plan would you suggest for a family of four?",
            "We watch a lot of films, all in different rooms.",
            "And what would it cost with the television package?",
        ),
        answers=(
            "Good afternoon! Gladly. What do you use the internet for most?",
            "Then I suggest Family 500: it carries four films at once easily.",
            "39 a month for the first year, with the television package included.",
        ),
        thanks="That sounds good. I will talk it over at home, thank you!",
    ),
    Conversation(
        about=("support",),
        language="es",
        asks=(
            "Buenos días, no puedo entrar en mi cuenta.",
            "Sí, el correo es el mismo de siempre.",
        ),
        answers=(
            "Buenos días. ¿Sigue usando el mismo correo electrónico?",
            "Gracias. Le acabo de enviar un enlace para elegir otra contraseña.",
        ),
        thanks="Ya funciona, ¡muchas gracias!",
    ),
    Conversation(
        about=("delivery",),
        language="zh",
        asks=("你好，我想改一下送货地址。", "订单号是 4420，请送到公司。"),
        answers=("您好！请告诉我订单号和新的地址。", "已经改好了，明天送到公司。"),
        thanks="太好了，谢谢！",
    ),
    Conversation(
        about=(),
        language="en",
        asks=(
            "Hello, can somebody help me with my contract?",
            "I would like to know when I can change to the smaller plan.",
        ),
        answers=(
            "Hello! Of course. What would you like to know?",
            "You can change at the end of any month. Shall I note it for the end of this one?",
        ),
        thanks="Yes please. Thank you!",
    ),
)

STILL_THERE = "Are you still there?"
SMALL_TALK = (
    "Thank you for waiting. I am looking into it now.",
    "I understand. Let me check that for you.",
    "I have noted it, and a colleague will confirm it by mail today.",
    "Is there anything else I can do for you?",
)


def suited_to(words: str, pick: int) -> Conversation:
    """A conversation for an entry point or choice, e.g. ``billing_es``; ``pick`` breaks ties."""
    named = set(words.lower().replace("-", " ").replace("_", " ").split())
    language = next((one.language for one in CONVERSATIONS if one.language in named), "en")
    spoken = [one for one in CONVERSATIONS if one.language == language]
    suited = [one for one in spoken if named & set(one.about)]
    chosen = suited or [one for one in spoken if not one.about] or spoken
    return chosen[pick % len(chosen)]


def answer_to(text: str, turn: int) -> str:
    """What a colleague says to ``text``: the script's answer, or something that fits anything."""
    for conversation in CONVERSATIONS:
        if text in conversation.asks:
            return conversation.answers[conversation.asks.index(text)]
    return SMALL_TALK[turn % len(SMALL_TALK)]


def is_thanks(text: str) -> bool:
    return any(text == conversation.thanks for conversation in CONVERSATIONS)
