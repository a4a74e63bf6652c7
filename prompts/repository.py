"""A prompt library: which prompts there are, and each of them loaded with the partials that it includes.

A library is a folder with one folder per persona and a folder `partials`; `at_ref` reads the same folder at another git
commit. Loading checks the file; whether the prompt is in good order beyond that is `lint`'s to say.
"""

from pathlib import Path
from typing import cast, get_args

from matria.errors import PromptError
from matria.messages import LOCALES, PERSONAS, Locale, Persona
from prompts.frontmatter import split_file
from prompts.prompt import Partial, Prompt, PromptRef, Section, Use, closure_hash_of
from prompts.sources import Sources, read_commit, read_folder
from prompts.templates import included_names

PARTIALS_FOLDER = "partials"
PROMPT_SUFFIX = ".prompty"
PARTIAL_SUFFIX = ".jinja"
USES: tuple[Use, ...] = get_args(Use)


class PromptLibrary:
    """The prompts below one folder, as they were when the library was opened.

    Raises `PromptError` where the folder holds no prompt.
    """

    def __init__(self, root: Path) -> None:
        self.sources = read_folder(root)

    @classmethod
    def at_ref(cls, root: Path, ref: str) -> "PromptLibrary":
        """The same folder at another git ref. Raises `PromptError` where git does not know it."""
        return cls.of(read_commit(root, ref))

    @classmethod
    def of(cls, sources: Sources) -> "PromptLibrary":
        """A library made of files already read."""
        library = cls.__new__(cls)
        library.sources = sources
        return library

    def names(self) -> list[str]:
        """Each prompt once, without its locale."""
        return sorted({ref.name for ref in self.refs()})

    def refs(self) -> list[PromptRef]:
        """Each prompt file, by name and then by locale."""
        return sorted(_ref_of(path) for path in self.sources.files if path.endswith(PROMPT_SUFFIX))

    def partials(self) -> list[PromptRef]:
        """Each partial file, by name and then by locale."""
        folder = f"{PARTIALS_FOLDER}/"
        return sorted(
            _ref_of(path.removeprefix(folder))
            for path in self.sources.files
            if path.startswith(folder) and path.endswith(PARTIAL_SUFFIX)
        )

    def path_of(self, ref: PromptRef) -> str:
        """How errors and findings call the file of a prompt."""
        return self.sources.path_of(_file_of(ref))

    def load(self, name: str, locale: str) -> Prompt:
        """The prompt. Raises `PromptError` where there is none, or where its file is malformed."""
        ref = PromptRef(name, locale)
        if ref not in self.refs():
            raise PromptError(f"There is no prompt '{ref}' in {self.sources.label}: {self._nearest(ref)}")
        path = self.path_of(ref)
        front, sections = split_file(self.sources.text_of(_file_of(ref)), path)
        partials = self._closure(sections, ref, path)
        tags = dict(tag.split(":", 1) for tag in front.tags if ":" in tag)
        return Prompt(
            name=name,
            locale=cast("Locale", _one_of("locale", locale, LOCALES, path)),
            persona=cast("Persona", _one_of("persona", name.split("/")[0], PERSONAS, path)),
            use=cast("Use", _one_of("use", tags.get("use", ""), USES, path)),
            version=front.version,
            description=front.description,
            authors=front.authors,
            tags=front.tags,
            clinical_review=front.clinical_review,
            model_parameters=front.model_parameters,
            inputs=front.inputs,
            sample=front.sample,
            path=path,
            sections=sections,
            partials=partials,
            closure_hash=closure_hash_of(sections, partials, front.inputs, front.model_parameters),
        )

    def load_all(self) -> list[Prompt]:
        """Every prompt. Raises `PromptError` for the first that is malformed."""
        return [self.load(*ref) for ref in self.refs()]

    def partial(self, name: str, locale: str) -> Partial:
        """The partial in this locale. Raises `PromptError` where the file is missing."""
        relative = f"{PARTIALS_FOLDER}/{name}.{locale}{PARTIAL_SUFFIX}"
        return Partial(name, self.sources.path_of(relative), self.sources.text_of(relative))

    def _closure(self, sections: tuple[Section, ...], ref: PromptRef, path: str) -> tuple[Partial, ...]:
        waiting = [(name, path) for s in sections for name in included_names(s.source, path, s.line)]
        found: dict[str, Partial] = {}
        while waiting:
            name, by = waiting.pop()
            if name in found:
                continue
            found[name] = self._included(name, ref.locale, by)
            waiting += [(inner, found[name].path) for inner in included_names(found[name].source, found[name].path)]
        _refuse_circles(found)
        return tuple(found[name] for name in sorted(found))

    def _included(self, name: str, locale: str, by: str) -> Partial:
        if PromptRef(name, locale) in self.partials():
            return self.partial(name, locale)
        known = ", ".join(sorted({ref.name for ref in self.partials()}))
        raise PromptError(
            f"{by} includes '{name}', and {PARTIALS_FOLDER}/{name}.{locale}{PARTIAL_SUFFIX} is missing: "
            f'write that file, or name one of {known} (plainly, as in {{% include "tone" %}}).'
        )

    def _nearest(self, ref: PromptRef) -> str:
        locales = [known.locale for known in self.refs() if known.name == ref.name]
        if locales:
            return f"it exists in {', '.join(locales)}."
        return f"there are {', '.join(self.names())}."


def _refuse_circles(partials: dict[str, Partial]) -> None:
    inner = {name: set(included_names(p.source, p.path)) for name, p in partials.items()}
    while leaves := {name for name, names in inner.items() if not names & inner.keys()}:
        inner = {name: names for name, names in inner.items() if name not in leaves}
    if inner:
        circle = sorted(inner)
        raise PromptError(
            f"{partials[circle[0]].path} includes itself, by way of {', '.join(circle)}: break the circle."
        )


def _ref_of(path: str) -> PromptRef:
    """`gestante/triagem.pt-BR.prompty` as name and locale; a name without a locale has an empty one."""
    stem = path.removesuffix(PROMPT_SUFFIX).removesuffix(PARTIAL_SUFFIX)
    folder, _, file = stem.rpartition("/")
    name, _, locale = file.partition(".")
    return PromptRef(f"{folder}/{name}" if folder else name, locale)


def _file_of(ref: PromptRef) -> str:
    return f"{ref}{PROMPT_SUFFIX}" if ref.locale else f"{ref.name}{PROMPT_SUFFIX}"


def _one_of(what: str, value: str, known: tuple[str, ...], path: str) -> str:
    if value in known:
        return value
    raise PromptError(f"{path}: {what} '{value}' is not known; it must be one of {', '.join(known)}.")
