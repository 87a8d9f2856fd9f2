"""`python -m egregora_core` is the command `egregora`."""

from egregora_core.cli import main

main()
