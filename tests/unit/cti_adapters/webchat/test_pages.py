"""``webchat.pages``: which pages agents are shown, and what of them."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.webchat.pages import MAX_SHOWN, MAX_TITLE, page_of

SITE = "https://shop.example"


def test_a_page_of_the_site_is_shown_without_what_may_be_secret():
    page = page_of(SITE, f"{SITE}/cart/88?token=secret#at", "Your cart\n· Shop\u202e")
    assert page.attributes == {"page": f"{SITE}/cart/88", "page_title": "Your cart · Shop"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "https://ann:secret@shop.example/",
        "http://shop.example/",
        "https://shop.example:444/",
        "//shop.example/",
        "https://[",
        "https://shop.example/\r\nX: 1",
        "https://shop.example/" + "a" * 2_000,
        "",
    ],
)
def test_another_sites_page_is_not_shown(url):
    assert page_of(SITE, url, "Shop") is None


def test_who_is_on_no_site_is_on_no_page():
    assert page_of("", "https://shop.example/", "") is None


@given(st.text(max_size=3_000), st.text(max_size=3_000))
def test_whatever_is_shown_is_short_plain_and_of_the_site(path, title):
    page = page_of(SITE, f"{SITE}/{path}", title)
    if page is not None:
        assert len(page.url) <= MAX_SHOWN
        assert len(page.title) <= MAX_TITLE
        assert page.url.startswith(f"{SITE}/")
        assert urlsplit(page.url).netloc == "shop.example"
        assert "?" not in page.url
