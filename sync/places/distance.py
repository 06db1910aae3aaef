"""Metres between two positions on the WGS84 ellipsoid, by geopy: the one ruler of the house."""

from __future__ import annotations

from geopy.distance import geodesic

# One ruler for all: a new geodesic() works out its series anew, which costs a quarter of the time.
_RULER = geodesic()


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The length of the geodesic between two positions given in degrees."""
    kilometres: float = _RULER.measure((lat, lon), (other_lat, other_lon))
    return kilometres * 1000
