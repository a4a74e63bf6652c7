"""Automations of the Prefect server, declared in `automations.yaml` at the root and brought to a server."""
