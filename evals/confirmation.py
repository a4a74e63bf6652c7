"""Asking again: a never-event that the head failed and the base did not is confirmed before it blocks.

The same case is asked `gate.never_event_repeats` more times, in epochs from `CONFIRMATION_EPOCH` on. Those answers count
for the confirmation alone; no mean, interval or count of flips reads them, so that asking again moves no figure.
"""

CONFIRMATION_EPOCH = 1000
"""Epochs from here on were asked to confirm a never-event."""
