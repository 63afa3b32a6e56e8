"""From a stored callback to the peer: claimed, signed anew for each attempt, posted, judged, recorded."""
