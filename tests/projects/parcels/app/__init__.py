"""Flows of the parcel service."""
