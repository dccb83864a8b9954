"""Real calls through a real Asterisk: the server, callers, phones, and what was heard."""
