"""What the tag objects themselves say, and the commits that they are on: more than records have of them."""

from collections.abc import Iterable

from gto_action.git.tags import Tags
from gto_action.gto.limits import Raw, fault_of_commit, fault_of_tag
from gto_action.gto.record import TagRecord
from gto_action.gto.tag import EventKind, parse_tag


def read_raw(tags: Tags, records: Iterable[TagRecord]) -> dict[str, Raw]:
    """What the tag objects say that have a GTO tag's name, by that name.

    Args:
        tags: gives the objects.
        records: of the tags that are asked about.

    :raises GitError: if git cannot read what it has fetched.
    """
    records = list(records)
    named = {record.oid: (record, tag) for record in records if record.annotated and (tag := parse_tag(record.name))}
    found: dict[str, Raw] = {}
    for each in tags.scan(named):
        target = each.head.partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")
        fault = fault_of_tag(each.head, has_text=each.has_text, is_utf8=each.is_utf8)
        found[each.oid] = Raw(target, fault)
    inner = (
        (oid, tag if record.inner_name == record.name else parse_tag(record.inner_name))
        for oid, (record, tag) in named.items()
    )
    versions = {oid for oid, tag in inner if tag and tag.kind is not EventKind.DEPRECATION}
    commits = {found[oid].target for oid in versions} & {record.target for record in records}
    faults = {each.oid: fault_of_commit(each.head) for each in tags.scan(commits)}
    return {
        record.name: found[record.oid]._replace(
            commit_fault=faults.get(found[record.oid].target, "") if record.oid in versions else ""
        )
        for record in records
        if record.oid in found
    }
