"""From identifiers to tokens: normalise, tokenise, encode, split, and forget the rest."""
