"""Deciding: which events complete what, and a record of why. Pure functions around one thin loop."""
