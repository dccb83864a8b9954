"""Machines that answer mails, facing each other over real servers, stop."""

from __future__ import annotations

import asyncio

from tests.integration.mail.service import answers, box, service, until, write
from tests.mail.configuration import ABSENT

QUIET = 4.0  # seconds in which a loop would have gone round many times
THANKS = "acknowledgement: We have your mail."


async def test_two_services_that_thank_for_each_others_mails_stop_after_one_each(
    mail_servers, tmp_path
):
    left = box(mail_servers, "left", more=THANKS)
    right = box(mail_servers, "right", more=THANKS)
    async with service(tmp_path / "left", left) as one, service(tmp_path / "right", right) as two:
        await write(mail_servers, left.address, right, "Hello right")
        await write(mail_servers, right.address, left, "Hello left")

        async def both_said_something():
            mails = [await _came(one), await _came(two)]
            return all(len(found) >= 2 for found in mails) and mails

        await until(both_said_something, "acknowledgement on either side")
        await asyncio.sleep(QUIET)
        for patchbay in (one, two):
            sent = await patchbay.mail_store.automatic_since(0)
            assert len(sent) == 1
            assert len(await _came(patchbay)) == 2 + 1  # the mail, thanks, and the copy of ours


async def _came(patchbay) -> list:
    store = patchbay.mail_store
    found = await store.waiting(2**62, 100)
    for became in ("contact", "reply", "set_aside", "copy", "report"):
        found += await store.that_became(became, 100)
    return found


async def test_a_server_that_answers_every_mail_of_an_absent_person_gets_one(
    mail_servers, tmp_path
):
    one = box(mail_servers, "help", more=THANKS)
    away = ABSENT
    async with service(tmp_path / "one", one) as patchbay:
        await write(mail_servers, away, one, "Hello")

        async def thanked():
            return answers(mail_servers, away)

        await until(thanked, "thanks")
        await asyncio.sleep(QUIET)
        assert len(await patchbay.mail_store.automatic_since(0)) == 1
    assert answers(mail_servers, away).total() == 1
