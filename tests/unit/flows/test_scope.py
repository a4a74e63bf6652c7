"""What an evaluation runs on."""

from dataclasses import replace

import pytest

from evals.changes import Revision
from flows.steps.scope import scope_of
from matria import PROJECT_ROOT
from matria.errors import PromptError
from prompts.repository import PromptLibrary
from prompts.sources import Sources


@pytest.fixture(scope="module")
def head() -> Revision:
    return Revision(PromptLibrary(PROJECT_ROOT / "prompts" / "library"), {}, "", "", {})


@pytest.fixture(scope="module")
def base(head: Revision) -> Revision:
    """The head without one sentence of one prompt."""
    name = "gestante/triagem.pt-BR.prompty"
    files = dict(head.library.sources.files)
    files[name] += b"\nAntes.\n"
    return replace(head, library=PromptLibrary.of(Sources("base", files)))


def test_without_a_base_it_is_all(head: Revision) -> None:
    assert len(scope_of(head, None, []).prompts) == len(head.library.refs())


def test_with_a_base_it_is_what_changed(head: Revision, base: Revision) -> None:
    scope = scope_of(head, base, [])
    assert scope.prompts == ("gestante/triagem.pt-BR",)
    assert scope.causes() == {"gestante/triagem.pt-BR": "prompt"}


def test_an_unchanged_library_leaves_nothing(head: Revision) -> None:
    assert scope_of(head, head, []).prompts == ()


def test_what_was_removed_is_named(head: Revision) -> None:
    files = {name: text for name, text in head.library.sources.files.items() if name != "puerpera/apoio.en.prompty"}
    smaller = replace(head, library=PromptLibrary.of(Sources("head", files)))
    scope = scope_of(smaller, head, [])
    assert (scope.prompts, scope.removed) == ((), ("puerpera/apoio.en",))


def test_all_means_all_beside_a_base(head: Revision, base: Revision) -> None:
    assert len(scope_of(head, base, [], is_all=True).prompts) == len(head.library.refs())


def test_a_name_is_taken_changed_or_not(head: Revision, base: Revision) -> None:
    scope = scope_of(head, base, [], names=("puerpera/apoio",))
    assert scope.prompts == tuple(f"puerpera/apoio.{locale}" for locale in ("en", "pt-BR", "pt-PT"))


def test_tags_of_one_key_add_and_of_two_keys_narrow(head: Revision) -> None:
    tags = ("persona:gestante", "locale:pt-BR", "locale:pt-PT", "use:triage")
    assert scope_of(head, None, [], tags=tags).prompts == ("gestante/triagem.pt-BR", "gestante/triagem.pt-PT")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"names": ("gestante/nada",)}, "There is no prompt 'gestante/nada'"),
        ({"tags": ("locale:fr",)}, "there are .*locale:pt-BR"),
        ({"tags": ("gestante",)}, "write key:value"),
        ({"names": ("puerpera/apoio",), "tags": ("persona:gestante",)}, "No prompt named has the tags"),
    ],
)
def test_what_nobody_has_is_said(head: Revision, given: dict[str, tuple[str, ...]], sentence: str) -> None:
    with pytest.raises(PromptError, match=sentence):
        scope_of(head, None, [], **given)  # type: ignore[arg-type]
