"""`matria --help` stays instant: nothing heavy is imported before a command runs. (How fast it is: tests/bench.)"""

import json
import subprocess
import sys

HEAVY = {
    "prefect", "mlflow", "pandas", "numpy", "langchain", "langchain_core", "openai", "great_expectations",
    "lightgbm", "sklearn", "scipy", "deepeval", "ragas", "evidently", "genai_prices", "sqlalchemy", "pyarrow",
}  # fmt: skip

PROBE = """
import json, sys
from flows.cli.entry import run
status = run(["--help"])
print(json.dumps([status, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    status, loaded = json.loads(done.stdout.splitlines()[-1])
    assert status == 0
    assert not HEAVY & set(loaded)
