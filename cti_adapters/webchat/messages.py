"""The visitor's websocket ``/ws/chat``: every message either side may send.

A visitor holds a secret ``token`` for one chat; a reload or a second tab resumes with it. What
the visitor sends carries an ``id`` and is applied once however often it is sent again. The
visitor never sees internal names: queues, agent ids, tiers or other customers.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from router.core.commands import tag_of
from router.core.model import Author, MessageFile

MAX_FRAME = 16 * 1024
MAX_TEXT = 2_000
MAX_NAME = 80


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the chat; ``name`` is how the agent is called towards customers."""

    id: str
    author: Author
    text: str
    at: int
    name: str = ""
    files: tuple[MessageFile, ...] = ()


class Button(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    text: str


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """What may be answered now, with ``AnswerPrompt``. ``wait``: nothing, something is looked up.

    An answer has ``longest`` characters at most; a ``secret`` is typed without being seen.
    """

    turn: int
    kind: Literal["choice", "text", "wait"]
    buttons: tuple[Button, ...] = ()
    digits: bool = False
    longest: int = MAX_TEXT
    secret: bool = False


class ChatStatus(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: in_flow | waiting | talking | ended | message_taken. In a flow the visitor is
    asked what ``prompt`` says. Waits are microseconds, as a range.
    """

    state: str
    position: int = 0
    wait_low: int | None = None
    wait_high: int | None = None
    agent_name: str = ""
    text: str = ""  # a closing message, when there is one
    prompt: Prompt | None = None


class FilesTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What may be sent: content types, and bytes of one file at most."""

    types: tuple[str, ...]
    size: int


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the transcript is mailed: ``fixed`` to ``address``, else where the visitor says."""

    address: str = ""
    fixed: bool = False


class ToVisitor(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of):
    n: int


class Session(ToVisitor, frozen=True, kw_only=True):
    """The whole chat: after start, resume and resync."""

    token: str
    at: int
    status: ChatStatus
    lines: tuple[Line, ...]
    read_until: int = 0  # by the agent
    takes: FilesTaken | None = None  # what files may be sent, None when none may
    mailing: Mailing | None = None  # None: no transcript is mailed


class StatusChanged(ToVisitor, frozen=True, kw_only=True):
    status: ChatStatus


class LineAdded(ToVisitor, frozen=True, kw_only=True):
    line: Line


class AgentTyping(ToVisitor, frozen=True, kw_only=True):
    typing: bool


class AgentRead(ToVisitor, frozen=True, kw_only=True):
    """The agent has read all lines up to ``until`` (a line's ``at``)."""

    until: int


class Reply(ToVisitor, frozen=True, kw_only=True):
    to: str
    ok: bool
    code: str = ""
    reason: str = ""


class Pong(ToVisitor, frozen=True, kw_only=True):
    pass


ServerMessage = Session | StatusChanged | LineAdded | AgentTyping | AgentRead | Reply | Pong


class VisitorAct(msgspec.Struct, frozen=True, kw_only=True, tag=tag_of, forbid_unknown_fields=True):
    id: str


class StartChat(VisitorAct, frozen=True, kw_only=True):
    """``address`` is a mail address or handle the visitor gives, possibly empty; ``visitor`` the
    signed token in which the page's site says who it is (see ``claims``).
    """

    entry_point: str
    name: str
    text: str
    choice: str = ""
    address: str = ""
    language: str = ""
    visitor: str = ""


class ResumeChat(VisitorAct, frozen=True, kw_only=True):
    token: str


class SayLine(VisitorAct, frozen=True, kw_only=True):
    text: str


class AnswerPrompt(VisitorAct, frozen=True, kw_only=True):
    """To the prompt of this ``turn``: a button's key or words, or what was asked to be typed.

    It is shown in the thread as ``flow/TURN/answer``; one that comes too late is ``late``.
    """

    turn: int
    text: str


class VisitorTyping(VisitorAct, frozen=True, kw_only=True):
    typing: bool


class VisitorSeen(VisitorAct, frozen=True, kw_only=True):
    """Up to which line (its ``at``) the page has got them, and the visitor had them before them."""

    received: int
    read: int


class VisitorPage(VisitorAct, frozen=True, kw_only=True):
    """The page the visitor looks at now. Only pages of the site that carries the chat count."""

    url: str
    title: str = ""


class LeaveChat(VisitorAct, frozen=True, kw_only=True):
    pass


class Ping(VisitorAct, frozen=True, kw_only=True):
    pass


ClientMessage = (
    StartChat
    | ResumeChat
    | SayLine
    | AnswerPrompt
    | VisitorTyping
    | VisitorSeen
    | VisitorPage
    | LeaveChat
    | Ping
)
