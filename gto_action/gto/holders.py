"""Tracks which version each stage holds, tag by tag (R18)."""

from collections import defaultdict
from collections.abc import Iterable
from heapq import heappop, heappush

from gto_action.gto.growth import GrowingVersion
from gto_action.gto.names import StageName
from gto_action.gto.rules import Rank, rank_of


class Holders:
    """The version that each stage holds, by the ranks of versions for it."""

    def __init__(self) -> None:
        """Begins without a stage."""
        self._ranks: dict[StageName, dict[GrowingVersion, Rank | None]] = defaultdict(dict)
        self._ranked: dict[StageName, list[tuple[Rank, GrowingVersion]]] = defaultdict(list)
        """Heaps of the ranks that versions have or had; no two versions have the same rank."""

    def note(self, stage: StageName, versions: Iterable[GrowingVersion]) -> None:
        """Notes that the ranks of some versions for a stage may have changed."""
        ranks, ranked = self._ranks[stage], self._ranked[stage]
        for version in versions:
            rank = rank_of(version, stage)
            if rank and rank != ranks.get(version):
                heappush(ranked, (rank, version))
            ranks[version] = rank

    def holder(self, stage: StageName) -> GrowingVersion | None:
        """The version that a stage holds; None if it holds none."""
        ranks, ranked = self._ranks[stage], self._ranked[stage]
        while ranked:
            rank, version = ranked[0]
            if rank == ranks[version]:
                return version
            heappop(ranked)
        return None
