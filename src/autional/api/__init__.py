"""The HTTP API: a table of operations, and one way from a request to a function and back."""
