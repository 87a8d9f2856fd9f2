"""`python -m egregora_core` is the command `egregora`, which can be interrupted from its first moment on."""

from egregora_core.interrupts import end_promptly, leave, watch_interrupts


def main() -> None:
    """Import the command, which takes a while, and run it."""
    end_promptly()
    with watch_interrupts() as came:
        try:
            from egregora_core.cli import main as command

            command()
        except BaseException as error:
            if came() and not (isinstance(error, SystemExit) and not error.code):
                leave(came())
            raise


if __name__ == "__main__":
    main()
