"""Ways for an event to reach the server."""
