"""A simulated cohort of a Brazilian maternal-health service, as the events that its systems would send.

`effects.py` says what raises the risk and by how much, `population.py` draws the women, `pregnancy.py` their visits,
measurements and births, `engagement.py` what they read and ask, `identity.py` names and documents, `dirt.py` what goes
wrong on the way, `stream.py` puts it in order of time. Nobody in it exists.
"""

from matria.events.synthetic.stream import is_synthetic, simulate, write_jsonl

__all__ = ["is_synthetic", "simulate", "write_jsonl"]
