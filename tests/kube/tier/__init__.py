"""The parts of the real-API-server tier; ../run.py puts them together."""
