"""What must, may and may not be chosen with a service that is made to order. Source: protocol 3; assertion 24."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Do
from bpp.sandbox import messages
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.moments import IST
from bpp.sandbox.offers import Choice

MIDDAY = 12
"""The hour in India for which things are ordered: what is made to order may be had at some hours alone."""
ANY = 99


def chooses() -> Do:
    """Choose what must be chosen where the plan names nothing, and a start about noon, if there is one.

    The last one, since choices lengthen a visit, and the next days are booked first.
    """

    def choose(play: Play) -> None:
        noons = [one for one in play.wanted.starts if one.astimezone(IST).hour in (MIDDAY, MIDDAY + 1)]
        play.start = noons[-1] if noons else play.start
        play.choices = play.choices or needed(play)

    return Do(name="choose", does=choose)


def needed(play: Play) -> dict[str, int]:
    """One unit of as many choices as must be made, by item id."""
    chosen: dict[str, int] = {}
    for category, rule in rules(play).items():
        if rule.get("mandatory_selection") != "true":
            continue
        among = [one.item_id for one in _among(play, category) if _at_midday(play, one)]
        missing = int(rule.get("min_selection", "1")) - len([one for one in among if one in chosen])
        chosen |= dict.fromkeys([one for one in among if one not in chosen][: max(missing, 0)], 1)
    return chosen


def nothing_chosen(play: Play, order: Json) -> None:
    """The service alone, though something must be chosen with it. Raises ``Impossible``."""
    if not any(rule.get("mandatory_selection") == "true" for rule in rules(play).values()):
        raise Impossible("nothing must be chosen with this service")
    order["items"] = _items(play, {})


def too_much_chosen(play: Play, order: Json) -> None:
    """All choices of the first category that allows fewer of them. Raises ``Impossible``."""
    for category, rule in rules(play).items():
        every = [one.item_id for one in _among(play, category)]
        if len(every) > int(rule.get("max_selection", ANY)):
            order["items"] = _items(play, {**play.choices, **dict.fromkeys(every, 1)})
            return
    raise Impossible("no category of this service has more choices than may be made")


def rules(play: Play) -> Mapping[str, Mapping[str, str]]:
    """What the catalog says of choosing, by category of the wanted service's choices: the codes of ``selection``."""
    categories = _categories(play)
    used = {one for choice in play.wanted.choices for one in choice.category_ids}
    used |= {str(categories[one].get("parent_category_id")) for one in used if one in categories}
    return {key: dict(_tag(one, "selection")) for key, one in categories.items() if key in used}


def provider(play: Play) -> Json:
    """The chosen provider as the catalog shows it."""
    providers: list[Json] = play.got("on_search").message["catalog"]["providers"]
    return next(one for one in providers if one["id"] == play.wanted.provider_id)


def _items(play: Play, choices: Mapping[str, int]) -> list[Json]:
    start = play.start or play.wanted.starts[0]
    message = messages.select_message(play.wanted, start, play.stage.plan.place, choices=choices)
    items: list[Json] = message["order"]["items"]
    return items


def _among(play: Play, category: str) -> list[Choice]:
    """The choices of a category and of its parts."""
    parts = {key for key, one in _categories(play).items() if one.get("parent_category_id") == category}
    return [one for one in play.wanted.choices if {category, *parts} & {*one.category_ids}]


def _at_midday(play: Play, choice: Choice) -> bool:
    hours = [dict(_tag(one, "schedule")) for key, one in _categories(play).items() if key in choice.category_ids]
    dated = [one for one in hours if "start_time" in one]
    return not dated or any(one["start_time"] <= f"{MIDDAY}:00" < one["end_time"] for one in dated)


def _categories(play: Play) -> dict[str, Json]:
    return {str(one["id"]): one for one in provider(play).get("categories") or ()}


def _tag(category: Json, code: str) -> Iterator[tuple[str, str]]:
    for group in category.get("tags") or ():
        if part(group, "descriptor").get("code") == code:
            for entry in group["list"]:
                yield str(entry["descriptor"]["code"]), str(entry["value"])
