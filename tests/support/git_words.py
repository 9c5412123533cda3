"""The remote that git speaks of, and its words for a status."""

URL = "https://git.example.com/o/r"

# of git 2.30.2, 2.39.5, 2.47.3 and 2.53.0
RETURNED = f"fatal: unable to access '{URL}/': The requested URL returned error: {{}}"
