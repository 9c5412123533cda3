r"""The grammar of `${…}` in the text of a `dvc.yaml`: where one is, what it names, what `\${` means."""

import re
from dataclasses import dataclass

# DVC's rule: from "${" without a backslash to the first "}" of the line. The closing brace is optional here, so that
# text full of "${" and without "}" is read once and not once for each of them.
_template = re.compile(r"(?<!\\)\$\{ (?P<inner>[^}\n]*+) (?P<closed>\})?", re.VERBOSE)

# A name, and behind it names with a dot or in brackets: `models.churn.paths[0]`. A name is anything but ".", "[", "]".
_expression = re.compile(r"[^.\[\]]+ (?: \.[^.\[\]]+ | \[[^.\[\]]+\][\ \t\r]* )*+", re.VERBOSE)
_separator = re.compile(r"\][ \t\r]*\.|\][ \t\r]*\[|[.\[]|\][ \t\r]*")


@dataclass(frozen=True, slots=True)
class Template:
    """One `${…}` in a text."""

    start: int
    end: int
    inner: str
    """What is between the braces."""

    def __str__(self) -> str:
        return quoted(f"${{{self.inner}}}")


def find_templates(text: str) -> tuple[Template, ...]:
    r"""Every `${…}` of a text.

    >>> [template.inner for template in find_templates(r"${a.b}/\${no}/${c[0]}")]
    ['a.b', 'c[0]']
    """
    if "${" not in text:
        return ()
    return tuple(
        Template(match.start(), match.end(), match["inner"]) for match in _template.finditer(text) if match["closed"]
    )


def parse_expression(inner: str) -> tuple[str, ...] | None:
    """The names on the way to the value; None if the text is no expression.

    >>> parse_expression("models.churn[0]"), parse_expression("models..churn")
    (('models', 'churn', '0'), None)
    """
    if not _expression.fullmatch(inner):
        return None
    return tuple(part.strip() for part in _separator.split(inner.rstrip(" \t\r").removesuffix("]")))


def unescape(text: str) -> str:
    r"""The text with `${` for every `\${`."""
    return text.replace(r"\${", "${")


def quoted(text: str, most: int = 80) -> str:
    """A text from a file for a message: in quotes, without control characters, not too long."""
    return repr(text if len(text) <= most else f"{text[:most]}…")
