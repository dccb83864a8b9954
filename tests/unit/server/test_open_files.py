import resource

import pytest

from server.open_files import WANTED, allow_many


@pytest.fixture(autouse=True)
def _same_limit_afterwards():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_low_limit_is_raised_as_far_as_is_allowed():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    assert allow_many() == allowed
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (allowed, hard)


def test_raising_it_twice_changes_nothing():
    assert allow_many() == allow_many()
