"""What may have been done is never told as not done."""

import pytest
from redis.exceptions import ConnectionError as LostRedis
from redis.exceptions import ResponseError

from router.cluster import forwarding
from router.cluster.forwarding import Forwarding
from router.core.commands import Abandon
from router.ports import JournalUnavailable, OutcomeUnknown, Overloaded

LEFT = Abandon(id="left", contact="k")
TAKEN = 1
FULL = 0


class Redis:
    """Answers what is put into the stream, one after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def execute_command(self, *_command):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(forwarding, "AGAIN_AFTER", 0.0)


async def outcome_of(*answers):
    sender = Forwarding(Redis(*answers), "default", "a", lambda _position: None)
    try:
        await sender.send(LEFT)
    finally:
        assert sender.waiting == 0


async def test_no_answer_in_time_leaves_the_outcome_unknown(monkeypatch):
    monkeypatch.setattr(forwarding, "GIVEN_UP_AFTER", 0.0)
    with pytest.raises(OutcomeUnknown, match="may still be done"):
        await outcome_of(TAKEN)


async def test_an_answer_of_redis_that_was_lost_leaves_the_outcome_unknown():
    with pytest.raises(OutcomeUnknown):
        await outcome_of(LostRedis("the connection was lost"))


@pytest.mark.parametrize("trouble", [FULL, ResponseError("OOM"), LostRedis("away")])
async def test_what_stands_in_the_stream_stays_unknown_when_it_cannot_be_sent_again(trouble):
    with pytest.raises(OutcomeUnknown):
        await outcome_of(TAKEN, trouble)


async def test_what_redis_refused_to_take_was_not_done():
    with pytest.raises(JournalUnavailable) as told:
        await outcome_of(ResponseError("OOM command not allowed"))
    assert not isinstance(told.value, OutcomeUnknown)


async def test_a_full_stream_has_not_taken_it():
    with pytest.raises(Overloaded):
        await outcome_of(FULL)
