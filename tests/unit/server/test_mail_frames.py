"""HTML mails as pages for a sandboxed frame."""

from __future__ import annotations

import pytest

from cti_adapters.email.cleaning import clean
from server.mail_frames import mail_page, mail_page_policy

TRACKER = "https://tracker.example/pixel.gif?who=maria&n=1"


def page(source: str, *, pictures: bool) -> str:
    return mail_page(clean(source).html, pictures=pictures)


def test_pictures_from_elsewhere_are_there_only_when_they_were_asked_for():
    source = f'<p>Hi<img src="{TRACKER}" alt="a > b"></p>'
    assert " src=" not in page(source, pictures=False)
    assert 'src="https://tracker.example/pixel.gif?who=maria&amp;n=1"' in page(
        source, pictures=True
    )


def test_files_of_the_mail_are_never_shown_in_it():
    source = '<img src="cid:logo">'
    html = clean(source, {"logo": "0" * 64}).html
    assert " src=" not in mail_page(html, pictures=True)


@pytest.mark.parametrize(
    "source",
    [
        '<p>&lt;img data-remote="https://a.example/x.gif"&gt;</p>',
        """<a title='<img data-remote="https://a.example/x.gif">' href="https://b.example/">x</a>""",
        """<img alt='" data-remote="https://a.example/x.gif'>""",
        '<img data-remote="https://a.example/x.gif">',
        '<img src="javascript:alert(1)">',
    ],
)
def test_words_that_look_like_a_picture_load_nothing(source):
    assert " src=" not in page(source, pictures=True)


def test_the_policy_lets_nothing_run_and_loads_pictures_only_when_asked():
    for pictures in (False, True):
        policy = mail_page_policy(pictures=pictures)
        assert "allow-scripts" not in policy
        assert "allow-same-origin" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
    assert "img-src 'none'" in mail_page_policy(pictures=False)
    assert "img-src http: https:" in mail_page_policy(pictures=True)
