"""What talks to NATS."""
