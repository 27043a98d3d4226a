"""The model: what each agreement weighs, learned without labels; its versions and its charts."""
