"""Every error that Mátria raises on purpose, in two families.

    MatriaError
    ├── UserError                 the user can fix it: one sentence, no traceback, an exit code of its own
    │   ├── SettingsError     10  a setting is unknown, malformed or contradicts another
    │   ├── InputError        11  a file is missing, unreadable or malformed
    │   ├── ContractError     12  a data contract is unknown, or broken past what quarantine may absorb
    │   ├── PromptError       13  a prompt is missing, does not parse, or uses a variable it does not declare
    │   ├── SuiteError        14  a suite or a case is missing or does not parse
    │   ├── ModelError        15  a model is unknown, or its endpoint is unreachable or refuses the key
    │   ├── StorageError      16  the disk is full, or a folder cannot be written
    │   ├── TrackingError     17  MLflow cannot be reached, or a run lacks a required tag
    │   ├── BusyError         18  a port is taken, or another process holds the same work
    │   ├── ForgeError        19  GitHub or Azure DevOps did not take a comment or a status
    │   ├── GateError     20..22  the gate's verdict is not a pass: 20 blocked, 21 inconclusive, 22 error
    │   └── ApprovalError     23  an evaluation would cost more than anybody has agreed to
    └── InternalError          1  ours: reported with its traceback

A `UserError` message says what happened, to which thing, and what to do next. It never holds message text or a
patient's identifier. Adapters raise these `from` the vendor's exception; none of those leaves its file.
"""

from typing import ClassVar


class MatriaError(Exception):
    """Base of every error raised on purpose."""

    exit_code: ClassVar[int] = 1


class UserError(MatriaError):
    """The user can fix it. `str(error)` is the one sentence shown."""


class SettingsError(UserError):
    """A setting is unknown, malformed or contradicts another."""

    exit_code = 10


class InputError(UserError):
    """A file is missing, unreadable or malformed."""

    exit_code = 11


class ContractError(UserError):
    """A data contract is unknown, or broken past what quarantine may absorb."""

    exit_code = 12


class PromptError(UserError):
    """A prompt is missing, does not parse, or uses a variable that it does not declare."""

    exit_code = 13


class SuiteError(UserError):
    """A suite or a case is missing or does not parse."""

    exit_code = 14


class ModelError(UserError):
    """A model is unknown, or its endpoint is unreachable or refuses the key."""

    exit_code = 15


class StorageError(UserError):
    """The disk is full, or a folder cannot be written."""

    exit_code = 16


class TrackingError(UserError):
    """MLflow cannot be reached, or a run lacks a required tag."""

    exit_code = 17


class BusyError(UserError):
    """A port is taken, or another process holds the same work."""

    exit_code = 18


class ForgeError(UserError):
    """GitHub or Azure DevOps did not take a comment or a status; a verdict stands all the same."""

    exit_code = 19


class ApprovalError(UserError):
    """An evaluation would cost more than anybody has agreed to; nothing was asked."""

    exit_code = 23


class InternalError(MatriaError):
    """Ours to fix: shown with its traceback."""
