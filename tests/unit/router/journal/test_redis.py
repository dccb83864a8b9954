"""What Redis answers to a script and to the wait for its replicas, taken for what it means."""

from __future__ import annotations

from typing import Any

import pytest
from redis.exceptions import NoScriptError, ResponseError

from router.journal.redis import evaluate
from router.journal.redis_words import ReplicasMissing


class Pipeline:
    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def execute_command(self, *command: Any) -> None:
        self.asked.append(command[0])

    async def execute(self, *, raise_on_error: bool) -> list[Any]:
        assert not raise_on_error, "the client's own words would stand before Redis's"
        return self.answers


class Redis:
    """Answers one pipeline after another."""

    def __init__(self, *answers: list[Any]) -> None:
        self.pipelines = [Pipeline(each) for each in answers]
        self._next = iter(self.pipelines)

    def pipeline(self, *, transaction: bool) -> Pipeline:
        assert not transaction
        return next(self._next)


async def ask(redis: Redis) -> Any:
    return await evaluate(redis, "return 1", ["head"], [], replicas=1)


async def test_what_enough_replicas_have_is_answered() -> None:
    assert await ask(Redis([7, 1])) == 7


async def test_a_script_that_was_forgotten_is_sent_whole() -> None:
    redis = Redis([NoScriptError("no script"), 0], [7, 1])
    assert await ask(redis) == 7
    assert [pipeline.asked for pipeline in redis.pipelines] == [
        ["EVALSHA", "WAIT"],
        ["EVAL", "WAIT"],
    ]


@pytest.mark.parametrize("reached", [0, ResponseError("UNBLOCKED force unblock from …")])
async def test_what_was_done_and_may_not_be_at_replicas_is_not_called_refused(reached: Any) -> None:
    """Also by a primary that becomes a replica meanwhile: it has written before."""
    with pytest.raises(ReplicasMissing):
        await ask(Redis([7, reached]))


async def test_what_was_refused_is_raised_in_its_own_words() -> None:
    with pytest.raises(ResponseError, match=r"^FENCED"):
        await ask(Redis([ResponseError("FENCED by a newer token"), 1]))
