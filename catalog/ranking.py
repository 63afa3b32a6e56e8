"""How near and how good: the measures shared by the order of search results and the choice of a worker."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta

from catalog.model import Rating

DISTANCE_BANDS_KM = (2.0, 5.0, 10.0)
SETTING_OFF = timedelta(minutes=10)
PER_KM = timedelta(minutes=4)  # 15 km/h as the crow flies: a motorcycle in a town, with its detours
PRIOR_MEAN, PRIOR_WEIGHT = 4.0, 5  # a subject with few ratings is taken as an ordinary one


def distance_band(km: float) -> int:
    """0 within 2 km, 1 within 5, 2 within 10, 3 beyond (decision 19)."""
    return bisect_left(DISTANCE_BANDS_KM, km)


def bayesian(rating: Rating) -> float:
    """A mean of 1 to 5 drawn towards an ordinary one while ratings are few."""
    return (PRIOR_MEAN * PRIOR_WEIGHT + rating.sum) / (PRIOR_WEIGHT + rating.count)


def travel_time(km: float) -> timedelta:
    """How long a worker who is told now needs to be at a place so far away in a straight line; an estimate."""
    return SETTING_OFF + km * PER_KM
