"""A small runner of flows for tests: a script of prompts, one a turn, then where it leads."""

import asyncio

from msgspec.structs import replace

from router.core.commands import AdvanceFlow, PublishCatalog
from router.core.model import ContactState
from router.ports import Accepted, FlowPrompt, FlowRunner, PromptButton, PromptLine

OVER = b"over"

MENU = FlowPrompt(
    turn=0,
    kind="choice",
    say=(PromptLine(text="Welcome."), PromptLine(text="What is it about?")),
    buttons=(PromptButton(key="1", text="Billing"), PromptButton(key="2", text="Faults")),
    within=5_000_000,
)
ACCOUNT = FlowPrompt(
    turn=0,
    kind="text",
    say=(PromptLine(text="Your account number?"),),
    digits=True,
    longest=8,
    end_key="#",
)
PIN = replace(ACCOUNT, say=(PromptLine(text="Your PIN?"),), secret=True)
NEWS = FlowPrompt(turn=0, kind="play", say=(PromptLine(text="We move on Friday."),))
LOOKING = FlowPrompt(turn=0, kind="wait", say=(PromptLine(text="One moment."),))


class FakeFlows(FlowRunner):
    """``last`` is said as the flow ends; ``told`` is what the channel said, turn by turn."""

    def __init__(self, centre, *script, end, last=()):
        self.centre = centre
        self.script = script
        self.end = end
        self.last = tuple(PromptLine(text=text) for text in last)
        self.told = []
        self.trouble = None

    async def begin(self, contact, through):
        await self.advance(contact, 0)

    def prompt(self, contact):
        live = self.centre.contact(contact)
        if live is None or live.state is not ContactState.IN_FLOW or not live.flow_turn:
            return None
        return replace(self.script[live.flow_turn - 1], turn=live.flow_turn)

    def last_words(self, session):
        return self.last if session == OVER else ()

    async def answer(self, contact, turn, text):
        await self._hear(contact, turn, text)

    async def silence(self, contact, turn):
        await self._hear(contact, turn, "(silence)")

    async def heard(self, contact, turn):
        await self._hear(contact, turn, "(heard)")

    async def _hear(self, contact, turn, what):
        if self.trouble is not None:
            raise self.trouble
        live = self.centre.contact(contact)
        if live is not None and live.flow_turn == turn:
            outcome = await self.advance(contact, turn)
            if isinstance(outcome, Accepted) and outcome.events:
                self.told.append((turn, what))

    async def advance(self, contact, turn):
        """What follows once something outside answered, too."""
        over = turn == len(self.script)
        return await self.centre.submit(
            AdvanceFlow(
                id=f"{contact}/advance/{turn + 1}",
                contact=contact,
                turn=turn + 1,
                node=f"n{turn + 1}",
                passed=(),
                session=OVER if over else b"more",
                leads_to=self.end if over else None,
            )
        )


def lead_through_a_flow(centre):
    """The website's chats are asked first."""
    catalog = centre.replica.state.catalog
    website = replace(catalog.entry_points["website"], flow="main", alias="live", choices={})
    points = {**catalog.entry_points, "website": website}
    changed = replace(catalog, version=catalog.version + 1, entry_points=points)
    centre.apply(PublishCatalog(id="with-flow", catalog=changed, replaces=catalog.version))


async def settle(*tabs):
    """Until everybody has heard what follows from what happened."""
    for _ in range(30):
        await asyncio.sleep(0)
        for tab in tabs:
            await tab.look()
