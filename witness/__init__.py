"""The program that an authority runs as a witness of the hub's log. It needs Python and ``cryptography`` alone."""
