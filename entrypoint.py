"""What the container runs."""

import os

from gto_action.main import main

if __name__ == "__main__":
    raise SystemExit(main(os.environ))
