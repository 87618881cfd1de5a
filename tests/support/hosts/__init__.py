"""Homes, nets and hosts in the process of the test."""
