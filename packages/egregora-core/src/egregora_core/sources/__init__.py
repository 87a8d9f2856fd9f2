"""The chat platforms that come with core. Each is a plugin like anybody's: one module, `recognise` and `read`."""
