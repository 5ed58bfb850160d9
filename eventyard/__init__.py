"""The command line and the wiring of all rooms. Third parties import only `eventyard.plugins`."""
