"""What Go's standard library does where its results show."""
