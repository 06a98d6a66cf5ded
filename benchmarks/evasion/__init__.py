"""Test sets made by code: sign-in pages with evasions, and innocent pages that show brands' logos.  All pages are our own writing.

``marks`` chooses brands and draws logos, ``pages`` lays out sign-in pages, ``changes`` are the evasions, ``innocents`` the innocent
kinds, ``render`` lets the real browser look at them and stores what it sees as a labelled folder.
"""
