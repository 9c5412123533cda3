"""Small registries that nobody would make, and everybody makes: generated, and full of ties and returns."""

import random

from gto_action.gto.event import Assignment, Unassignment
from gto_action.gto.registry import Registry


def generated(choose: random.Random) -> str:
    """A registry of a few artifacts, which may have everything that gto dies of or that differs."""
    odd = choose.random() < 0.3
    lines: dict[str, str] = {}
    versions: dict[tuple[str, str], str] = {}
    registered: set[tuple[str, str]] = set()
    base = choose.choice([500, 999, 100_000])
    for number in range(choose.randrange(2, 16)):
        artifact = choose.choice(["m", "d/e=m", "m-2"])
        commit = choose.choice("ABCD")
        version = (
            f"v{choose.randrange(2)}.{choose.randrange(3)}.0{choose.choice(['', '', '-rc.1', '-rc.2', '+b', '-0'])}"
        )
        version = version if odd else versions.setdefault((artifact, commit), version)
        what = choose.choice(
            [f"@{version}", f"@{version}", f"@{version}!", "#dev", "#prod", "#prod!", "#dev!", "@deprecated", "@1.0"]
        )
        if not odd and what[0] == "#" and (artifact, commit) not in registered:
            what = f"@{version}"
        if what.startswith("@v"):
            registered.add((artifact, commit))
        name = f"{artifact}{what}{choose.choice(['', f'#{number}'])}"
        flags = choose.choice(["", "", "", "lightweight" if odd else "", "body", "+0530", "-0800"])
        lines.setdefault(name, f"{name} {commit} {base + choose.randrange(choose.choice([2, 40]))} {flags}")
    return "\n".join(lines.values())


def exceptions_of(registry: Registry) -> set[str]:
    """Which of the differences X1 and X2 a registry has."""
    events = [event for artifact in registry.artifacts() for event in artifact.events.values()]
    of_stages = [event for event in events if isinstance(event, Assignment | Unassignment)]
    found = {"R15c several versions" for event in of_stages if event.candidates}
    return found | {"R15b no version" for event in of_stages if event.version is None}
