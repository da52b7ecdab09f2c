"""``cleanrooms-ml verify``: what of AWS nobody could check, tried in an account."""
