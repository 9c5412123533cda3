"""What tables of a page say, as texts: read without a browser."""

from html.parser import HTMLParser


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as it is called
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in {"td", "th"} and self.tables:
            self.tables[-1][-1].append("")

    def handle_data(self, data: str) -> None:
        if self.tables and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data


def tables(html: str) -> list[list[dict[str, str]]]:
    """The rows of each table, by the names of its columns."""
    parser = _Tables()
    parser.feed(html)
    found = [[[" ".join(cell.split()) for cell in row] for row in table] for table in parser.tables]
    return [[dict(zip(table[0], row, strict=True)) for row in table[1:]] for table in found]
