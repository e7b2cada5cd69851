"""The documented service classes, each in the module that bears its name; nothing is imported here."""
