"""The nurses' page: server-rendered, for a phone and a keyboard, with as little script as serves."""
