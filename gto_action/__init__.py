"""gto-action: turns a pushed GTO tag into the outputs of a GitHub Actions step."""

__version__ = "3.0.0"
