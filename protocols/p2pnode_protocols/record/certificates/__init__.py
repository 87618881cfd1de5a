"""Decision certificates: one file that proves a decision to whoever knows the community id.

See docs/certificates.md.
"""
