"""A prompt library held against the rules in `findings.RULES`, alone and against the library that it would replace.

Every check gives findings and none raises for what a file holds, so that one run shows all there is to mend. Whether a
prompt is *good* is not asked here: that is what the suites in `evals` are for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from matria.errors import PromptError
from matria.messages import LOCALES, PERSONAS
from prompts.findings import Finding, finding, line_of
from prompts.frontmatter import FrontMatter, heading_role, split_file
from prompts.prompt import Prompt, PromptRef
from prompts.render import render_sample, undeclared, usages
from prompts.repository import PARTIAL_SUFFIX, PARTIALS_FOLDER, PROMPT_SUFFIX, USES, PromptLibrary
from prompts.templates import includes_of
from prompts.versions import against_base

TAG_VALUES: dict[str, tuple[str, ...]] = {"persona": PERSONAS, "locale": LOCALES, "use": USES}
USELESS_WITHOUT = ("unknown-tag", "missing-tag")
"""Findings after which a prompt is not looked at further: loading would only repeat them."""


def lint(library: PromptLibrary, base: PromptLibrary | None = None) -> list[Finding]:
    """All findings, by file and line. With `base`, versions and signatures are held against it too."""
    prompts, unreadable = _load(library)
    found = [
        *unreadable,
        *_layout(library),
        *(one for prompt in prompts for one in _prompt(library, prompt)),
        *_twins(library, prompts),
        *_partials(library, prompts),
        *_duplicates(prompts),
        *_whitespace(library),
    ]
    if base is not None:
        found += against_base(library, prompts, base)
    return sorted(set(found))


def _load(library: PromptLibrary) -> tuple[list[Prompt], list[Finding]]:
    """The prompts that load, and what is wrong with the front matter or the text of the others."""
    prompts, found = [], []
    for ref in _placed(library):
        path = library.path_of(ref)
        try:
            text = library.sources.text_of(f"{ref}{PROMPT_SUFFIX}")
            wrong = [
                *_name(ref, split_file(text, path)[0], text, path),
                *_tags(ref, split_file(text, path)[0], text, path),
            ]
            found += wrong
            if not any(one.rule in USELESS_WITHOUT for one in wrong):
                prompts.append(library.load(*ref))
        except PromptError as error:
            found.append(finding("unreadable", path, 1, str(error)))
    return prompts, found


def _placed(library: PromptLibrary) -> list[PromptRef]:
    return [ref for ref in library.refs() if _is_placed(ref)]


def _is_placed(ref: PromptRef) -> bool:
    persona, _, stem = ref.name.partition("/")
    return persona in PERSONAS and bool(stem) and "/" not in stem and ref.locale in LOCALES


def _layout(library: PromptLibrary) -> Iterator[Finding]:
    expected = "<persona>/<name>.<locale>.prompty"
    for ref in library.refs():
        if not _is_placed(ref):
            message = f"'{ref}' is not of the form {expected}, with a known persona and locale; move or rename it."
            yield finding("misplaced", library.path_of(ref), 1, message)
    for path in library.sources.files:
        if path.endswith(PARTIAL_SUFFIX) and not path.startswith(f"{PARTIALS_FOLDER}/"):
            message = f"A partial lies in {PARTIALS_FOLDER}/, as <name>.<locale>{PARTIAL_SUFFIX}; move it there."
            yield finding("misplaced", library.sources.path_of(path), 1, message)


def _name(ref: PromptRef, front: FrontMatter, text: str, path: str) -> Iterator[Finding]:
    if front.name != ref.name:
        message = f"'name' is '{front.name}' and the file is '{ref.name}'; make them agree."
        yield finding("name-mismatch", path, line_of(text, "name:"), message)


def _tags(ref: PromptRef, front: FrontMatter, text: str, path: str) -> Iterator[Finding]:
    own = {"persona": ref.name.split("/")[0], "locale": ref.locale}
    keys = Counter(tag.partition(":")[0] for tag in front.tags)
    for tag in front.tags:
        key, _, value = tag.partition(":")
        line = line_of(text, f"- {tag}")
        if value not in TAG_VALUES.get(key, ()):
            known = ", ".join(f"{name}:({'|'.join(values)})" for name, values in TAG_VALUES.items())
            yield finding("unknown-tag", path, line, f"tag '{tag}' is not known; use one of {known}.")
        elif own.get(key, value) != value:
            message = (
                f"tag '{tag}' and the file, whose {key} is '{own[key]}', disagree; correct the tag or move the file."
            )
            yield finding("tag-mismatch", path, line, message)
    for key in TAG_VALUES:
        line = line_of(text, "tags:")
        if keys[key] == 0:
            yield finding("missing-tag", path, line, f"there is no tag '{key}:'; add it.")
        if keys[key] > 1:
            yield finding("duplicate-tag", path, line, f"there are {keys[key]} tags '{key}:'; keep one.")


def _prompt(library: PromptLibrary, prompt: Prompt) -> Iterator[Finding]:
    text = library.sources.text_of(f"{prompt.ref}{PROMPT_SUFFIX}")
    yield from _variables(prompt, text)
    yield from _sample(prompt, text)
    yield from _repeated_includes(prompt)


def _variables(prompt: Prompt, text: str) -> Iterator[Finding]:
    for usage in undeclared(prompt):
        message = f"variable '{usage.name}' is not among the inputs of '{prompt.ref}'; declare it or correct the name."
        yield finding("undeclared-variable", usage.path, usage.line, message)
    read = {usage.name for usage in usages(prompt.sections, prompt.partials, prompt.path)}
    for name in prompt.inputs.keys() - read:
        message = f"input '{name}' is read nowhere; remove it, or use it."
        yield finding("unused-input", prompt.path, line_of(text, f"  {name}:"), message)


def _sample(prompt: Prompt, text: str) -> Iterator[Finding]:
    line = line_of(text, "sample:")
    for name in prompt.sample.keys() - prompt.inputs.keys():
        message = f"the sample gives '{name}', which is no input; remove it, or declare it."
        yield finding("unknown-sample", prompt.path, line, message)
    if not undeclared(prompt):
        try:
            render_sample(prompt)
        except PromptError as error:
            yield finding("sample-fails", prompt.path, line, f"the sample does not render: {error}")


def _repeated_includes(prompt: Prompt) -> Iterator[Finding]:
    included = [usage for s in prompt.sections for usage in includes_of(s.source, prompt.path, s.line)]
    counts = Counter(usage.name for usage in included)
    for usage in {usage.name: usage for usage in included if counts[usage.name] > 1}.values():
        message = f"'{usage.name}' is included {counts[usage.name]} times; once is enough."
        yield finding("repeated-include", usage.path, usage.line, message)


def _twins(library: PromptLibrary, prompts: list[Prompt]) -> Iterator[Finding]:
    placed = _placed(library)
    for name in sorted({ref.name for ref in placed}):
        locales = [ref.locale for ref in placed if ref.name == name]
        for missing in [locale for locale in LOCALES if locale not in locales]:
            message = f"'{name}' has no twin in {missing}; write {name}.{missing}{PROMPT_SUFFIX}."
            yield finding("missing-twin", library.path_of(PromptRef(name, locales[0])), 1, message)
        uses = {prompt.locale: prompt.use for prompt in prompts if prompt.name == name}
        if len(set(uses.values())) > 1:
            message = f"twins of '{name}' disagree on their use ({', '.join(uses.values())}); choose one."
            yield finding("use-mismatch", library.path_of(PromptRef(name, locales[0])), 1, message)


def _partials(library: PromptLibrary, prompts: list[Prompt]) -> Iterator[Finding]:
    locales: dict[str, set[str]] = defaultdict(set)
    for ref in library.partials():
        locales[ref.name].add(ref.locale)
    included = {name for prompt in prompts for name in prompt.partial_names}
    for name, present in sorted(locales.items()):
        path = library.sources.path_of(f"{PARTIALS_FOLDER}/{PromptRef(name, min(present))}{PARTIAL_SUFFIX}")
        for missing in [locale for locale in LOCALES if locale not in present]:
            message = f"partial '{name}' is missing in {missing}; write {name}.{missing}{PARTIAL_SUFFIX}."
            yield finding("partial-missing-locale", path, 1, message)
        if name not in included:
            yield finding("unused-partial", path, 1, f"no prompt includes '{name}'; include it, or remove it.")
    yield from _headings_in_partials(library)


def _headings_in_partials(library: PromptLibrary) -> Iterator[Finding]:
    for path, lines in _lines(library, PARTIAL_SUFFIX):
        for n, line in enumerate(lines, 1):
            if role := heading_role(line):
                message = f"'{role}:' opens a section in a prompt file only; reword the line."
                yield finding("role-heading-in-partial", path, n, message)


def _duplicates(prompts: list[Prompt]) -> Iterator[Finding]:
    by_text: dict[object, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        by_text[prompt.locale, tuple((s.role, s.source) for s in prompt.sections)].append(prompt)
    for first, *others in by_text.values():
        for other in others:
            message = f"'{other.ref}' has the same template as '{first.ref}'; keep one, or tell them apart."
            yield finding("duplicate-prompt", other.path, 1, message)


def _whitespace(library: PromptLibrary) -> Iterator[Finding]:
    for path, lines in _lines(library, PROMPT_SUFFIX, PARTIAL_SUFFIX):
        for n, line in enumerate(lines, 1):
            if line != line.rstrip():
                yield finding("trailing-space", path, n, "the line ends in spaces; remove them.")
        if lines[-1] or (len(lines) > 1 and not lines[-2].strip()):
            yield finding("final-newline", path, len(lines) - (not lines[-1]), "end the file in exactly one newline.")


def _lines(library: PromptLibrary, *suffixes: str) -> Iterator[tuple[str, list[str]]]:
    for relative in library.sources.files:
        if relative.endswith(suffixes):
            try:
                yield library.sources.path_of(relative), library.sources.text_of(relative).split("\n")
            except PromptError:
                continue  # not UTF-8: `unreadable` already says so
