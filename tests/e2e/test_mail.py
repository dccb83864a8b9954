"""Mails on the agent's desk, from a customer's mailbox and back, through real mail servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.centre import ROOT
from tests.e2e.mail_centre import MailCentre
from tests.e2e.people import SLOW, Desk
from tests.e2e.windows import Windows, picture
from tests.mail.installed import require_mail_servers
from tests.mail.servers import MailServers

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
USUAL: Any = {"width": 1280, "height": 720}
WIDE: Any = {"width": 1920, "height": 1080}
BESIDE_A_CRM: Any = {"width": 320, "height": 640}
SENT = "✓ sent"


@pytest.fixture(scope="module")
def mail_servers() -> Iterator[MailServers]:
    require_mail_servers()
    with MailServers() as servers:
        yield servers


@pytest.fixture
def centre(browser: Browser, mail_servers: MailServers, tmp_path: Path) -> Iterator[MailCentre]:
    """A centre of the test's own, in which nothing happens by itself."""
    made = MailCentre(tmp_path, mail_servers)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def windows(browser: Browser, centre: MailCentre) -> Iterator[Windows]:
    opened = Windows(browser, centre)  # type: ignore[arg-type] - as good as the demo here
    yield opened
    opened.close()
    assert opened.complaints == []


class MailDesk(Desk):
    """What a desk has for mails, in English."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.mails = page.get_by_role("list", name="Mails, oldest first").get_by_role("article")
        self.newest = self.mails.last
        self.text = page.get_by_label("Text of the mail")
        self.to = page.get_by_role("textbox", name="To", exact=True)
        self.bar = page.locator(".bar")
        self.files = page.get_by_role("list", name="Files that go along")

    def take(self) -> MailDesk:
        """Accept the next mail and wait until it can be read."""
        self.accept()
        expect(self.newest).to_be_visible(timeout=SLOW)
        return self


def desk_of(windows: Windows, agent: str = "ann", **options: Any) -> MailDesk:
    desk = MailDesk(windows.window(agent, viewport=USUAL, **options).new_page())
    desk.open()
    desk.be_ready()
    return desk


def attach(desk: MailDesk, *files: tuple[str, str, bytes]) -> None:
    given: Any = [{"name": name, "mimeType": kind, "buffer": body} for name, kind, body in files]
    desk.page.locator("input[type=file]").set_input_files(given)


def test_a_mail_is_answered_from_the_keyboard_and_the_thread_goes_on(
    centre: MailCentre, windows: Windows
) -> None:
    centre.write(centre.letter("Where is my order?\n\nYours,\nMaría", Cc="boss@elsewhere.test"))
    ann = desk_of(windows)
    expect(ann.offer).to_contain_text("My order 4411", timeout=SLOW)
    expect(ann.offer).to_contain_text("Where is my order?")
    expect(ann.customer).to_contain_text("Nobody known by this address")
    picture(ann.page, "mail-offer")
    ann.take()
    expect(ann.cards).to_contain_text("My order 4411")
    expect(ann.newest).to_contain_text("Where is my order?")
    expect(ann.newest).to_contain_text(centre.customer)
    picture(ann.page, "mail-read")

    ann.page.keyboard.press("w")
    expect(ann.text).to_be_focused()
    expect(ann.to).to_have_value(centre.customer)
    expect(ann.page.get_by_role("textbox", name="Cc")).to_have_value("boss@elsewhere.test")
    ann.page.keyboard.type("It is on its way")
    attach(ann, ("label.pdf", "application/pdf", b"%PDF-1.4 label"))
    expect(ann.files).to_contain_text("label.pdf")
    ann.page.get_by_role("textbox", name="Cc").fill("")
    expect(ann.page.get_by_text("saved", exact=True)).to_be_visible(timeout=SLOW)
    picture(ann.page, "mail-writing")

    ann.text.focus()
    ann.page.keyboard.press("Control+Enter")
    expect(ann.bar).to_contain_text("Sending in", timeout=SLOW)
    picture(ann.page, "mail-held")
    ann.page.keyboard.press("Alt+u")
    expect(ann.text).to_have_value("It is on its way", timeout=SLOW)
    expect(ann.bar).to_have_count(0)
    expect(ann.files).to_contain_text("label.pdf")

    ann.text.focus()
    ann.page.keyboard.press("Control+End")
    ann.page.keyboard.type(", truly.")
    ann.page.keyboard.press("Control+Enter")
    expect(ann.bar).to_contain_text("Sending in", timeout=SLOW)
    expect(ann.newest).to_contain_text(SENT, timeout=SLOW)
    (answer,) = centre.answers()
    assert answer["In-Reply-To"] == f"<1.{centre.customer}>"
    assert answer["Cc"] is None
    body = answer.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("It is on its way, truly.")
    (enclosed,) = answer.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == ("label.pdf", b"%PDF-1.4 label")

    said = "Thank you!\n\nOn Monday Help desk wrote:\n> It is on its way, truly.\n"
    reply = {"In_Reply_To": answer["Message-ID"], "Subject": "Re: My order 4411"}
    centre.write(centre.letter(said, **reply))
    expect(ann.newest).to_contain_text("Thank you!", timeout=SLOW)
    expect(ann.newest).not_to_contain_text("> It is on its way")
    expect(ann.cards).to_have_count(1)
    ann.newest.get_by_role("button", name="Show the earlier mail").click()
    expect(ann.newest).to_contain_text("> It is on its way")
    picture(ann.page, "mail-thread")
    ann.page.set_viewport_size(WIDE)
    picture(ann.page, "mail-thread-wide")


HOSTILE = """
<h1 onclick=alert(1)>Big<script>alert(2)</script></h1>
<img src="https://tracker.invalid/pixel.gif?1" width="300" height="80" alt="banner">
<img src=x onerror=alert(3)><svg onload=alert(4)></svg>
<iframe src="https://tracker.invalid/frame"></iframe>
<div style="background:url(https://tracker.invalid/style)">styled</div>
<link rel=stylesheet href="https://tracker.invalid/css"><form action=https://tracker.invalid><input></form>
<a href="javascript:alert(5)">bad</a> <a href="https://tracker.invalid/linked">good</a>
<meta http-equiv=refresh content="0;url=https://tracker.invalid/refresh">
"""
NAME = "<img src=x onerror=alert(6)>"


def test_of_a_hostile_mail_nothing_runs_and_nothing_loads_until_it_is_asked_for(
    centre: MailCentre, windows: Windows
) -> None:
    mail = centre.letter("<script>alert(7)</script> {{7*7}}", HOSTILE, Subject=f"{NAME} now")
    mail.replace_header("From", f'"{NAME}" <{centre.customer}>')
    mail.add_attachment(
        b"<script>alert(8)</script>", maintype="text", subtype="html", filename=f"../{NAME}.html"
    )
    centre.write(mail)
    ann = desk_of(windows)
    asked: list[str] = []

    def noted(request: Request) -> None:
        if not request.url.startswith((centre.url, "data:", "blob:")):
            asked.append(request.url)

    ann.page.context.on("request", noted)
    ann.page.context.route("**/*tracker.invalid/**", lambda route: route.abort())
    expect(ann.offer).to_contain_text(NAME, timeout=SLOW)
    ann.take()
    expect(ann.newest).to_contain_text("<script>alert(7)</script> {{7*7}}")
    ann.newest.get_by_role("button", name="Show formatted").click()
    frame = ann.page.frame_locator("iframe")
    expect(frame.get_by_text("styled")).to_be_visible(timeout=SLOW)
    assert ann.page.locator("iframe").get_attribute("sandbox") == (
        "allow-popups allow-popups-to-escape-sandbox"
    )
    picture(ann.page, "mail-hostile")
    expect(frame.locator("script, svg, iframe, form, link, input")).to_have_count(0)
    expect(ann.page.locator("article img, script:not([src])")).to_have_count(0)
    links = frame.get_by_role("link")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("target", "_blank")
    expect(links).to_have_attribute("rel", "noopener noreferrer")
    assert asked == []

    with ann.page.expect_request("https://tracker.invalid/pixel.gif?1") as picture_asked:
        ann.newest.get_by_role("button", name="Show pictures").click()
    assert "referer" not in picture_asked.value.headers
    assert set(asked) == {"https://tracker.invalid/pixel.gif?1"}

    with ann.page.expect_download() as download:
        ann.newest.get_by_role("list", name="Attachments").get_by_role("link").click()
    assert "/" not in download.value.suggested_filename
    assert len(ann.page.context.pages) == 1


def test_a_strangers_mail_in_a_thread_is_marked(centre: MailCentre, windows: Windows) -> None:
    centre.write(centre.letter("Where is it?"))
    ann = desk_of(windows).take()
    ann.page.keyboard.press("w")
    ann.page.keyboard.type("Which one?")
    ann.page.keyboard.press("Control+Enter")
    expect(ann.newest).to_contain_text(SENT, timeout=SLOW)
    (answer,) = centre.answers()
    forged = centre.letter("Send it to me instead.", In_Reply_To=answer["Message-ID"])
    forged.replace_header("From", "María Díaz <maria@evil.test>")
    centre.write(forged)
    expect(ann.newest).to_contain_text("has had no part in this thread", timeout=SLOW)
    picture(ann.page, "mail-stranger")


def test_words_survive_a_broken_line_and_a_reload(centre: MailCentre, windows: Windows) -> None:
    centre.write(centre.letter("Hello?"))
    ann = desk_of(windows).take()
    ann.page.keyboard.press("w")
    ann.page.keyboard.type("Half an ans")
    expect(ann.page.get_by_text("saved", exact=True)).to_be_visible(timeout=SLOW)
    ann.page.reload()
    expect(ann.text).to_have_value("Half an ans", timeout=SLOW)

    lost = re.compile("/api/v1/mail/contacts/[^/]+/(replies|draft)")
    keys: list[str] = []

    def fail(route: Any) -> None:
        if route.request.method == "POST":
            keys.append(route.request.headers["idempotency-key"])
        route.abort()

    ann.page.route(lost, fail)
    ann.text.focus()
    ann.page.keyboard.press("Control+End")
    ann.page.keyboard.type("wer")
    ann.page.keyboard.press("Control+Enter")
    failure = "Not sent: the server cannot be reached. Your text is kept"
    expect(ann.page.locator("p.failure")).to_contain_text(failure, timeout=SLOW)
    picture(ann.page, "mail-offline")
    expect(ann.text).to_have_value("Half an answer")
    ann.page.reload()
    expect(ann.text).to_have_value("Half an answer", timeout=SLOW)
    ann.page.unroute(lost)
    with ann.page.expect_request(lost) as again:
        ann.text.focus()
        ann.page.keyboard.press("Control+Enter")
    assert again.value.headers["idempotency-key"] == keys[0]
    expect(ann.newest).to_contain_text(SENT, timeout=SLOW)
    assert len(centre.answers()) == 1


def test_an_answer_that_was_lost_on_the_way_back_is_not_sent_twice(
    centre: MailCentre, windows: Windows
) -> None:
    """The server had it; the page did not hear so, and its author changed a word meanwhile."""
    centre.write(centre.letter("Hello?"))
    ann = desk_of(windows).take()

    def deaf(route: Any) -> None:
        route.fetch()
        route.abort()

    replies = re.compile("/replies$")
    ann.page.route(replies, deaf)
    ann.page.keyboard.press("w")
    ann.page.keyboard.type("First words")
    ann.page.keyboard.press("Control+Enter")
    expect(ann.bar).to_contain_text("Sending in", timeout=SLOW)
    expect(ann.text).to_have_value("")
    ann.page.unroute(replies)
    expect(ann.newest).to_contain_text(SENT, timeout=SLOW)
    assert len(centre.answers()) == 1


def test_what_cannot_be_sent_says_why_beside_its_field(
    centre: MailCentre, windows: Windows
) -> None:
    centre.write(centre.letter("Hello?"))
    ann = desk_of(windows).take()
    ann.page.keyboard.press("w")
    ann.page.keyboard.press("Control+Enter")
    expect(ann.page.locator("p.failure")).to_contain_text("nothing in this mail yet")
    ann.to.fill("maria")
    ann.text.fill("Hi")
    ann.page.keyboard.press("Control+Enter")
    expect(ann.page.locator("p.failure")).to_contain_text("“maria” is no mail address")
    expect(ann.to).to_be_focused()
    attach(ann, ("big.bin", "application/octet-stream", b"0" * (20 * 1024**2 + 1)))
    expect(ann.page.locator("p.failure")).to_contain_text("big.bin")
    expect(ann.files).to_have_count(0)


def test_a_mail_is_forwarded_with_its_files_and_the_contact_finished(
    centre: MailCentre, windows: Windows
) -> None:
    mail = centre.letter("Please look at this.")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="bill.pdf")
    centre.write(mail)
    ann = desk_of(windows).take()
    ann.page.keyboard.press("Shift+F")
    expect(ann.to).to_be_focused()
    expect(ann.to).to_have_value("")
    expect(ann.files).to_contain_text("bill.pdf")
    colleague, _ = centre.servers.add_user()
    ann.page.keyboard.type(colleague)
    ann.text.focus()
    ann.page.keyboard.press("Control+Home")
    ann.page.keyboard.type("Can you help?")
    ann.page.keyboard.press("Control+Shift+Enter")
    expect(ann.bar).to_contain_text("then this contact ends", timeout=SLOW)
    expect(ann.outcome).to_be_visible(timeout=SLOW)
    (raw,) = centre.servers.wait_for_mails(colleague, 1)
    assert b"Subject: Fwd: My order 4411" in raw
    assert b"Please look at this." in raw
    assert b"bill.pdf" in raw
    expect(ann.newest).to_contain_text(SENT)
    ann.wrap_up("Solved")


def test_a_mail_is_passed_on_with_a_note_that_colleagues_see_and_nobody_else(
    centre: MailCentre, windows: Windows
) -> None:
    centre.write(centre.letter("Where is it?"))
    ann = desk_of(windows).take()
    ann.page.keyboard.press("Shift+N")
    note = ann.page.get_by_label("Note for colleagues on this thread")
    expect(note).to_be_focused()
    note.fill("She called twice.")
    ann.page.reload()
    expect(note).to_have_value("She called twice.", timeout=SLOW)
    picture(ann.page, "mail-note-writing")
    note.press("Control+Enter")
    thread = ann.page.get_by_role("list", name="Mails, oldest first")
    shown = thread.get_by_role("listitem").filter(has_text="Internal note, never sent")
    expect(shown).to_contain_text("She called twice.", timeout=SLOW)
    expect(ann.bar).to_have_count(0)
    picture(ann.page, "mail-note")
    ben = desk_of(windows, "ben")
    ann.page.keyboard.press("t")
    ann.page.get_by_role("combobox").fill("Ben")
    # That a colleague is there now is told within a second.
    expect(ann.page.get_by_role("option", name="Ben Okafor")).to_be_visible(timeout=SLOW)
    ann.page.get_by_role("combobox").press("Enter")
    ann.page.get_by_label("Note for the colleague").fill("Please look at 4411.")
    picture(ann.page, "mail-note-transfer")
    ann.page.get_by_role("dialog").get_by_role("button", name="Transfer").click()
    expect(ann.page.get_by_role("dialog")).to_have_count(0, timeout=SLOW)
    ben.accept()
    theirs = ben.page.get_by_role("list", name="Mails, oldest first").get_by_role("listitem")
    noted = theirs.filter(has_text="Internal note, never sent")
    expect(noted).to_have_count(2, timeout=SLOW)
    expect(noted.last).to_contain_text("Please look at 4411.")
    expect(noted.last).to_contain_text("Ann Lindqvist")
    picture(ben.page, "mail-note-colleague")
    ben.page.keyboard.press("e")
    dialog = ben.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Finish this mail?")
    dialog.get_by_role("button", name="Finish").click()
    expect(ben.outcome).to_be_visible(timeout=SLOW)
    assert centre.servers.mails(centre.customer) == []


LOOKS = [("light", "en-GB", USUAL), ("dark", "zh-CN", USUAL), ("light", "zh-CN", BESIDE_A_CRM)]


@pytest.mark.parametrize(
    ("theme", "language", "size"), LOOKS, ids=["light", "dark-zh", "narrow-zh"]
)
def test_the_mail_desk_has_no_known_barrier(
    centre: MailCentre, windows: Windows, theme: str, language: str, size: Any
) -> None:
    """Theme, language and size change from picture to picture; axe looks at each."""
    if not AXE.is_file():
        pytest.skip("needs axe-core: run `npm ci` in web/")
    subject = "A subject that is quite a bit longer than anybody would wish 关于订单四四一一的问题"
    html = '<p>Hello <b>there</b></p><img src="https://x.invalid/a.png" alt="logo">'
    mail = centre.letter("Hello there\n\n> earlier words\n> of ours\n", html, Subject=subject)
    mail.add_attachment(b"0" * 300_000, maintype="image", subtype="png", filename="照片.png")
    centre.write(mail)
    context = windows.window(
        "ann",
        color_scheme=theme,
        viewport=size,
        locale=language,  # type: ignore[arg-type]
    )
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.goto("/desk")
    page.locator("header").first.wait_for(timeout=SLOW)
    expect(page.locator("header button").first).to_be_visible(timeout=SLOW)
    page.keyboard.press("r")
    offer = page.locator("article footer button").first
    expect(offer).to_be_visible(timeout=SLOW)
    name = f"mail-{theme}-{language}-{size['width']}"
    look(page, f"{name}-offer")
    page.keyboard.press("Enter")
    expect(page.locator("section.mails article")).to_be_visible(timeout=SLOW)
    look(page, f"{name}-read")
    page.locator("section.mails .acts button").first.click()
    expect(page.frame_locator("iframe").get_by_text("there")).to_be_visible(timeout=SLOW)
    look(page, f"{name}-formatted")
    page.keyboard.press("Shift+N")
    page.keyboard.type("Ask Ben 先问")
    look(page, f"{name}-noting")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".internal")).to_be_visible(timeout=SLOW)
    page.keyboard.press("w")
    page.keyboard.type("An answer")
    page.locator("input[type=file]").set_input_files(
        [{"name": "标签.pdf", "mimeType": "application/pdf", "buffer": b"1234"}]
    )
    expect(page.locator("form ul li")).to_be_visible(timeout=SLOW)
    look(page, f"{name}-writing")
    page.locator("form textarea").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bar")).to_be_visible(timeout=SLOW)
    look(page, f"{name}-held")


def look(page: Page, name: str) -> None:
    picture(page, name)
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) <= 0, f"{name} is wider than its page"
    found = page.evaluate("() => axe.run({iframes: false})")["violations"]
    serious = [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
    assert serious == [], name
