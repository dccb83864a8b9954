import msgspec
import pytest

from router.cluster.looking import (
    RedisTooOld,
    Seen,
    check_version,
    of_keeping,
    remarks,
    who_writes,
)
from router.core.durations import SECOND
from router.lease import Held

GOOD = Seen(
    version="7.0.15",
    role="master",
    appendonly=True,
    appendfsync="always",
    policy="noeviction",
    replicas=2,
    ahead=1_000,
    took=200,
    at=10 * SECOND,
    held=Held(holder="one-a1b2c3", token=4, until=11 * SECOND),
)


def changed(**fields: object) -> Seen:
    return msgspec.structs.replace(GOOD, **fields)


def test_of_a_redis_as_it_should_be_nothing_is_to_be_done():
    assert [one for one in remarks(GOOD, 2) if one.remedy] == []


@pytest.mark.parametrize(
    ("seen", "grave", "words"),
    [
        (changed(version="6.2.14"), True, "Redis 6.2.14 is too old; install Redis 7.0"),
        (changed(policy="allkeys-lru"), True, "set `maxmemory-policy noeviction`"),
        (changed(appendonly=False), False, "set `appendonly yes`"),
        (changed(appendfsync="everysec"), False, "set `appendfsync always`, or accept"),
        (changed(replicas=1), True, "1 of 2 connected: no contact is taken"),
        (changed(role="slave"), True, "the address of the primary"),
        (changed(ahead=-3 * SECOND), False, "run a time service"),
    ],
)
def test_each_fault_says_what_to_do(seen, grave, words):
    (remark,) = (one for one in remarks(seen, 2) if one.remedy)
    assert (remark.grave, words in str(remark)) == (grave, True), str(remark)


@pytest.mark.parametrize("field", ["version", "appendonly", "appendfsync", "policy", "replicas"])
def test_what_redis_forbids_to_ask_is_told_as_that_and_stops_nothing(field):
    (remark,) = (one for one in remarks(changed(**{field: None}), 2) if one.remedy)
    assert "could not be looked at" in remark.found
    assert not remark.grave


def test_without_an_append_only_file_it_does_not_matter_how_it_is_synced():
    seen = changed(appendonly=False, appendfsync="everysec")
    assert [one.what for one in of_keeping(seen) if one.remedy] == ["Redis appendonly"]


def test_a_redis_that_is_too_old_is_refused_and_one_that_does_not_tell_is_not():
    with pytest.raises(RedisTooOld, match=r"install Redis 7.0 or newer\.$"):
        check_version(changed(version="6.0.16"))
    for version in ("7.0", "7.2.4", "10.1", None):
        check_version(changed(version=version))


def test_a_clock_that_was_asked_slowly_is_not_blamed_for_that():
    assert not [one for one in remarks(changed(ahead=2 * SECOND, took=4 * SECOND), 2) if one.remedy]


def test_who_writes_is_whoever_has_the_lease_by_the_clock_of_redis():
    assert who_writes(GOOD).startswith("one-a1b2c3 has the lease, for 1000 ms")
    assert who_writes(changed(at=12 * SECOND)) == "nobody has the lease now"
