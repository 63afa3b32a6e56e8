"""Bank details of providers and workers: kept sealed, opened for payouts and for who may see them, sealed anew."""

from __future__ import annotations

from datetime import datetime

import orjson

from bpp.core.privacy import PersonalData, Reader, note_read
from bpp.core.world import World
from bpp.ledger.model import Party
from bpp.parties.bank import BankDetails, checked, masked
from bpp.parties.model import PartyEvent, Subject
from bpp.parties.vault import Vault
from bpp.storage.ports import Work
from bpp.storage.ports_parties import SealedDetails

_SUBJECTS: dict[Party, Subject] = {Party.PROVIDER: "provider", Party.WORKER: "worker"}
_AT_ONCE = 500


async def keep_bank_details(
    party: Party, party_id: str, details: BankDetails, actor: str, work: Work, world: World
) -> None:
    """Seal and keep the details of a provider or worker, whose history says that they changed, not how.

    Raises NotPossible for details that are none.
    """
    value = orjson.dumps(
        {"beneficiary": details.beneficiary, "account": details.account, "ifsc": details.ifsc, "upi": details.upi}
    )
    checked(details)
    await _put(party, party_id, value, world.vault, work, world.now)
    event = PartyEvent(at=world.now, subject=_SUBJECTS[party], subject_id=party_id, event="bank_details", actor=actor)
    await work.parties.record(event)


async def bank_details(party: Party, party_id: str, work: Work, vault: Vault) -> BankDetails | None:
    """The details of a provider or worker, in full, or None where there are none.

    Raises SealBroken where they do not open: they were another's, were changed, or their key is not in the settings.
    Who shows them to a person goes through ``shown_bank_details``.
    """
    sealed = await work.parties.bank(party, party_id)
    return None if sealed is None else BankDetails(**orjson.loads(vault.open((party, party_id), sealed)))


async def shown_bank_details(
    party: Party, party_id: str, reader: Reader, work: Work, world: World
) -> BankDetails | None:
    """The details as the reader may see them: in full, which is noted, or masked. Raises as ``bank_details`` does."""
    details = await bank_details(party, party_id, work, world.vault)
    if details is None or not reader.sees(PersonalData.ACCOUNT):
        return details and masked(details)
    await note_read(reader, "bank", f"{party}:{party_id}", work, world)
    return details


async def reseal(work: Work, vault: Vault, now: datetime) -> int:
    """Seal with the first key what an earlier one sealed; how many there were. Raises SealBroken as above."""
    done = 0
    while found := await work.parties.sealed_otherwise(vault.key_id, _AT_ONCE):
        for one in found:
            party = Party(one.party)
            await _put(party, one.party_id, vault.open((party, one.party_id), one.sealed), vault, work, now)
        done += len(found)
    return done


async def _put(party: Party, party_id: str, value: bytes, vault: Vault, work: Work, now: datetime) -> None:
    sealed = vault.seal((party, party_id), value)
    await work.parties.put_bank(SealedDetails(party=party.value, party_id=party_id, sealed=sealed), now)
