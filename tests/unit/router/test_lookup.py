"""``router.lookup``: bounded time, bounded answers, bounded numbers."""

import asyncio

from router.core.model import CustomerRef
from router.customers import Identification
from router.lookup import MAX_OUTSTANDING, Lookups, credible

MARIA = CustomerRef(id="c1", name="María")


class Directory:
    def __init__(self, answer=None):
        self.answer = answer
        self.asked = 0

    async def identify(self, channel, address):
        self.asked += 1
        if self.answer is None:
            await asyncio.Event().wait()
        return self.answer


async def test_nobody_is_asked_about_an_empty_address():
    directory = Directory()
    lookups = Lookups(directory, 0)
    assert await lookups.begin("voice", "").in_time() == Identification()
    assert directory.asked == 0


async def test_an_answer_in_time_is_given():
    found = Identification(customers=(MARIA,), matched_by=("phone",))
    lookups = Lookups(Directory(found), 5_000_000)
    assert await lookups.begin("voice", "+34").in_time() == found


async def test_no_answer_in_time_is_said_and_the_question_stays_open():
    lookups = Lookups(Directory(), 0)
    lookup = lookups.begin("voice", "+34")
    assert await lookup.in_time() is None
    lookup.abandon()
    assert await lookup.in_time() == Identification()
    await lookups.close()


async def test_questions_that_hang_are_bounded_and_new_contacts_come_in_at_once():
    directory = Directory()
    lookups = Lookups(directory, 60_000_000)
    for _ in range(MAX_OUTSTANDING):
        lookups.begin("voice", "+34")
    assert await lookups.begin("voice", "+34").in_time() == Identification()
    await lookups.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_an_absurd_answer_is_cut_to_what_is_sound():
    answer = Identification(
        customers=(MARIA, "no customer", CustomerRef(id="x" * 500), CustomerRef(id=""))
        + (MARIA,) * 100,
        matched_by=("p" * 900,),
        preferred_agents=("ann", "", 3) + ("ben",) * 50,
    )
    sound = credible(answer)
    assert set(sound.customers) == {MARIA}
    assert len(sound.customers) <= 20
    assert len(sound.matched_by) == len(sound.customers)
    assert len(sound.matched_by[0]) == 200
    assert sound.preferred_agents[0] == "ann"
    assert len(sound.preferred_agents) == 8
    assert credible("María") == Identification()
