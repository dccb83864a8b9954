"""``imap.worker``: jobs one after the other, in a thread that ends when it is told."""

from __future__ import annotations

import threading

import pytest

from cti_adapters.email.imap.worker import Worker


def test_jobs_are_done_in_their_order_in_one_thread_that_then_ends():
    worker = Worker("test")
    done: list[tuple[int, str]] = []
    jobs = [
        worker.submit(lambda number=number: done.append((number, threading.current_thread().name)))
        for number in range(20)
    ]
    worker.end()
    assert worker.join(10)
    assert [job.exception() for job in jobs] == [None] * 20
    assert done == [(number, "test") for number in range(20)]


def test_what_a_job_raises_is_its_askers_and_the_next_one_is_done():
    worker = Worker("test")
    broken = worker.submit(lambda: 1 // 0)
    well = worker.submit(lambda: "well")
    worker.end()
    with pytest.raises(ZeroDivisionError):
        broken.result(10)
    assert well.result(10) == "well"
    assert worker.join(10)


def test_a_job_that_was_given_up_before_its_turn_is_not_done():
    worker = Worker("test")
    gate, done = threading.Event(), []
    first = worker.submit(lambda: gate.wait(10))
    second = worker.submit(lambda: done.append("second"))
    assert second.cancel()
    gate.set()
    worker.end()
    assert first.result(10)
    assert worker.join(10)
    assert done == []
