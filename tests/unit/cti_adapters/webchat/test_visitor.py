"""``webchat.visitor``: every act is answered once, done once, and refused in plain words."""

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from cti_adapters.webchat.messages import MAX_NAME, MAX_TEXT
from cti_adapters.webchat.vouching import Vouching
from router.core.durations import SECOND
from router.core.model import CustomerRef
from router.customers import Identification
from router.limits import Buckets, Rate


async def test_the_same_line_sent_again_is_applied_once(centre, hub, browser):
    tab = browser()
    await tab.start()
    for _ in range(5):
        assert (await tab.say("once", "same-id"))["ok"]
    assert tab.lines == ["Hello", "once"]


async def test_two_visitors_may_use_the_same_ids(centre, hub, browser):
    first, second = browser(), browser()
    await first.start("first-0123456789abcd")
    await second.start("second-0123456789abc")
    await first.say("mine", "1")
    await second.say("yours", "1")
    assert first.lines == ["Hello", "mine"]
    assert second.lines == ["Hello", "yours"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE contacts; --",
        "{{7*7}}${7*7}",
        "javascript:alert(1)",
        "a\nb\n\nc",
        "你好 👋🏽 مرحبا",
    ],
)
async def test_text_stays_exactly_as_typed_because_it_is_only_text(centre, hub, browser, text):
    tab = browser()
    await tab.start(text=text)
    await tab.say(text)
    assert tab.lines == [text, text]
    assert [m.text for m in centre.contact(tab.contact).messages] == [text, text]


async def test_control_characters_are_stripped_from_texts_and_names(centre, hub, browser):
    tab = browser()
    await tab.start(text="hi\x00\x1b[31m\u202e there", name="Ma\nría\x07\u202e")
    assert tab.lines == ["hi[31m there"]
    assert centre.contact(tab.contact).attributes["name"] == "Ma ría"


@pytest.mark.parametrize("text", ["", "   \n ", "\x00\x01", "\u202e"])
async def test_nothing_is_not_sent(centre, hub, browser, text):
    tab = browser()
    assert (await tab.start(text=text))["code"] == "empty"
    await tab.start()
    assert (await tab.say(text))["code"] == "empty"


async def test_too_much_is_refused_with_the_limit_named(centre, hub, browser):
    tab = browser()
    assert (await tab.start(text="x" * (MAX_TEXT + 1)))["code"] == "too_long"
    await tab.start(name="n" * 5_000)
    assert len(centre.contact(tab.contact).attributes["name"]) == MAX_NAME
    reply = await tab.say("x" * (MAX_TEXT + 1))
    assert reply["code"] == "too_long"
    assert str(MAX_TEXT) in reply["reason"]
    assert (await tab.say("x" * MAX_TEXT))["ok"]


@pytest.mark.parametrize(
    "language", ["en'; --", "x" * 100, "en_US", "<b>", "e", "12", "en-", "../.."]
)
async def test_a_language_that_is_none_is_ignored(centre, hub, browser, language):
    tab = browser()
    assert (await tab.start(language=language))["ok"]
    assert "language" not in centre.contact(tab.contact).attributes


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("say_line", {"text": "x"}), ("leave_chat", {}), ("visitor_typing", {"typing": True})],
)
async def test_acts_without_a_chat_are_refused(centre, hub, browser, kind, fields):
    assert (await browser().send(kind, **fields))["code"] == "no_chat"


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 54, "x" * 5_000])
async def test_a_wrong_token_opens_nothing(centre, hub, browser, token):
    tab = browser()
    assert (await tab.resume(token))["code"] == "unknown_chat"
    assert tab.of("session") == []


async def test_a_visitor_in_a_chat_cannot_start_another_beside_it(centre, hub, browser):
    tab = browser()
    await tab.start("first-0123456789abcd")
    assert (await tab.start("second-0123456789abc"))["code"] == "already_chatting"
    await tab.send("leave_chat")
    assert (await tab.start("second-0123456789abc"))["ok"]


async def test_an_ended_chat_takes_no_more(centre, hub, browser):
    tab = browser()
    await tab.start()
    await tab.send("leave_chat")
    assert (await tab.say("one more thing"))["code"] == "chat_over"
    assert (await tab.send("visitor_typing", typing=True))["code"] == "chat_over"
    assert (await tab.send("leave_chat"))["ok"]


@pytest.mark.parametrize("limit", [{"lines_per_chat": 3}, {"characters_per_chat": 7}])
async def test_a_chat_has_an_end_to_its_length(centre, hub, browser, limit):
    hub.settings = msgspec.structs.replace(hub.settings, **limit)
    tab = browser()
    await tab.start()
    replies = [await tab.say(str(n)) for n in range(4)]
    assert [reply["code"] for reply in replies] == ["", "", "too_many_lines", "too_many_lines"]


async def test_starts_from_one_source_are_limited(centre, hub, browser, settings):
    hub._admission.starts = Buckets(Rate(burst=2, every=10 * SECOND))
    replies = [await browser().start(f"start-{n}-0123456789") for n in range(3)]
    assert [reply["code"] for reply in replies] == ["", "", "too_fast"]
    assert (await browser("192.0.2.9").start("other-0123456789abc"))["ok"]
    centre.clock.advance(10 * SECOND)
    assert (await browser().start("later-0123456789abc"))["ok"]


