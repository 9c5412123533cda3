"""Replaces `${…}` in the text of a `dvc.yaml` as DVC does (D3)."""

import functools
from typing import Final

from gto_action.dvc_yaml.interpolation import Template, find_templates, parse_expression, quoted, unescape
from gto_action.dvc_yaml.param_files import TemplateError, Value
from gto_action.dvc_yaml.params import FileReader, read_params
from gto_action.yaml12.nodes import Mapping, Scalar
from gto_action.yaml12.scalars import Kind, Plain

# A `${…}` may stand for a text as long as a file; without a limit, 1 MiB of them could expand to terabytes.
_MAX_TEXT: Final = 2**20


class Resolver:
    """Resolves the texts in one `dvc.yaml`; reads the files with values only when a text needs them."""

    def __init__(self, file: str, document: Mapping, read: FileReader) -> None:
        """Takes the path of the dvc.yaml, its tree, and a reader of other files of the same commit."""
        self._file = file
        self._document = document
        self._read = read
        self._written = 0

    def resolve(self, scalar: Scalar) -> Value:
        r"""The value of a scalar in the dvc.yaml.

        A text that is a single `${…}` gives the value itself, of any type. In other texts every `${…}` is replaced by
        its value as text, and `\${` becomes `${`. A scalar that is not text is returned unchanged.

        :raises TemplateError: if a `${…}` cannot be replaced.
        """
        text = scalar.text
        if scalar.kind is not Kind.TEXT:
            return scalar.value
        templates = find_templates(text)
        if not templates:
            return unescape(text)
        if templates[0].end - templates[0].start == len(text):
            return self._find(templates[0], scalar.line)
        parts, end = [], 0
        for template in templates:
            value = self._find(template, scalar.line)
            if isinstance(value, Scalar | list | dict):
                message = f"{template} is {'a list' if isinstance(value, list) else 'a mapping'}, inside a text."
                raise TemplateError(message, "Use text or a number there.", self._file, scalar.line)
            parts += [text[end : template.start], to_text(value)]
            end = template.end
            self._count(len(parts[-1]), scalar.line)
        return unescape("".join([*parts, text[end:]]))

    @functools.cached_property
    def _values(self) -> dict[str, Value] | TemplateError:
        try:
            return read_params(self._file, self._document, self._read)
        except TemplateError as error:  # cached, so that the next text does not read the files again
            return error

    def _find(self, template: Template, line: int) -> Value:
        if isinstance(self._values, TemplateError):
            raise self._values
        path = parse_expression(template.inner)
        if path is None:
            message = f"{template} does not name a value."
            raise TemplateError(message, r"Write '${models.churn[0]}', or '\${' for '${' itself.", self._file, line)
        value: Value = self._values
        for part in path:
            try:
                value = _below(value, part)
            except (LookupError, ValueError):
                message = f"{template} has no value: there is no {quoted(part)}."
                hint = f"Define it in params.yaml beside {self._file!r}, or in its 'vars'."
                raise TemplateError(message, hint, self._file, line) from None
        if isinstance(value, Scalar):  # such as a date, which makes DVC fail
            message = f"{template} is {value.kind.value}."
            raise TemplateError(message, "Quote it where it is defined.", self._file, line)
        return value

    def _count(self, size: int, line: int) -> None:
        self._written += size
        if self._written > _MAX_TEXT:
            message = f"'${{…}}' grows to more than {_MAX_TEXT:,} characters."
            raise TemplateError(message, "Use shorter values.", self._file, line)


def to_text(value: Plain) -> str:
    """A value as DVC writes it into a text: `true`, not `True`, but `None`.

    >>> to_text(True), to_text(1.0), to_text("a")
    ('true', '1.0', 'a')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def _below(value: Value, part: str) -> Value:
    """The value under a name; in a list the name is a number, and a negative one counts from the end, as in DVC."""
    if isinstance(value, dict):
        return value[part]
    if isinstance(value, list):
        return value[int(part)]
    raise LookupError(part)
