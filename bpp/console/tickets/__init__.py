"""Complaints: the inbox with the clock, one complaint with both sides' words, and the answers of one click."""
