"""Runs one command and turns its errors into one sentence and an exit code."""

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matria.errors import UserError


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it; Typer gives it back for an interrupted command."""


def main(arguments: list[str] | None = None) -> None:
    """Runs `matria` and exits with the command's status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """The exit status of `matria <arguments>`; what went wrong is said on standard error."""
    from flows.cli.app import app

    try:
        status = app(args=arguments, prog_name="matria", standalone_mode=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  (the last place: each kind is answered below)
        return _answer(error)
    except KeyboardInterrupt:
        return _stopped()
    if status == INTERRUPTED:
        return _stopped()
    return status if isinstance(status, int) else 0


def _stopped() -> int:
    print("Stopped. What was written is whole; the same command goes on from there.", file=sys.stderr)
    return INTERRUPTED


def _answer(error: Exception) -> int:
    """Says what happened, for the user where she can mend it, else with the traceback."""
    from matria.errors import UserError
    from matria.markdown import visible
    from matria.privacy.identifiers import redact

    user_error = error if isinstance(error, UserError) else _as_user_error(error)
    if user_error is not None:
        print(visible(redact(f"matria: {user_error}")), file=sys.stderr)
        return user_error.exit_code
    if type(error).__name__ == "NoArgsIsHelpError":
        print(str(error), file=sys.stderr)
        return 2
    if hasattr(error, "format_message"):  # a usage error of the command line
        print(visible(redact(f"matria: {_usage(error)}")), file=sys.stderr)
        return int(getattr(error, "exit_code", 2))
    if type(error).__name__ == "Abort":
        return _stopped()
    print(visible(redact("".join(traceback.format_exception(error)))), end="", file=sys.stderr)
    print("matria: this is an error of ours; please report it with the lines above.", file=sys.stderr)
    return 1


def _usage(error: Any) -> str:
    """What was wrong with the command line, and whose help says how it is written."""
    command = getattr(getattr(error, "ctx", None), "command_path", "matria")
    said = str(error.format_message()).replace("Value error, ", "").rstrip(". ")
    return f"{said}. See `{command} --help`."


def _as_user_error(error: Exception) -> "UserError | None":
    """A full disk, wherever it was met, is the user's to mend."""
    import errno

    from matria.errors import StorageError

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageError(
                "The disk is full: what was already written is whole. Free some space and run the same command again."
            )
        cause = cause.__cause__ or cause.__context__
    return None
