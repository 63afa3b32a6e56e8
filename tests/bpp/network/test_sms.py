"""Text messages go to the gateway that the settings name, and it is known whether they were taken."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bpp.network.sms import Gateway, Nowhere, Printed, sender_of


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as one:
        yield one


async def sent_to(session, answer, token):
    """What came to a gateway that answers so, and what its caller was told."""
    came = []

    async def take(request):
        came.append((request.headers.get("Authorization"), await request.json()))
        return answer

    app = web.Application()
    app.router.add_post("/send", take)
    async with TestServer(app) as server:
        return await Gateway(str(server.make_url("/send")), token, session).send("9800000000", "नमस्ते"), came


async def test_a_text_is_posted_with_its_telephone_and_the_token(session):
    taken, came = await sent_to(session, web.Response(status=202), "a token")

    assert taken
    assert came == [("Bearer a token", {"phone": "9800000000", "text": "नमस्ते"})]


async def test_without_a_token_none_is_sent(session):
    _, ((authorization, _),) = await sent_to(session, web.Response(), "")

    assert authorization is None


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_what_a_gateway_does_not_take_is_said_and_no_redirection_is_followed(session, status):
    taken, came = await sent_to(session, web.Response(status=status, headers={"Location": "/send"}), "")

    assert (taken, len(came)) == (False, 1)


async def test_a_gateway_that_is_not_there_is_said(session):
    assert not await Gateway(f"http://127.0.0.1:{unused_port()}/send", "", session).send("9800000000", "text")


async def test_the_settings_decide_who_sends(session):
    assert isinstance(sender_of("https://sms.example/send", "", session, printed=True), Gateway)
    assert isinstance(sender_of("", "", session, printed=True), Printed)
    assert isinstance(sender_of("", "", session, printed=False), Nowhere)
    assert not await Nowhere().send("9800000000", "text")
