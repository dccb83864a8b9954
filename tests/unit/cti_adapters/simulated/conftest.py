"""Runs simulated parties against the centre, moment by moment, without a task."""

import pytest

from router.core.durations import SECOND


class World:
    """Everybody's ``step`` whenever a second has passed, in a fixed order."""

    def __init__(self, centre):
        self.centre = centre
        self.parties = []

    def add(self, party, *, hears=True):
        self.parties.append(party)
        if hears:
            self.centre.adapters.append(party)
        return party

    async def run(self, seconds):
        for _ in range(seconds):
            self.centre.pass_time(SECOND)
            await self.centre.deliver()
            for party in self.parties:
                await party.step()
                await self.centre.deliver()

    def history(self):
        """What happened, comparable between runs."""
        return [(entry.at, entry.cause, repr(entry.events)) for entry in self.centre.entries]


@pytest.fixture
def world(centre):
    return World(centre)


@pytest.fixture
def make_centre(centre):
    """Another centre like the first, with a world around it."""

    def make():
        other = type(centre)()
        return other, World(other)

    return make
