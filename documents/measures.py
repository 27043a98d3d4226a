"""How the hub guards what it holds: what the code does, for the record and the agreement. Not what a site adds."""

MEASURES = (
    "Names and numbers are replaced by keyed tokens (HMAC-SHA256) as soon as a delivery is checked; linkage and "
    "releases work without them.",
    "Deliveries and quarantined rows are sealed with AES-256-GCM under a key of their own; records and events "
    "are encrypted tables; the register of persons holds ids alone.",
    "Keys are kept apart from the data, by purpose, in a ring sealed by a passphrase.",
    "The code asks the agreement before it collects, keeps, links or releases anything; what it does not state "
    "does not flow.",
    "Each recipient has ids under a key of its own, so that two recipients cannot join their copies by them.",
    "A release is published only after an officer's signed decision on that very release.",
    "Every act is an entry in a log that cannot be changed unseen: parties' witnesses hold signed copies of its state.",
)
