"""Six partner systems as real servers on 127.0.0.1, one module each."""
