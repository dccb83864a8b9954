"""Customers: finding, reading, changing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crm import past
from crm.customers import CustomerFields, InvalidCustomer, UnknownCustomer, VersionConflict
from crm.database import Database
from crm.lookup import LAST_AGENT_FOR, MAX_MATCHES
from crm.past import EndedContact
from crm.store import CustomerStore
from router.clock import ManualClock
from router.core.model import CustomerRef, Message
from router.customers import CustomerRecord, Identity

NUMBER = "+441632960001"


async def _customer(store: CustomerStore, name: str, *phones: str, **fields: Any) -> CustomerRecord:
    identities = [Identity(kind="phone", value=phone) for phone in phones]
    return await store.create(CustomerFields(name=name, **fields), identities)


def _ended(contact: str, record: CustomerRecord, at: int, **fields: Any) -> EndedContact:
    defaults: dict[str, Any] = {"channel": "voice", "outcome": "handled", "queue": "sales"}
    return EndedContact(
        contact=contact, customer=record.id, arrived_at=at - 60, ended_at=at, **defaults | fields
    )


async def _keep(database: Database, contact: EndedContact) -> None:
    await database.change(lambda connection: past.store(connection, [contact]))


# -- identify ---------------------------------------------------------------------------------


async def test_one_match_is_certain_and_says_why(store: CustomerStore) -> None:
    ann = await _customer(store, "Ann", "01632 960001", tier="gold", value=3200)
    found = await store.identify("voice", "+44 (0)1632 960001".replace("(0)", ""))
    assert found.certain == CustomerRef(id=ann.id, name="Ann", tier="gold", value=3200)
    assert found.matched_by == (f"phone {NUMBER}",)


async def test_nobody_matches_an_unknown_or_unreadable_address(store: CustomerStore) -> None:
    await _customer(store, "Ann", NUMBER)
    for address in ("+441632960002", "anonymous", "", "\0", "+" * 10_000, "' OR 1=1 --", "\ud800"):
        assert (await store.identify("voice", address)).customers == ()


async def test_whom_a_site_vouches_for_is_found_by_their_number_there_or_their_mail_address(
    store: CustomerStore,
) -> None:
    ann = await _customer(store, "Ann", NUMBER, external_id="C-17", account_manager="chi")
    ben = await store.create(
        CustomerFields(name="Ben"), [Identity(kind="email", value="ben@home.example")]
    )
    found = await store.identify("verified", "C-17")
    assert found.certain is not None
    assert (found.certain.id, found.matched_by) == (ann.id, ("external_id C-17",))
    assert found.preferred_agents == ("chi",)
    by_mail = await store.identify("verified", "Ben@Home.example")
    assert by_mail.certain is not None
    assert by_mail.certain.id == ben.id
    for nobody in (NUMBER, "c-17", "C-1", "%", "", "x" * 5_000, "' OR 1=1 --"):
        assert (await store.identify("verified", nobody)).customers == ()


async def test_a_shared_number_gives_everybody_best_tier_value_and_recency_first(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    plain = await _customer(store, "Plain", NUMBER, value=9000)
    quiet = await _customer(store, "Quiet", NUMBER, tier="gold", value=10)
    recent = await _customer(store, "Recent", NUMBER, tier="gold", value=10)
    rich = await _customer(store, "Rich", NUMBER, tier="gold", value=11)
    best = await _customer(store, "Best", NUMBER, tier="platinum")
    await _keep(database, _ended("c1", recent, clock.now()))
    found = await store.identify("voice", NUMBER)
    expected = [best.id, rich.id, recent.id, quiet.id, plain.id]
    assert [customer.id for customer in found.customers] == expected
    assert found.certain is None
    assert len(found.matched_by) == 5


async def test_a_switchboard_of_hundreds_is_cut_to_the_best(
    store: CustomerStore, database: Database
) -> None:
    for n in range(MAX_MATCHES + 5):
        await _customer(store, f"C{n}", NUMBER, value=n)
    found = await store.identify("voice", NUMBER)
    assert len(found.customers) == MAX_MATCHES
    assert found.customers[0].value == MAX_MATCHES + 4


async def test_account_manager_comes_before_the_last_agent(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    ann = await _customer(store, "Ann", NUMBER, account_manager="ben")
    await _keep(database, _ended("old", ann, clock.now() - 100, agent="gus"))
    await _keep(database, _ended("new", ann, clock.now(), agent="fay"))
    await _keep(database, _ended("lost", ann, clock.now(), agent="", outcome="abandoned"))
    assert (await store.identify("voice", NUMBER)).preferred_agents == ("ben", "fay")


async def test_the_last_agent_is_forgotten_after_thirty_days(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    ann = await _customer(store, "Ann", NUMBER)
    await _keep(database, _ended("c", ann, clock.now(), agent="fay"))
    clock.advance(LAST_AGENT_FOR)
    assert (await store.identify("voice", NUMBER)).preferred_agents == ("fay",)
    clock.advance(1)
    assert (await store.identify("voice", NUMBER)).preferred_agents == ()


async def test_of_several_customers_only_a_common_manager_is_preferred(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    first = await _customer(store, "First", NUMBER, account_manager="ben")
    await _keep(database, _ended("c", first, clock.now(), agent="fay"))
    second = await _customer(store, "Second", NUMBER, account_manager="ben")
    assert (await store.identify("voice", NUMBER)).preferred_agents == ("ben",)
    await store.update(second.id, CustomerFields(account_manager="gus"), second.version)
    assert (await store.identify("voice", NUMBER)).preferred_agents == ()


async def test_what_a_visitor_types_is_marked_as_typed(store: CustomerStore) -> None:
    ann = await store.create(
        CustomerFields(name="Ann"), [Identity(kind="email", value="Ann@Example.com")]
    )
    found = await store.identify("chat", "ann@example.com")
    assert found.certain is not None
    assert found.certain.id == ann.id
    assert found.matched_by == ("email ann@example.com (typed by the visitor)",)


# -- create, update, link ---------------------------------------------------------------------


async def test_a_new_customer_is_read_back_whole(store: CustomerStore) -> None:
    created = await store.create(
        CustomerFields(
            name="  李娜 \u202e ",
            tier="Gold",
            value=10**12,
            language="zh-TW",
            account_manager="chi",
            watch_out="Hard of hearing",
            why_valued="14 orders",
            external_id="X1",
            attributes={"plan": "fibre"},
        ),
        [
            Identity(kind="phone", value="01632 960001"),
            Identity(kind="phone", value=NUMBER),
            Identity(kind="chat", value="LiNa"),
        ],
    )
    assert created.name == "李娜"
    assert created.tier == "gold"
    assert created.version == 1
    assert created.identities == (
        Identity(kind="phone", value=NUMBER),
        Identity(kind="chat", value="lina"),
    )
    assert await store.record(created.id) == created


async def test_there_is_no_record_of_an_unknown_customer(store: CustomerStore) -> None:
    assert await store.record("nobody") is None
    assert await store.record("' OR 1=1 --") is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (CustomerFields(), "name"),
        (CustomerFields(name=" \0 "), "name"),
        (CustomerFields(name="x" * 201), "name"),
        (CustomerFields(name="A", tier="<b>"), "tier"),
        (CustomerFields(name="A", value=-1), "value"),
        (CustomerFields(name="A", value=10**13), "value"),
        (CustomerFields(name="A", language="english please"), "language"),
        (CustomerFields(name="A", attributes={str(n): "" for n in range(33)}), "attributes"),
        (CustomerFields(name="A", attributes={"x": "y" * 501}), "attributes"),
        (CustomerFields(name="A", watch_out="x" * 1_000_000), "watch_out"),
    ],
)
async def test_fields_out_of_bounds_are_refused_by_name(
    store: CustomerStore, fields: CustomerFields, field: str
) -> None:
    with pytest.raises(InvalidCustomer) as refused:
        await store.create(fields)
    assert refused.value.field == field
    assert await store.search("A") == ()


async def test_an_external_id_belongs_to_one_customer(store: CustomerStore) -> None:
    await _customer(store, "Ann", external_id="X1")
    ben = await _customer(store, "Ben")
    with pytest.raises(InvalidCustomer, match="Ann has"):
        await _customer(store, "Other", external_id="X1")
    with pytest.raises(InvalidCustomer, match="Ann has"):
        await store.update(ben.id, CustomerFields(external_id="X1"), ben.version)
    await _customer(store, "None", external_id="")
    await _customer(store, "None either", external_id="")


async def test_only_given_fields_change_and_the_version_counts(
    store: CustomerStore, clock: ManualClock
) -> None:
    ann = await _customer(store, "Ann", tier="gold", value=7)
    changed = await store.update(ann.id, CustomerFields(name="Ánn Díaz"), ann.version)
    assert (changed.name, changed.tier, changed.value) == ("Ánn Díaz", "gold", 7)
    assert changed.version == 2
    assert [c.customer.id for c in await store.search("ann diaz")] == [ann.id]


async def test_of_two_people_changing_at_once_one_is_told(store: CustomerStore) -> None:
    ann = await _customer(store, "Ann")
    outcomes = await asyncio.gather(
        *(store.update(ann.id, CustomerFields(value=n), ann.version) for n in (1, 2)),
        return_exceptions=True,
    )
    conflicts = [each for each in outcomes if isinstance(each, VersionConflict)]
    assert len(conflicts) == 1
    assert conflicts[0].current == 2
    with pytest.raises(UnknownCustomer):
        await store.update("nobody", CustomerFields(value=1), 1)


async def test_an_address_can_be_linked_and_taken_away(store: CustomerStore) -> None:
    ann = await _customer(store, "Ann")
    linked = await store.link_identity(ann.id, "phone", "01632 960001")
    again = await store.link_identity(ann.id, "phone", NUMBER)
    assert again == linked
    assert linked.version == 2
    assert (await store.identify("voice", NUMBER)).certain is not None
    await store.unlink_identity(ann.id, "phone", NUMBER)
    assert (await store.identify("voice", NUMBER)).customers == ()
    with pytest.raises(UnknownCustomer):
        await store.link_identity("nobody", "phone", NUMBER)
    for kind, value in [("phone", "twelve"), ("fax", NUMBER), ("email", "x@"), ("chat", " ")]:
        with pytest.raises(InvalidCustomer):
            await store.link_identity(ann.id, kind, value)


async def test_one_customer_has_fifty_addresses_at_most(store: CustomerStore) -> None:
    phones = [f"+4416329600{n:02d}" for n in range(50)]
    ann = await _customer(store, "Ann", *phones)
    with pytest.raises(InvalidCustomer, match="50 addresses"):
        await store.link_identity(ann.id, "phone", "+441632960099")
    with pytest.raises(InvalidCustomer, match="50 addresses"):
        await _customer(store, "Ben", *phones, "+441632960099")


@pytest.mark.parametrize(
    ("channel", "address", "kind", "value"),
    [
        ("voice", "01632 960001", "phone", NUMBER),
        ("chat", "Ann@Example.com", "email", "ann@example.com"),
        ("chat", "+44 1632 960001", "phone", NUMBER),
        ("chat", "  Annie ", "chat", "annie"),
    ],
)
async def test_the_address_a_contact_came_from_is_remembered_as_what_it_most_likely_is(
    store: CustomerStore, channel: str, address: str, kind: str, value: str
) -> None:
    ann = await _customer(store, "Ann")
    remembered = await store.remember(ann.id, channel, address)
    assert remembered == Identity(kind=kind, value=value)
    assert (await store.identify(channel, address)).certain is not None
    assert await store.remember(ann.id, channel, address) is None
    record = await store.record(ann.id)
    assert record is not None
    assert (record.identities, record.version) == ((remembered,), 2)


@pytest.mark.parametrize("address", ["", "anonymous", "\0", "+" * 10_000])
async def test_a_withheld_number_is_nothing_to_remember(store: CustomerStore, address: str) -> None:
    ann = await _customer(store, "Ann")
    assert await store.remember(ann.id, "voice", address) is None
    assert await store.record(ann.id) == ann


async def test_remembering_has_the_limits_of_linking(store: CustomerStore) -> None:
    ann = await _customer(store, "Ann", *(f"+4416329600{n:02d}" for n in range(50)))
    with pytest.raises(InvalidCustomer, match="50 addresses"):
        await store.remember(ann.id, "voice", "+441632960099")
    with pytest.raises(UnknownCustomer):
        await store.remember("nobody", "voice", NUMBER)


async def test_two_who_remember_the_same_at_once_link_it_once(store: CustomerStore) -> None:
    ann = await _customer(store, "Ann")
    found = await asyncio.gather(*(store.remember(ann.id, "voice", NUMBER) for _ in range(4)))
    assert sorted(one is None for one in found) == [False, True, True, True]


async def test_notes_are_kept_newest_first_without_controls(
    store: CustomerStore, clock: ManualClock
) -> None:
    ann = await _customer(store, "Ann")
    await store.add_note(ann.id, "first\0\r\nline", "ben")
    clock.advance(1)
    await store.add_note(ann.id, "<script>alert(1)</script>", "ben")
    record = await store.record(ann.id)
    assert record is not None
    assert [note.text for note in record.notes] == ["<script>alert(1)</script>", "first\nline"]
    for words in ("", " \n ", "x" * 4_001, "x" * 1_000_000):
        with pytest.raises(InvalidCustomer):
            await store.add_note(ann.id, words, "ben")
    with pytest.raises(UnknownCustomer):
        await store.add_note("nobody", "x", "ben")


# -- past contacts ----------------------------------------------------------------------------


async def test_recording_a_contact_again_replaces_it(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    ann = await _customer(store, "Ann")
    line = Message(id="m1", author="customer", text="你好 🙂", at=5)
    first = _ended("c1", ann, clock.now(), transcript=(line,))
    await _keep(database, first)
    await _keep(database, first)
    await _keep(database, _ended("c1", ann, clock.now(), disposition="Solved"))
    await _keep(database, _ended("c0", ann, clock.now() - 1, transcript=(line,)))
    record = await store.record(ann.id)
    assert record is not None
    assert [(past.contact, past.disposition) for past in record.history] == [
        ("c1", "Solved"),
        ("c0", ""),
    ]
    assert await store.transcript(ann.id, "c0") == (line,)
    assert await store.transcript(ann.id, "c1") == ()
    assert await store.transcript(ann.id, "unknown") is None


async def test_a_transcript_is_shown_with_its_own_customer_only(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    ann, ben = await _customer(store, "Ann"), await _customer(store, "Ben")
    await _keep(database, _ended("c1", ann, clock.now()))
    assert await store.transcript(ann.id, "c1") == ()
    assert await store.transcript(ben.id, "c1") is None


async def test_a_contact_of_a_customer_who_is_gone_is_kept_without_one(
    database: Database, store: CustomerStore, clock: ManualClock
) -> None:
    gone = CustomerRecord(id="gone", name="")
    await _keep(database, _ended("c1", gone, clock.now()))
    query = text("SELECT contact, customer_id FROM past_contacts")
    rows = await database.ask(lambda connection: connection.execute(query).all())
    assert rows == [("c1", None)]


# -- search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("mar", ["María Díaz", "Marla", "Rosemarie"]),
        ("MARÍA DI", ["María Díaz"]),
        ("diaz", ["María Díaz"]),
        ("李", ["李娜"]),
        ("娜", ["李娜"]),
        ("01632 960001", ["Marla"]),
        ("+44 1632 96", ["Marla"]),
        ("960001", ["Marla"]),
        ("ROSE@example.com", ["Rosemarie"]),
        ("rose@", ["Rosemarie"]),
        ("rosem", ["Rosemarie"]),
        ("%", ["100% Fun_Ltd"]),
        ("_", ["100% Fun_Ltd"]),
        ("zzz", []),
        ("", []),
        (" \0 ", []),
        ("'; DROP TABLE customers; --", []),
        ("x" * 100_000, []),
        ("\ud800", []),
    ],
)
async def test_search_finds_names_numbers_and_mail_addresses(
    store: CustomerStore, typed: str, names: list[str]
) -> None:
    await _customer(store, "María Díaz")
    await _customer(store, "Marla", NUMBER)
    await _customer(store, "李娜")
    await _customer(store, "100% Fun_Ltd")
    await store.create(
        CustomerFields(name="Rosemarie"), [Identity(kind="email", value="rose@example.com")]
    )
    found = await store.search(typed)
    assert sorted(each.customer.name for each in found) == sorted(names)


async def test_search_says_why_and_is_bounded(store: CustomerStore) -> None:
    for n in range(8):
        await _customer(store, f"Same {n}", NUMBER)
    found = await store.search(NUMBER, limit=5)
    assert len(found) == 5
    assert {each.matched_by for each in found} == {f"phone {NUMBER}"}
    assert (await store.search("Same"))[0].matched_by == "name"


async def test_names_that_begin_with_it_come_before_names_that_contain_it(
    store: CustomerStore,
) -> None:
    await _customer(store, "Aaron Ben")
    await _customer(store, "Ben Aaron")
    found = await store.search("ben")
    assert [each.customer.name for each in found] == ["Ben Aaron", "Aaron Ben"]


@given(typed=st.text(max_size=120), channel=st.sampled_from(["voice", "email", "chat", "other"]))
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_no_text_breaks_search_or_identify(
    store: CustomerStore, typed: str, channel: str
) -> None:
    assert await store.search(typed) == ()
    assert (await store.identify(channel, typed)).customers == ()
