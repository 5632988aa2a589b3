"""DUO open data: from files per school location to counts per swv (U-1, U-3, U-4)."""

from lwoopro.duo.result import DuoResult, EvidenceCount, Summary, build, write

__all__ = ["DuoResult", "EvidenceCount", "Summary", "build", "write"]
