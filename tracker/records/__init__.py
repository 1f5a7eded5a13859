"""What every stored record of this system shares: time stamps, history, a natural key, validation of trees."""
