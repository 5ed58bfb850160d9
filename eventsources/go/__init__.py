"""What Go's standard library does where it shows in an event."""
