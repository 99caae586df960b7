"""The same work side by side with other systems."""
