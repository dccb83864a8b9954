"""The same work on many items, shared among processes; answers in the order of the items.

The pools of the standard library do not fit: ``concurrent.futures`` cannot stop a run that has
begun, which may take minutes after the last one that was wanted, and ``multiprocessing.Pool`` waits
for ever for the answer of a process that was killed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from traceback import format_exception
from typing import Any, Generic, TypeVar

Common = TypeVar("Common")
Item = TypeVar("Item")
Answer = TypeVar("Answer")

Work = Callable[[Common, Item], Answer]


class WorkerLost(Exception):
    """A process ended in the middle of its work; the text says what to do."""


def in_order(
    work: Work[Common, Item, Answer], common: Common, items: Sequence[Item], workers: int
) -> Generator[Answer]:
    """``work(common, item)`` for each of ``items``, as they come, in up to ``workers`` processes.

    ``work`` is a function of a module, and with ``common``, items and answers it can be pickled.
    Closing the iterator ends the processes at once, whatever they are doing. Raises what ``work``
    raises, and ``WorkerLost``.
    """
    if workers == 1 or len(items) < 2:
        yield from (work(common, item) for item in items)
        return
    crew: list[_Worker[Common, Item, Answer]] = []
    try:
        with _interrupts_later():
            for _ in range(min(workers, len(items))):
                crew.append(_Worker(work, common))  # noqa: PERF401 - one that fails leaves the others
        yield from _answers(crew, items)
    finally:
        for worker in crew:
            worker.end()


class _Worker(Generic[Common, Item, Answer]):
    """One process and the two pipes to it and from it."""

    def __init__(self, work: Work[Common, Item, Answer], common: Common) -> None:
        context = get_context("spawn")  # a fork would share locks and threads of the parent
        their_questions, self._questions = context.Pipe(duplex=False)
        self.answers, their_answers = context.Pipe(duplex=False)
        self.place = 0  # of the item it works on
        self._process: BaseProcess = context.Process(
            target=_serve, args=(work, common, their_questions, their_answers), daemon=True
        )
        self._process.start()
        their_questions.close()  # so that both sides see when the other one is gone
        their_answers.close()

    def ask(self, place: int, item: Item) -> None:
        self.place = place
        self._questions.send(item)

    def answer(self) -> Answer:
        try:
            good, said = self.answers.recv()
        except EOFError:
            raise WorkerLost(
                "A process was ended in the middle of a run, perhaps because memory ran out:"
                " use fewer workers."
            ) from None
        if not good:
            raise said
        answer: Answer = said
        return answer

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._process.close()
        self._questions.close()
        self.answers.close()


def _answers(
    crew: Sequence[_Worker[Common, Item, Answer]], items: Sequence[Item]
) -> Iterator[Answer]:
    waiting = iter(enumerate(items))
    busy: list[_Worker[Common, Item, Answer]] = []

    def go_on(worker: _Worker[Common, Item, Answer]) -> None:
        following = next(waiting, None)
        if following is not None:
            worker.ask(*following)
            busy.append(worker)

    for worker in crew:
        go_on(worker)
    early: dict[int, Answer] = {}
    for wanted in range(len(items)):
        while wanted not in early:
            ready = wait([worker.answers for worker in busy])
            for worker in [one for one in busy if one.answers in ready]:
                early[worker.place] = worker.answer()
                busy.remove(worker)
                go_on(worker)
        yield early.pop(wanted)


def _serve(
    work: Work[Any, Any, Any],
    common: object,
    questions: Connection[Any, Any],
    answers: Connection[Any, Any],
) -> None:
    """What a process does until nobody asks any more."""
    while True:
        try:
            item = questions.recv()
        except EOFError:
            return
        try:
            reply = True, work(common, item)
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is read
            error.add_note("".join(format_exception(error)))
            reply = False, error
        try:
            answers.send(reply)
        except BrokenPipeError:
            return


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Processes started in here never see Ctrl-C, which goes to all of a terminal's processes:
    the one who started them ends them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
