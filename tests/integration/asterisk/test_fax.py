"""A page that is faxed becomes a contact with its document."""

from router.core import events as e
from tests.asterisk.fax_page import write_page
from tests.integration.asterisk.router import Router


async def test_a_page_that_is_faxed_becomes_a_contact_with_its_document(server):
    page = write_page(server.folder / "page.tif", lines=200)
    async with Router(server, faxes={"300": "papers"}) as router:
        with server.judge() as judge:
            judge.do(
                "Originate",
                Channel="Local/300@from-trunk/n",
                Application="SendFAX",
                Data=str(page),
                CallerID="<+442079460018>",
                Async="true",
            )
        await router.until(lambda: router.events(e.Enqueued), "a contact", within=60)
        [contact] = router.contacts
        assert contact.channel == "fax"
        assert contact.address == "+442079460018"
        received = router.left_behind(contact)
        assert received.read_bytes()[:4] in (b"II*\0", b"MM\0*")
        assert received.stat().st_size > 500
        await router.until(lambda: not server.channels(), "the line is free")


async def test_a_call_that_is_no_fax_leaves_nothing(server):
    async with Router(server, faxes={"300": "papers"}) as router:
        with server.judge() as judge:
            judge.do(
                "Originate",
                Channel="Local/300@from-trunk/n",
                Application="Wait",
                Data="1",
                CallerID="<+442079460018>",
                Async="true",
            )
        await router.until(server.channels, "the call")
        await router.until(lambda: not server.channels(), "it ends")
        assert not router.contacts