async def test_a_ping_is_answered(centre, hub, browser):
    tab = browser()
    await tab.send("ping")
    assert len(tab.of("pong")) == 1


# -- who a site vouches for -------------------------------------------------------------------

SHOP = "https://shop.example"
SHOP_SECRET = b"k" * 32


def signed(centre, secret=SHOP_SECRET, **claims):
    until = centre.clock.now() // SECOND + 600
    claims = {"sub": "C-17", "exp": until, "name": "María Díaz", **claims}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


@pytest.fixture
def shop(centre, hub, browser):
    """A tab on a page of the shop, whose customer C-17 is Inés; ``asked`` notes look-ups."""
    hub.vouching = Vouching({SHOP: SHOP_SECRET}, centre.clock)
    asked = []

    async def identify(channel, address):
        asked.append((channel, address))
        known = channel == "verified" and address == "C-17"
        found = (CustomerRef(id="ines", name="Inés", tier="gold", value=9),) if known else ()
        return Identification(customers=found, matched_by=("external_id C-17",) * len(found))

    centre.identify = identify

    def open_tab():
        tab = browser(site=SHOP)
        tab.asked = asked
        return tab

    return open_tab


async def test_whom_the_site_vouches_for_is_that_customer_whatever_was_typed(centre, shop):
    tab = shop()
    await tab.start(name="Somebody", address="else@home.example", visitor=signed(centre))
    contact = centre.contact(tab.contact)
    assert tab.asked == [("verified", "C-17")]
    assert contact.customer.id == "ines"
    assert contact.attributes["verified"] == "C-17"
    assert contact.attributes["verified_by"] == "shop.example"
    assert contact.attributes["name"] == "María Díaz"


@pytest.mark.parametrize(
    "broken", [{"secret": b"x" * 32}, {"exp": 1}, {"exp": None}, {"sub": ""}, {"exp": 10**12}]
)
async def test_who_is_not_proven_chats_on_as_a_stranger_and_the_log_says_why(
    centre, shop, caplog, broken
):
    tab = shop()
    token = signed(centre, **broken)
    assert (await tab.start(address="m@home.example", visitor=token))["ok"]
    contact = centre.contact(tab.contact)
    assert tab.asked == [("chat", "m@home.example")]
    assert contact.customer is None
    assert not {"verified", "verified_by"} & set(contact.attributes)
    assert "is not who they say" in caplog.text
    assert token not in caplog.text


async def test_a_stolen_token_that_was_used_opens_no_second_chat_as_that_customer(centre, shop):
    token = signed(centre, jti="once")
    first, second = shop(), shop()
    await first.start("first-0123456789abcd", visitor=token)
    again = await first.start("first-0123456789abcd", visitor=token)
    await second.start("second-0123456789abc", visitor=token)
    assert again["ok"]
    assert centre.contact(first.contact).customer.id == "ines"
    assert centre.contact(second.contact).customer is None


async def test_a_visitor_cannot_make_up_who_vouches_for_them(centre, hub, browser):
    tab = browser()
    await tab.start(visitor="a.b.c", name="verified_by=bank.example")
    assert "verified" not in centre.contact(tab.contact).attributes


# -- the page a visitor is on -----------------------------------------------------------------


async def visit(tab, path, title=""):
    return await tab.send("visitor_page", url=f"{SHOP}{path}", title=title)


async def test_the_agent_sees_the_page_the_visitor_is_on_as_they_move(centre, hub, browser):
    tab = browser(site=SHOP)
    await tab.start()
    assert (await visit(tab, "/plans?x=1", "Plans"))["ok"]
    assert centre.contact(tab.contact).attributes["page"] == f"{SHOP}/plans"
    await visit(tab, "/help", "Help")
    attributes = centre.contact(tab.contact).attributes
    assert (attributes["page"], attributes["page_title"]) == (f"{SHOP}/help", "Help")


async def test_who_leafs_through_a_thousand_pages_fills_no_journal_and_the_last_is_told(
    centre, hub, browser
):
    tab = browser(site=SHOP)
    await tab.start()
    before = len(centre.entries)
    for number in range(1_000):
        if number % 30 == 0:
            centre.clock.set(centre.clock.now() + 2 * SECOND)
        await visit(tab, f"/{number}")
    centre.clock.set(centre.clock.now() + 60 * SECOND)
    await hub.sweep()
    assert centre.contact(tab.contact).attributes["page"] == f"{SHOP}/999"
    assert len(centre.entries) - before < 20
    at_rest = len(centre.entries)
    await hub.sweep()
    await visit(tab, "/999")
    assert len(centre.entries) == at_rest


async def test_a_page_of_another_site_is_told_nobody(centre, hub, browser):
    tab = browser(site=SHOP)
    await tab.start()
    assert (await tab.send("visitor_page", url="https://evil.example/", title="x"))["ok"]
    assert "page" not in centre.contact(tab.contact).attributes
