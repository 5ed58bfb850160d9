"""What the sources of all brokers share."""
