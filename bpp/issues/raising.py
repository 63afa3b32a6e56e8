"""A complaint of ours against a buyer app: what it is about, who is in it. Source: network reference 1.4 (Flow 2)."""

from __future__ import annotations

from beckn_schemas.igm_codes import V2, IgmVersion
from bpp.issues.clock import DEFAULT, Expectations
from bpp.issues.facts import OrderFacts
from bpp.issues.model import Actor, Complaint, Issue, Json, Person, Ref, Side, Stamp
from bpp.issues.steps import Acting, Saying, raised

PROVIDER_ID = "PROVIDER"
COUNTERPARTY_ID = "COUNTERPARTY_NP"
"""Ids of actors in a complaint of ours; they mean something in it alone."""


def complaint_of_ours(
    order: OrderFacts,
    complaint: Complaint,
    saying: Saying,
    acting: Acting,
    *,
    echo: Json,
    provider: Person,
    fulfillment_id: str = "",
    item_counts: tuple[tuple[str, int], ...] = (),
    version: IgmVersion = V2,
    times: Expectations = DEFAULT,
) -> Issue:
    """An issue that we raise about an order, opened now; its message is ``wire.issue_message``.

    ``echo`` is made by ``own_echo``. ``provider`` is for whom we complain. Each complaint refers to a visit: the first
    where none is named.
    """
    visit = fulfillment_id or order.visits[0].id
    refs = [
        Ref(ref_type="ORDER", ref_id=order.order_id),
        Ref(ref_type="PROVIDER", ref_id=order.provider_id),
        Ref(ref_type="FULFILLMENT", ref_id=visit),
        *(Ref(ref_type="ITEM", ref_id=item_id, count=count) for item_id, count in item_counts),
    ]
    now = Stamp.of(acting.now)
    buyer = Person(org=f"{echo['bap_id']}::{echo['domain']}")
    own = Person(
        org=f"{acting.desk.subscriber_id}::{echo['domain']}",
        name=provider.name,
        phone=provider.phone,
        email=provider.email,
    )
    issue = Issue(
        id=acting.new_id(),
        version=version,
        we=Side.COMPLAINANT,
        echo=echo,
        order_ref=order.ref,
        created=now,
        level_from=now.at,
        expected_response=times.response,
        expected_resolution=times.resolution,
        refs=tuple(refs),
        actors=(
            Actor(id=PROVIDER_ID, type="PROVIDER", person=own),
            Actor(id=COUNTERPARTY_ID, type="COUNTERPARTY_NP", person=buyer),
        ),
        source_id=PROVIDER_ID,
        respondent_ids=(COUNTERPARTY_ID,),
        complaint=complaint,
    )
    return raised(issue, saying, acting)
