"""Log lines: ours at the level asked for, libraries only when it is grave."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from matria.log import configure


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, factory = root.handlers[:], root.level, logging.getLogRecordFactory()
    yield
    root.handlers[:], root.level = handlers, level
    logging.setLogRecordFactory(factory)


def test_a_library_is_not_heard_below_a_warning() -> None:
    heard = io.StringIO()
    configure(logging.INFO, stream=heard)
    loud = logging.getLogger("great_expectations.loud")
    loud.setLevel(logging.DEBUG)
    loud.info("chatter")
    loud.warning("grave")
    logging.getLogger("docket.worker").error("a traceback that the run's own log holds")
    logging.getLogger("matria.events").info("ours %d", 3)
    assert "chatter" not in heard.getvalue()
    assert "traceback" not in heard.getvalue()
    assert "grave" in heard.getvalue()
    assert "ours 3" in heard.getvalue()


def test_json_lines_are_one_object_each() -> None:
    heard = io.StringIO()
    configure(logging.INFO, "json", heard)
    try:
        int("two\nlines")
    except ValueError:
        logging.getLogger("evals").exception("said\nso")
    line = json.loads(heard.getvalue())
    assert line["message"] == "said\nso"
    assert "ValueError" in line["exception"]


def test_a_log_line_steers_no_terminal() -> None:
    heard = io.StringIO()
    configure(stream=heard)
    logging.getLogger("flows").warning("%s said so", "\x1b]52;c;eA==\x07\x9b2J\u202e")
    assert heard.getvalue().endswith("⟨U+001B⟩]52;c;eA==⟨U+0007⟩⟨U+009B⟩2J⟨U+202E⟩ said so\n")


def test_no_line_holds_personal_data() -> None:
    heard = io.StringIO()
    configure(logging.INFO, stream=heard)
    library = logging.Logger("some.library")
    library.addHandler(logging.StreamHandler(heard))
    try:
        int("maria@example.org")
    except ValueError:
        logging.getLogger("evals").exception("asked by %s", "cpf 529.982.247-25")
        library.exception("NHS number %s", "943 476 5919")
    said = heard.getvalue()
    assert "asked by cpf [CPF]" in said
    assert "invalid literal for int() with base 10: '[EMAIL]'" in said
    assert not any(planted in said for planted in ("529", "maria", "5919"))


def test_arguments_that_do_not_fit_are_not_shown() -> None:
    heard = io.StringIO()
    configure(logging.INFO, stream=heard)
    logging.getLogger("evals").warning("%d cases", "maria@example.org")
    assert heard.getvalue().endswith("%d cases (its arguments do not fit)\n")
