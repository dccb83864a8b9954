"""The process in which mails of strangers are read: ``python -m cti_adapters.email.reader_worker``.

It reads frames from its standard input and answers each on its standard output, until the input
ends. It has no more memory than it was given, writes no file and leaves no core behind.
"""

from __future__ import annotations

import resource
import signal
import sys
from contextlib import suppress
from typing import BinaryIO, Final

from cti_adapters.email.reader_frames import LENGTH, Reply, encode, framed
from cti_adapters.email.reading import read, unreadable

_MAX_MAILS: Final = 5_000  # then a new process takes over, so that nothing can pile up
_MAX_READ: Final = 1024 * 1024 * 1024  # bytes, likewise


def main(memory: int) -> None:
    """``memory`` is bytes of address space."""
    _confine(memory)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(framed(b""))
    answers.flush()
    mails = done = 0
    while (raw := _frame(questions)) is not None:
        mails += 1
        done += len(raw)
        worn = mails >= _MAX_MAILS or done >= _MAX_READ
        answers.write(_answered(raw, worn=worn))
        answers.flush()
        if worn:
            return


def _confine(memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the pool ends this one
    limits = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    for kind, limit in limits:
        with suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(kind, (limit, limit))


def _frame(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    return stream.read(int.from_bytes(head, "big"))


def _answered(raw: bytes, *, worn: bool) -> bytes:
    try:
        return framed(encode(_reply(raw, worn=worn)))
    except MemoryError:
        sentence = "Reading it takes more memory than one mail may have."
    except Exception as error:  # noqa: BLE001 - one mail that we cannot read must not stop the next
        sentence = f"Reading it failed ({type(error).__name__}): please report this mail."
    return framed(encode(Reply(unreadable=unreadable(raw, sentence), worn=worn)))


def _reply(raw: bytes, *, worn: bool) -> Reply:
    result = read(raw)
    if isinstance(result, tuple):
        return Reply(mail=result[0], files=result[1], worn=worn)
    return Reply(unreadable=result, worn=worn)


if __name__ == "__main__":
    main(int(sys.argv[1]))
