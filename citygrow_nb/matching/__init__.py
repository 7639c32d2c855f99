"""Who could mentor whom: matches over a whole network, with reasons. Pure functions; needs the extra ``mentoring``."""

from citygrow_nb.matching.assignment import is_available
from citygrow_nb.matching.network import Member, Network
from citygrow_nb.matching.pairing import LIMIT, Pairing

__all__ = ["LIMIT", "Member", "Network", "Pairing", "is_available"]
