"""The only code that opens outbound connections: registry look-ups with their cache, and callbacks to peers."""
