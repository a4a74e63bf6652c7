"""What lint may find: every rule by its id, with its meaning and how grave it is, and one finding in one file.

`RULES` is the whole list; docs/reference/prompts.md repeats it, and a test holds the two together.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One thing that lint looks for."""

    id: str
    severity: Severity
    meaning: str


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that lint found."""

    path: str
    line: int
    """From 1."""
    rule: str
    message: str
    """What is wrong and what to do, in one sentence."""
    severity: Severity

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message} [{self.rule}]"


_ALL = (
    Rule("unreadable", "error", "The file does not load: front matter, headings, Jinja syntax or an include is wrong."),
    Rule("misplaced", "error", "A file lies where the library does not look for it, or its name lacks a locale."),
    Rule("name-mismatch", "error", "`name` in the front matter is not the file's folder and stem."),
    Rule(
        "unknown-tag", "error", "A tag is none of `persona:`, `locale:` and `use:`, or has a value that is not known."
    ),
    Rule("missing-tag", "error", "One of the tags `persona:`, `locale:` and `use:` is missing."),
    Rule("duplicate-tag", "error", "A tag key stands more than once."),
    Rule("tag-mismatch", "error", "A tag disagrees with the file's folder (persona) or name (locale)."),
    Rule("undeclared-variable", "error", "The template or a partial reads a variable that `inputs` does not declare."),
    Rule("unused-input", "error", "`inputs` declares a variable that neither the template nor a partial reads."),
    Rule("unknown-sample", "error", "`sample` gives a value for a variable that `inputs` does not declare."),
    Rule("sample-fails", "error", "The prompt does not render with its own `sample`."),
    Rule("missing-twin", "error", "A prompt is missing in one of the locales."),
    Rule("use-mismatch", "error", "Twins of a prompt disagree on their `use:` tag."),
    Rule("partial-missing-locale", "error", "A partial is missing in one of the locales."),
    Rule("unused-partial", "warning", "No prompt includes the partial."),
    Rule("role-heading-in-partial", "error", "A partial holds a line such as `system:`, which opens no section there."),
    Rule("repeated-include", "warning", "A template includes the same partial more than once."),
    Rule("duplicate-prompt", "warning", "Two prompts of the same locale have the same template and partials."),
    Rule("unchanged-version", "error", "What the model sees changed against the base, and `version` did not."),
    Rule("version-not-raised", "error", "`version` is lower than in the base."),
    Rule("needless-version", "warning", "`version` was raised, and nothing that the model sees changed."),
    Rule("stale-review", "error", "The text changed, and `clinical_review` still holds the signature of the base."),
    Rule("trailing-space", "warning", "A line ends in spaces or tabs."),
    Rule("final-newline", "warning", "The file does not end in exactly one newline."),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}


def finding(rule: str, path: str, line: int, message: str) -> Finding:
    """A finding with its rule's severity."""
    return Finding(path, line, rule, message, RULES[rule].severity)


def line_of(text: str, part: str) -> int:
    """The first line of a file that holds `part`, from 1; 1 where none does."""
    return next((n for n, line in enumerate(text.split("\n"), 1) if part in line), 1)
