"""What the container runs."""

import gc
import io
import os
import sys

if __name__ == "__main__":
    gc.disable()  # a process of seconds: to look for cycles takes longer than it is worth, among imports too
    from gto_action.step.main import main

    if isinstance(sys.stdout, io.TextIOWrapper):  # the runner reads UTF-8, whatever the locale
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    code = main(os.environ, sys.argv[1:])
    gc.freeze()  # nor at the end, when Python would look although it is told not to
    raise SystemExit(code)
