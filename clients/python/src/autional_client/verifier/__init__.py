"""Verify access tokens offline, without believing those that were revoked."""
