"""What an operator does: prepare, look, mend. Nothing here is on the path of an event."""
