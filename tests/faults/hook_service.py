"""The service under test: a whole Patchbay with a webhook, behind its own HTTP server; its agent
answers every message once and ends contacts now and then.

``python -m tests.faults.hook_service FOLDER PORT``. For each line that is read a process is begun
in which all of it runs, until it is killed; one line says when it works, one when it has ended.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from router.core.commands import EndContact, PostMessage
from router.core.model import Contact, ContactState
from server.app import create_app
from server.bootstrap import running
from server.http_server import http_server, listen
from tests.faults.agent import Agent
from tests.faults.hook_site import AGENT, ENDS_AFTER, answer, is_question, settings
from tests.faults.lives import lives

ANSWERS_AT_ONCE = 3  # of one contact, before the others have their turn


class HookAgent(Agent):
    """Answers every message once, and ends contacts now and then."""

    async def look_after(self, contact: Contact) -> None:
        if contact.state is not ContactState.CONNECTED:
            return
        questions = [one for one in contact.messages if is_question(one.text)]
        answered = {one.id for one in contact.messages if one.author == "agent"}
        for one in [one for one in questions if f"to-{one.id}" not in answered][:ANSWERS_AT_ONCE]:
            name = f"to-{one.id}"
            await self.do(
                PostMessage(
                    id=f"{contact.id}/{name}",
                    contact=contact.id,
                    message=name,
                    author="agent",
                    agent=self.id,
                    text=answer(one.text),
                )
            )
        if len(questions) >= ENDS_AFTER and len(answered) >= len(questions):
            seen = contact.messages[-1].id
            await self.do(EndContact(id=f"end/{contact.id}/{seen}", contact=contact.id, seen=seen))


async def live(folder: Path, port: int) -> None:
    """Until the end."""
    async with running(settings(folder), port) as patchbay:
        server = http_server(create_app(patchbay.services), max_frame=65_536)
        serving = asyncio.create_task(server.serve(sockets=[listen("127.0.0.1", port)]))
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        print("works", flush=True)
        await asyncio.gather(serving, HookAgent(patchbay, AGENT).work())


if __name__ == "__main__":
    lives(lambda: live(Path(sys.argv[1]), int(sys.argv[2])))
