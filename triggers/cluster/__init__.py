"""What all triggers that act on a cluster share."""
