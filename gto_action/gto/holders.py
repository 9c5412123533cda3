"""Tracks which version each stage holds, tag by tag (R18)."""

from heapq import heappop, heappush

from gto_action.gto.growth import GrowingVersion
from gto_action.gto.names import StageName
from gto_action.gto.rules import Rank, rank_of


class Holders:
    """The version that each stage holds, by the ranks of versions for it."""

    def __init__(self) -> None:
        """Begins without a stage."""
        self._ranks: dict[tuple[GrowingVersion, StageName], Rank | None] = {}
        self._ranked: dict[StageName, list[tuple[Rank, GrowingVersion]]] = {}
        """Heaps of the ranks that versions have or had; no two versions have the same rank."""

    def note(self, version: GrowingVersion, stage: StageName) -> None:
        """Notes that a version's rank for a stage may have changed."""
        rank = rank_of(version, stage)
        if rank and rank != self._ranks.get((version, stage)):
            heappush(self._ranked.setdefault(stage, []), (rank, version))
        self._ranks[version, stage] = rank

    def holder(self, stage: StageName) -> GrowingVersion | None:
        """The version that a stage holds; None if it holds none."""
        ranked = self._ranked.get(stage)
        while ranked:
            rank, version = ranked[0]
            if rank == self._ranks[version, stage]:
                return version
            heappop(ranked)
        return None
