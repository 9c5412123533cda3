r"""The grammar of `${…}` in a `dvc.yaml`: finding templates, parsing what they name, unescaping `\${`."""

import re
from dataclasses import dataclass

# DVC's rule: from "${" without a backslash to the first "}" on the line. The closing brace is optional here, so that
# text with many "${" and no "}" is read only once.
_template = re.compile(r"(?<!\\)\$\{ (?P<inner>[^}\n]*+) (?P<closed>\})?", re.VERBOSE)

# A name, then names after a dot or in brackets: `models.churn.paths[0]`. A name is anything without ".", "[" and "]".
_expression = re.compile(r"[^.\[\]]+ (?: \.[^.\[\]]+ | \[[^.\[\]]+\][\ \t\r]* )*+", re.VERBOSE)
_separator = re.compile(r"\][ \t\r]*\.|\][ \t\r]*\[|[.\[]|\][ \t\r]*")


@dataclass(frozen=True, slots=True)
class Template:
    """One `${…}` in a text."""

    start: int
    end: int
    inner: str
    """The text between the braces."""

    def __str__(self) -> str:
        return quoted(f"${{{self.inner}}}")


def find_templates(text: str) -> tuple[Template, ...]:
    r"""Every `${…}` in a text.

    >>> [template.inner for template in find_templates(r"${a.b}/\${no}/${c[0]}")]
    ['a.b', 'c[0]']
    """
    if "${" not in text:
        return ()
    return tuple(
        Template(match.start(), match.end(), match["inner"]) for match in _template.finditer(text) if match["closed"]
    )


def parse_expression(inner: str) -> tuple[str, ...] | None:
    """The names that lead to the value; None if the text is not an expression.

    >>> parse_expression("models.churn[0]"), parse_expression("models..churn")
    (('models', 'churn', '0'), None)
    """
    if not _expression.fullmatch(inner):
        return None
    return tuple(part.strip() for part in _separator.split(inner.rstrip(" \t\r").removesuffix("]")))


def unescape(text: str) -> str:
    r"""The text with every `\${` replaced by `${`."""
    return text.replace(r"\${", "${")


def quoted(text: str, most: int = 80) -> str:
    """A text from a file, for a message: in quotes, without control characters, shortened."""
    return repr(text if len(text) <= most else f"{text[:most]}…")
