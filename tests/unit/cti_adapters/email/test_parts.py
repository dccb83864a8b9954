import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.headers import TooMuch
from cti_adapters.email.parts import MAX_DEPTH, MAX_PARTS, tree

PIECES = st.sampled_from(
    [
        b"--b",
        b"--",
        b"\r\n",
        b"\n",
        b"x",
        b" ",
        b"--c\n",
        b"Content-Type: multipart/x; boundary=c\n\n",
    ]
)
HEAD = b"Content-Type: multipart/mixed; boundary=b\n\n"


def every(part):
    yield part
    for child in part.children:
        yield from every(child)


@given(st.lists(PIECES, max_size=60).map(b"".join))
def test_parts_lie_inside_their_parent_and_follow_one_another(body):
    root = tree(HEAD + body)
    for part in every(root):
        assert 0 <= part.start <= part.end <= len(root.raw)
        for child in part.children:
            assert part.start <= child.start <= child.end <= part.end
        for one, following in zip(part.children, part.children[1:], strict=False):
            assert one.end <= following.start


@pytest.mark.parametrize("end", [b"--b--\n", b"", b"--b  \n--b--"])
def test_the_last_part_ends_with_the_boundary_or_with_the_mail(end):
    root = tree(HEAD + b"preamble\n--b\n\none\n--b\n\ntwo\n" + end)
    assert [part.content().strip() for part in root.children[:2]] == [b"one", b"two"]


def test_a_line_that_only_begins_like_a_boundary_is_text():
    (part,) = tree(HEAD + b"--b\n\n--bc\nx --b\n--b--").children
    assert part.content() == b"--bc\nx --b"


def test_the_limits_are_reached_and_not_passed():
    assert len(tree(HEAD + b"--b\n\nx\n" * (MAX_PARTS - 1)).children) == MAX_PARTS - 1
    with pytest.raises(TooMuch):
        tree(HEAD + b"--b\n\nx\n" * MAX_PARTS)


def test_a_mail_as_deep_as_allowed_is_read():
    deep = b"".join(
        b"Content-Type: multipart/x; boundary=b%d\n\n--b%d\n" % (level, level)
        for level in range(MAX_DEPTH)
    )
    assert max(part.depth for part in every(tree(deep + b"\nx"))) == MAX_DEPTH
    with pytest.raises(TooMuch):
        tree(b"Content-Type: multipart/x; boundary=a\n\n--a\n" + deep + b"\nx")
