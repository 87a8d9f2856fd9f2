"""Pairing: which two documents to judge next, and why.

Owns the selection of pairs, one or many at once. Promises that chance decides which is shown first, and that a judge is
not given a pair again while there is another.
May import `documents`, `ledger`, `ratings`.
"""

from egregora_elo.pairing._selection import Proposal, propose, propose_many

__all__ = ["Proposal", "propose", "propose_many"]
