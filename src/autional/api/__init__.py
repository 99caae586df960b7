"""The HTTP door: the contract as one table of operations and one way from a request to a function and back."""
