"""What a writer refused of late: copies of a command in the stream must not be decided anew.

A node sends a command again when no answer comes, and so does a page at another node. A copy that
was sent before anybody had been told no must get the same no, also of the next writer: what is
true by then is no matter of who asked. Who asks *after* the refusal is decided afresh.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from router.core.events import Rejected

REMEMBERED: Final = 10_000  # refusals

_log = logging.getLogger(__name__)
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Rejected)


class Refusals:
    """The latest of each command id, with the moment by Redis's own clock, in milliseconds."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, Rejected]] = OrderedDict()

    def add(self, at: int, refused: Mapping[str, Rejected]) -> None:
        for command, answer in refused.items():
            self._known[command] = at, answer
            self._known.move_to_end(command)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def of(self, command: str, asked: int) -> Rejected | None:
        """What ``command`` was answered, if it was ``asked`` for, in milliseconds, before that."""
        at, answer = self._known.get(command, (-1, None))
        return answer if asked <= at else None

    def restore(self, rows: Iterable[tuple[str, dict[bytes, bytes]]]) -> None:
        """What writers before this one refused, oldest first: ids and fields of the stream."""
        for name, fields in rows:
            try:
                answer = _decoder.decode(fields.get(b"r", b""))
            except (msgspec.MsgspecError, UnicodeDecodeError):
                _log.warning("a refusal in Redis cannot be read, and is passed over")
            else:
                command = fields.get(b"i", b"").decode(errors="replace")
                self.add(milliseconds(name), {command: answer})


def told(refused: Mapping[str, Rejected]) -> Sequence[Any]:
    """For the scripts: how many, then ids and records in turn."""
    pairs = [part for command, answer in refused.items() for part in (command, record(answer))]
    return len(refused), *pairs


def record(answer: Rejected) -> bytes:
    return _encoder.encode(answer)


def milliseconds(name: str) -> int:
    """Of an entry's id in a stream that Redis named; 0 when it is none."""
    text = name.partition("-")[0]
    return int(text) if text.isdigit() and len(text) < 20 else 0
