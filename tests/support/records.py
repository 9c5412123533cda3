"""Records of tags, made by hand."""

from gto_action.gto.record import Signature, TagRecord


def records(text: str) -> list[TagRecord]:
    """`name commit time`, one a line; a time of `-` is none."""
    made = []
    for line in text.strip().splitlines():
        name, commit, time = line.split()
        signature = Signature("Ada", "ada@example.com", None if time == "-" else int(time))
        made.append(TagRecord(name, f"oid of {name}", commit, "commit", inner_name=name, signature=signature))
    return made


def record(name: str, time: int | None, commit: str = "a" * 40, *, annotated: bool = True) -> TagRecord:
    return TagRecord(name, "0" * 40, commit, "commit", annotated, name if annotated else "", Signature(time=time))
