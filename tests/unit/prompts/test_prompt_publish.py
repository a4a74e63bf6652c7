"""Publishing, against a real MLflow on SQLite."""

import re
import sqlite3

import pytest

from matria.errors import PromptError, TrackingError
from prompts.prompt import PromptRef
from prompts.publish import chat_template, publish, registry_name
from prompts.render import render_sample, resolve
from prompts.repository import PromptLibrary

TRIAGE = "gestante/triagem.pt-BR.prompty"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """An empty registry, copied for each test: making one takes seconds."""
    import mlflow

    path = tmp_path_factory.mktemp("mlflow") / "empty.db"
    mlflow.MlflowClient(tracking_uri=f"sqlite:///{path}", registry_uri=f"sqlite:///{path}").search_prompts()
    return path


@pytest.fixture
def client(store, tmp_path):
    import mlflow

    path = tmp_path / "mlflow.db"
    path.write_bytes(store.read_bytes())
    return mlflow.MlflowClient(tracking_uri=f"sqlite:///{path}", registry_uri=f"sqlite:///{path}")


def versions(client, name):
    return sorted(int(version.version) for version in client.search_prompt_versions(name))


def test_each_prompt_is_published_once_with_its_origin(library, client):
    published = publish(library.load_all(), client, git_commit="c0ffee")
    assert [one.ref for one in published] == library.refs()
    assert all(one.is_new for one in published)
    prompt = library.load("gestante/triagem", "pt-BR")
    kept = client.load_prompt(next(one.uri for one in published if one.ref == prompt.ref))
    expected = {
        "prompt_hash": prompt.closure_hash,
        "prompt_version": "1.0.0",
        "prompt_name": "gestante/triagem",
        "persona": "gestante",
        "locale": "pt-BR",
        "use": "triage",
        "clinical_review": "pending",
        "git_commit": "c0ffee",
    }
    assert expected.items() <= kept.tags.items()
    assert (kept.model_config["temperature"], kept.model_config["max_tokens"]) == (0, 700)
    assert [message["role"] for message in kept.template] == ["system", "user"]
    assert "192 (SAMU)" in kept.template[0]["content"]
    assert kept.template[1]["content"] == "{{ question }}"


def test_publishing_twice_adds_nothing(library, client):
    prompts = library.load_all()[:3]
    first = publish(prompts, client, git_commit="c0ffee")
    again = publish(prompts, client, git_commit="decaf")
    assert not any(one.is_new for one in again)
    assert [one.uri for one in again] == [one.uri for one in first]
    for one in first:
        assert versions(client, one.registry_name) == [1]


def test_raised_version_is_added_beside_the_old_one(library, client, copy, edit):
    before = publish([library.load("gestante/triagem", "pt-BR")], client, git_commit="c0ffee")
    edit(copy / TRIAGE, "Sua tarefa é", "O que você faz é")
    edit(copy / TRIAGE, "version: 1.0.0", "version: 1.1.0")
    head = PromptLibrary(copy).load("gestante/triagem", "pt-BR")
    (after,) = publish([head], client, git_commit="decaf")
    assert (after.registry_version, after.is_new) == (2, True)
    assert "Sua tarefa é" in client.load_prompt(before[0].uri).template[0]["content"]
    assert "O que você faz é" in client.load_prompt(after.uri).template[0]["content"]
    assert [one.is_new for one in publish([library.load("gestante/triagem", "pt-BR"), head], client, "x")] == [
        False,
        False,
    ]


def test_version_used_for_another_text_is_refused_before_anything_is_written(library, client, copy, edit):
    publish([library.load("gestante/triagem", "pt-BR")], client, git_commit="c0ffee")
    edit(copy / TRIAGE, "Sua tarefa é", "O que você faz é")
    with pytest.raises(PromptError, match=r"version 1\.0\.0 is published with another text; raise the version"):
        publish(PromptLibrary(copy).load_all(), client, git_commit="decaf")
    assert len(client.search_prompts()) == 1


def test_version_is_found_among_more_than_a_page_of_others(library, client):
    prompt = library.load("enfermeira/resumo", "en")
    publish([prompt], client, git_commit="c0ffee")
    for n in range(105):
        client.register_prompt("enfermeira.resumo.en", "by hand", tags={"prompt_version": f"0.0.{n}"})
    (again,) = publish([prompt], client, git_commit="decaf")
    assert (again.registry_version, again.is_new) == (1, False)


def test_names_are_legal_for_mlflow():
    assert registry_name(PromptRef("gestante/triagem", "pt-BR")) == "gestante.triagem.pt-BR"
    assert re.fullmatch(r"[\w.-]+", registry_name(PromptRef("a b/ção", "en")), re.ASCII)


def test_mlflow_fills_the_published_template_as_we_do(library, client):
    for published, prompt in zip(publish(library.load_all(), client, "x"), library.load_all(), strict=True):
        values = resolve(prompt, prompt.sample)
        ours = render_sample(prompt).messages
        theirs = client.load_prompt(published.uri).format(**values)
        for message, other in zip(ours, theirs, strict=True):
            assert other["role"] == message.role
            assert other["content"].split() == message.content.split()


def test_template_writes_out_partials_and_leaves_out_comments(copy, edit):
    edit(copy / TRIAGE, "Sua tarefa é", '{# see {% include "tone" %} #}Sua tarefa é')
    prompt = PromptLibrary(copy).load("gestante/triagem", "pt-BR")
    text = chat_template(prompt)[0]["content"]
    assert "{% include" not in text
    assert "{#" not in text
    assert text.count("## Tom") == 1


def test_registry_that_does_not_answer_is_one_clear_sentence(library, client, tmp_path):
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        database.execute("DROP TABLE registered_model_tags")
        database.execute("DROP TABLE registered_models")
    database.close()
    with pytest.raises(TrackingError, match="MLflow did not take the prompts") as caught:
        publish([library.load("enfermeira/resumo", "en")], client, git_commit="x")
    assert "\n" not in str(caught.value)
