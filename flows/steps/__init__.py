"""What a flow and its command share: wired adapters in, a record out, logged to MLflow and put on the shelf.

Free of Prefect: the flow adds retries and artifacts, the command a table on the terminal.
"""
