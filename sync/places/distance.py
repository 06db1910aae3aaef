"""Metres between two positions on the WGS84 ellipsoid, by geopy: the one ruler of the house."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geopy.distance import geodesic


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The length of the geodesic between two positions given in degrees."""
    kilometres: float = _ruler().measure((lat, lon), (other_lat, other_lon))
    return kilometres * 1000


@cache
def _ruler() -> geodesic:
    """One ruler for all: a new one works out its series anew, which costs a quarter of the time."""
    from geopy.distance import geodesic  # brings all of geopy's web clients with it: only for who measures

    return geodesic()
