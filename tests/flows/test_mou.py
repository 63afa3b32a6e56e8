"""The page of an MOU: who has its address reads what was drawn up, nobody else anything."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from tests.bpp.operator.test_projects import BID, HOUSE
from tests.support.network import Network


async def test_the_two_sides_read_the_mou_that_was_drawn_up_and_nobody_else_does(network: Network) -> None:
    async def event(**body):
        status, project = await network.call("POST", f"/projects/{key}/events", body)
        assert status == 200, project
        return project

    async def fetched(url):
        async with network.session.get(url) as answer:
            return answer.status, await answer.text(), answer.headers

    _, project = await network.call("POST", "/projects", HOUSE)
    key = project["id"]
    bid = (await event(**BID))["bids"][0]["id"]
    mou = (await event(event="select", bid_id=bid, name="Meera Demo"))["mou"]
    url, digest = mou["url"], mou["digest"]

    status, page, headers = await fetched(url)
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    assert 'lang="hi"' in page
    assert digest in page
    assert (await fetched(f"{url[:-1]}{'0' if url[-1] != '0' else '1'}"))[0] == 404
    assert (await fetched(url.replace(key, "none")))[0] == 404

    await event(event="accept_mou", side="provider", name="Ravi <Demo>", digest=digest)
    assert "Ravi &lt;Demo&gt;" in (await fetched(url))[1]
    database = create_engine(network.settings.database_url.replace("+aiosqlite", ""))
    with database.begin() as connection:
        connection.execute(text("UPDATE projects SET doc = replace(doc, '118000.00', '218000.00')"))
    status, page, _ = await fetched(url)
    refused, _ = await network.call(
        "POST",
        f"/projects/{key}/events",
        {"event": "accept_mou", "side": "consumer", "name": "Meera Demo", "digest": digest},
    )
    database.dispose()
    assert (status, refused) == (500, 409)
    assert "218000" not in page

    with database.begin() as connection:
        connection.execute(text("UPDATE projects SET doc = replace(doc, '218000.00', '118000.00')"))
    database.dispose()
    await event(event="decline_mou", side="consumer", name="Meera Demo", reason="too dear")
    assert (await fetched(url))[0] == 404
