"""Whole registries from a few lines of text, made by real git in one process."""

from pathlib import Path

from tests.support.repo import Repo

PERSON = "Ada L\u00f6velace <ada@example.com>"


def build(path: Path, text: str) -> list[str]:
    """A repository with `tag commit time [flag…]`, one a line; gives the tag names.

    Commits are letters, made at 1000, 1001, … in the order in which the lines name them. Flags: `lightweight`; `body`,
    a message of several lines; a zone such as `+0530`; `committed=2000`, the time of the line's commit.
    """
    repo = Repo(path)
    stream: list[str] = []
    marks: dict[str, int] = {}
    names: list[str] = []
    for line in text.strip().splitlines():
        name, letter, time, *flags = line.split()
        names.append(name)
        if letter not in marks:
            marks[letter] = len(marks) + 1
            date = next((flag.removeprefix("committed=") for flag in flags if flag.startswith("committed=")), "")
            who = f"{PERSON} {date or 999 + marks[letter]} +0200"
            said = f"Commit {letter}\n"
            stream.append(f"commit refs/heads/main\nmark :{marks[letter]}\ncommitter {who}\ndata {len(said)}\n{said}\n")
        if "lightweight" in flags:
            stream.append(f"reset refs/tags/{name}\nfrom :{marks[letter]}\n\n")
            continue
        zone = next((flag for flag in flags if flag[0] in "+-"), "+0000")
        message = f"a {name}\n\nof {letter}\n\n" if "body" in flags else f"a {name}"
        stream.append(f"tag {name}\nfrom :{marks[letter]}\ntagger {PERSON} {time} {zone}\n")
        stream.append(f"data {len(message.encode())}\n{message}\n")
    repo.git("fast-import", "--quiet", "--force", stdin="".join(stream).encode())
    return names
