"""The real mermaid, of npm, which GitHub draws charts with."""

from pathlib import Path
from typing import Final

from tests.support.npm import NpmError as NoMermaidError
from tests.support.npm import NpmFile

VERSION: Final = "12.3.0"
_FILE: Final = NpmFile(
    package="mermaid",
    version=VERSION,
    integrity="sha512-4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw==",
    path="dist/mermaid.min.js",
    cached_as=f"mermaid-{VERSION}.min.js",
)

__all__ = ["VERSION", "NoMermaidError", "mermaid"]


def mermaid() -> Path:
    """The library as one file, fetched by npm the first time.

    :raises NoMermaidError: if that fails, or what comes is not what is expected.
    """
    return _FILE.fetch()
