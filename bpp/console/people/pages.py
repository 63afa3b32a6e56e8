"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.menu import Entry
from bpp.console.page import Deed, Page
from bpp.console.people.done import (
    NewPersonForm,
    PasswordForm,
    PlaceForm,
    add,
    deed_of,
    hash_password,
    set_password,
    set_place,
)
from bpp.console.people.shown import (
    DoorQuery,
    PeopleQuery,
    read_door,
    read_new_person,
    read_people,
    read_person,
    read_reads,
)
from bpp.core.people import disable, enable, end_sessions, take_second_factor, unlock
from bpp.operator.audit import ReadQuery
from bpp.people.model import Role

ADMINISTRATORS = frozenset({Role.ADMIN})

PAGES: tuple[Page, ...] = (
    Page(
        path="/people",
        name="people",
        title=msg("Who signs in"),
        roles=ADMINISTRATORS,
        read=read_people,
        template="people_list.html",
        query=PeopleQuery,
    ),
    Page(
        path="/people/new",
        name="people-new",
        title=msg("Add somebody"),
        roles=ADMINISTRATORS,
        read=read_new_person,
        template="people_new.html",
    ),
    Page(
        path="/people/{person}",
        name="person",
        title=msg("Somebody who signs in"),
        roles=ADMINISTRATORS,
        read=read_person,
        template="people_one.html",
    ),
    Page(
        path="/audit/door",
        name="audit-door",
        title=msg("Sign-ins"),
        roles=ADMINISTRATORS,
        read=read_door,
        template="people_door.html",
        query=DoorQuery,
    ),
    Page(
        path="/audit/reads",
        name="audit-reads",
        title=msg("Who read what"),
        roles=ADMINISTRATORS,
        read=read_reads,
        template="people_reads.html",
        query=ReadQuery,
    ),
)
DEEDS: tuple[Deed, ...] = (
    Deed(
        path="/people/new",
        name="person-add",
        roles=ADMINISTRATORS,
        act=add,
        page="people-new",
        said=msg("Added. The password must be changed at the first sign-in."),
        form=NewPersonForm,
        prepare=hash_password,
    ),
    Deed(
        path="/people/{person}/role",
        name="person-role",
        roles=ADMINISTRATORS,
        act=set_place,
        page="person",
        said=msg("The role was changed. Every browser of this person is signed out."),
        form=PlaceForm,
    ),
    Deed(
        path="/people/{person}/password",
        name="person-password",
        roles=ADMINISTRATORS,
        act=set_password,
        page="person",
        said=msg("The password was given. It must be changed at the next sign-in."),
        form=PasswordForm,
        prepare=hash_password,
    ),
    Deed(
        path="/people/{person}/second-factor",
        name="person-reset",
        roles=ADMINISTRATORS,
        act=deed_of(take_second_factor),
        page="person",
        said=msg("The second factor was taken away. Every browser of this person is signed out."),
    ),
    Deed(
        path="/people/{person}/unlock",
        name="person-unlock",
        roles=ADMINISTRATORS,
        act=deed_of(unlock),
        page="person",
        said=msg("Unlocked."),
    ),
    Deed(
        path="/people/{person}/disable",
        name="person-disable",
        roles=ADMINISTRATORS,
        act=deed_of(disable),
        page="person",
        said=msg("Disabled, and signed out everywhere."),
    ),
    Deed(
        path="/people/{person}/enable",
        name="person-enable",
        roles=ADMINISTRATORS,
        act=deed_of(enable),
        page="person",
        said=msg("Enabled."),
    ),
    Deed(
        path="/people/{person}/sessions",
        name="person-out",
        roles=ADMINISTRATORS,
        act=deed_of(end_sessions),
        page="person",
        said=msg("Signed out everywhere."),
    ),
)
ENTRIES: tuple[Entry, ...] = (
    Entry(page="people", title=msg("Who signs in"), roles=ADMINISTRATORS),
    Entry(page="audit-door", title=msg("Sign-ins"), roles=ADMINISTRATORS),
    Entry(page="audit-reads", title=msg("Who read what"), roles=ADMINISTRATORS),
)
