"""Doors for programs: ODK Collect and other OpenRosa clients, the phone app, health."""
