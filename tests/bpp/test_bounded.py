"""What keeps memory flat: buckets, the most recent entries, and names that end."""

from __future__ import annotations

from datetime import timedelta

from bpp.bounded import OTHERS, Names, Recent, TokenBucket
from tests.support.clock import FakeClock


def test_a_bucket_says_how_long_to_wait_for_a_token(clock: FakeClock) -> None:
    bucket = TokenBucket(per_second=0.5, burst=1)

    assert bucket.wait(clock()) == 0
    assert bucket.spend(clock())
    assert bucket.wait(clock()) == 2
    clock.tick(seconds=1.5)
    assert bucket.wait(clock()) == 0.5
    assert not bucket.spend(clock() - timedelta(hours=1))  # a clock that is set back fills nothing


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)

    assert (recent.get("b"), recent.get("a"), recent.get("c"), len(recent)) == (None, 1, 3, 2)


def test_only_so_many_names_stand_for_themselves() -> None:
    names = Names(2)

    assert [names.of(one) for one in ("a", "b", "c", "a", "d")] == ["a", "b", OTHERS, "a", OTHERS]
