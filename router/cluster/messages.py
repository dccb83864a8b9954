"""What nodes say to each other over the command stream, and how it is written."""

from __future__ import annotations

from typing import Final

import msgspec

from router.core.commands import Command
from router.core.events import Rejected
from router.ports import Outcome

UNREADABLE: Final = Rejected(
    code="unreadable",
    reason="The node that decides cannot read this command: bring all nodes to one version.",
)


class Answer(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """To the command that its node gave this ``number``. What it caused stands in the log."""

    number: int
    position: int = 0
    refused: Rejected | None = None


_commands: Final = msgspec.msgpack.Decoder(Command)
_answers: Final = msgspec.msgpack.Decoder(Answer)
_encoder: Final = msgspec.msgpack.Encoder()


def write_command(command: Command) -> bytes:
    return _encoder.encode(command)


def read_command(record: bytes) -> Command | None:
    """None when it is none that this version knows."""
    try:
        command: Command = _commands.decode(record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return command


def write_answer(number: int, outcome: Outcome) -> bytes:
    if isinstance(outcome, Rejected):
        return _encoder.encode(Answer(number=number, refused=outcome))
    return _encoder.encode(Answer(number=number, position=outcome.position))


def read_answer(record: bytes) -> Answer | None:
    try:
        return _answers.decode(record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
