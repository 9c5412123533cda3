"""A picture of a job summary: tools/picture.py SUMMARY.md PICTURE.png [--dark] [--width PIXELS]."""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.browser import WIDTH, Browser, missing
from tests.support.chromium import Chromium


def main() -> int:
    """Writes the picture; 1 if a chart in it cannot be drawn, 2 if there is no browser."""
    parser = argparse.ArgumentParser(description="A picture of a job summary, as GitHub would show it.")
    parser.add_argument("summary", type=Path, help="a file of Markdown")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument("--dark", action="store_true", help="in dark colours")
    parser.add_argument("--width", type=int, default=WIDTH, help="in pixels; %(default)s without it")
    options = parser.parse_args()
    if what := missing():
        print(f"Cannot show a summary: {what}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with Chromium(folder / "profile") as chromium, Browser(chromium, folder) as browser:
            markdown = options.summary.read_text(encoding="utf-8")
            page = browser.render(markdown, dark=options.dark, width=options.width)
            page.screenshot(options.picture)
            for error in page.mermaid_errors:
                print(error, file=sys.stderr)
            return 1 if page.mermaid_errors else 0


if __name__ == "__main__":
    sys.exit(main())
