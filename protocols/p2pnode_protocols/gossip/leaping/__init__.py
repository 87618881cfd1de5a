"""Leaps from one epoch to a later one, and asking for the closed proposals they lead over."""
