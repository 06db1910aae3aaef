"""How answers travel: the OpenRosa wire, what counts as the same submission, and where a place is."""
