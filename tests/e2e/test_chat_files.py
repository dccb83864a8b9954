"""Files, read marks and the visitor's page, between the sample site and an agent's desk."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.centre import Centre
from tests.e2e.people import SLOW
from tests.e2e.windows import Windows, picture, themes

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFElEQVR4nGNgYPhPCI0qYKCKAgBM"
    "+mOdVFPVhgAAAABJRU5ErkJggg=="
)


def test_a_picture_reaches_the_agent_a_bill_the_visitor_and_both_are_seen_read(
    centre: Centre, windows: Windows, tmp_path: Path
) -> None:
    ann = windows.desk("ann").be_ready()
    visitor = windows.visitor()
    for page in (ann.page, visitor.page):
        bring_axe(page.context)
        page.reload()
    visitor.start("Inés", "billing_es", "Mire esta foto, por favor.")
    ann.accept()
    photo = tmp_path / "contador.png"
    photo.write_bytes(PICTURE)
    visitor.page.locator("patchbay-chat input[type=file]").set_input_files(photo)
    expect(ann.thread.last).to_contain_text("contador.png", timeout=SLOW)
    expect(ann.work.locator(".line.customer img")).to_have_js_property("complete", True)
    expect(ann.work.get_by_text("On page")).to_be_visible(timeout=SLOW)
    bill = tmp_path / "factura.pdf"
    bill.write_bytes(b"%PDF-1.7 factura")
    ann.work.locator("input[type=file]").set_input_files(bill)
    expect(visitor.thread.last).to_contain_text("factura.pdf", timeout=SLOW)
    expect(ann.work.get_by_text("✓ Read")).to_be_visible(timeout=SLOW)
    with visitor.page.expect_download() as saved:
        visitor.chat.get_by_role("button", name="Save factura.pdf").click()
    assert saved.value.path().read_bytes() == bill.read_bytes()
    picture(ann.page, "desk-chat-files")
    picture(visitor.page, "chat-files")
    for page in (ann.page, visitor.page):
        for _ in themes(page):
            assert serious(page) == []
    visitor.say("Gracias.")
    ann.end()
    ann.wrap_up("Refunded")
    ann.sign_out()
