"""The page of what we support says what the program does: each fact is compared with the table that it is read from."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from beckn_schemas.ack import NOT_SENT
from bpp.actions.execute import ACTIONS
from bpp.app import proved_flows
from bpp.domains.normalize import RULES
from bpp.domains.profile import PROFILES
from bpp.inbound.docs_html import docs_html
from bpp.inbound.docs_sections import section
from bpp.inbound.error_table import error_classes
from bpp.orders.states import HOME_SERVICE
from catalog.codes import ondc_codes
from tests.support.network import Network, running_network


async def got(network: Network, path: str):
    async with network.session.get(f"{network.url}{path}") as answer:
        assert answer.status == 200
        return answer, await (answer.json() if path.endswith("json") else answer.text())


class Read(HTMLParser):
    """What a browser would load and show: tags that are open, addresses, texts of cells."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        self.loaded += [found[key] for key in ("src", "srcset", "data") if key in found]
        self.loaded += [found["href"]] if tag == "link" else []
        self.ids += [found["id"]] if "id" in found else []
        if tag == "a":
            self.anchors.append(found["href"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


async def test_the_facts_for_programs_are_those_of_the_tables(network: Network):
    _, facts = await got(network, "/docs.json")

    def column(key, name):
        return [row[name] for row in facts[key]["rows"]]

    assert column("domains", "domain") == list(PROFILES)
    assert column("actions", "action") == list(ACTIONS)
    assert column("flows", "flow") == [one.name for one in proved_flows()]
    assert len(column("states", "event")) == len(HOME_SERVICE)
    assert column("spellings", "where") == [one.path for one in RULES]
    assert column("errors", "code") == [one.code for one in error_classes()]
    assert column("errors_not_sent", "code") == list(NOT_SENT)
    assert column("categories", "code")[: len(ondc_codes())] == list(ondc_codes())
    limits = {row["setting"]: row["value"] for row in facts["limits"]["rows"]}
    assert limits["BPP_MAX_BODY"] == str(network.settings.max_body)
    timing = {row["setting"]: row["value"] for row in facts["timing"]["rows"]}
    assert (timing["BPP_SLOT_HOLD"], timing["BPP_FRESHNESS"]) == ("PT10M", "off")


async def test_what_is_offered_now_is_counted_in_the_running_catalog(network: Network):
    _, facts = await got(network, "/docs.json")

    places = {row["district"]: row for row in facts["places"]["rows"]}
    assert "std:0522" in places["Lucknow"]["city.code"]
    offered = {row["code"]: int(row["offered now"]) for row in facts["categories"]["rows"]}
    assert offered["SRV11-1047"] >= 1
    assert sum(offered.values()) < len(ondc_codes()) * 10
    assert {"PRE-FULFILLMENT"} <= {row["type"] for row in facts["payments"]["rows"]}
    assert facts["cancellation_terms"]["rows"]
    assert facts["reschedule_terms"]["rows"]


async def test_a_provider_that_is_suspended_is_no_longer_counted(network: Network):
    _, before = await got(network, "/docs.json")
    status, _ = await network.call("POST", "/providers/P-GOMTI/events", {"event": "suspend", "reason": "a test"})
    assert status == 200
    _, after = await got(network, "/docs.json")

    def sold(facts):
        return sum(int(row["offered now"]) for row in facts["categories"]["rows"])

    assert sold(after) < sold(before)


async def test_the_page_holds_every_fact_loads_nothing_and_every_link_within_it_leads_somewhere(network: Network):
    answer, text = await got(network, "/docs")
    _, facts = await got(network, "/docs.json")

    read = Read(text)
    assert (read.open, read.loaded) == ([], [])
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"url\(|@import|<script", text)
    assert {one[1:] for one in read.anchors if one.startswith("#")} == set(read.ids) == set(facts) - {"links"}
    assert {one for one in read.anchors if not one.startswith("#")} == set(facts["links"].values())
    for row in facts["errors"]["rows"]:
        assert row["code"] in text


async def test_every_link_of_the_server_itself_answers(network: Network):
    _, facts = await got(network, "/docs.json")

    for url in facts["links"].values():
        if url.startswith(network.url):
            await got(network, url.removeprefix(network.url))


def test_everything_on_the_page_is_escaped():
    evil = "<img src=x onerror=alert(1)>\"'&"
    rows = section("key", evil, (evil,), ((evil,),), evil)

    text = docs_html(evil, (rows,), {evil: evil}, (evil,))

    assert "<img" not in text
    assert Read(text).open == []


async def test_outside_the_sandbox_nothing_of_it_is_told(sqlite_url, tmp_path, clock):
    async with running_network(sqlite_url, tmp_path, clock) as network:
        inside = (await got(network, "/docs"))[1]
    assert "bpp sandbox register" in inside
    from bpp.inbound.docs import joining, links_of  # noqa: PLC0415

    outside = network.settings.model_copy(update={"env": "preprod"})
    assert joining(outside) == ()
    assert list(links_of(outside)) == ["the same for programs", "health", "grievances, for consumers"]
