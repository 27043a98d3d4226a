"""What would change in who receives what: recipients, tables, columns, rows, purposes; and in who is linked."""

from collections.abc import Iterator

from agreement.diff.change import Change, gained, less, listed, more, other
from agreement.model import Agreement, Grant, Recipient


def recipients(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Recipients that would newly receive or receive no longer, and the changes of those that stay."""
    for name, recipient in new.recipients.items():
        where = f"recipients.{name}"
        if name not in old.recipients:
            tables = "; ".join(_granted(table, grant) for table, grant in recipient.tables.items())
            said = (
                f"{recipient.title} ({name}) would newly receive releases, for {listed(recipient.purposes)}: {tables}."
            )
            yield more(where, said)
            continue
        yield from _who(where, old.recipients[name], recipient)
        yield from _tables(where, old.recipients[name], recipient)
    for name in gained(new.recipients, old.recipients):
        yield less(f"recipients.{name}", f"{old.recipients[name].title} ({name}) would no longer receive anything.")


def _granted(table: str, grant: Grant) -> str:
    rows = "".join(f", only rows whose {column} is {' or '.join(values)}" for column, values in grant.rows.items())
    purposes = f", for {listed(grant.purposes)} alone" if grant.purposes else ""
    return f"of the table {table} {listed(grant.columns)}{rows}{purposes}"


def _who(where: str, old: Recipient, new: Recipient) -> Iterator[Change]:
    if old.title != new.title:
        yield other(f"{where}.title", f"{old.title} would be called {new.title}.")
    for authority in gained(old.authorities, new.authorities):
        yield more(f"{where}.authorities", f"{new.title} would newly act for {authority}.")
    for authority in gained(new.authorities, old.authorities):
        yield less(f"{where}.authorities", f"{new.title} would no longer act for {authority}.")
    if old.persons_alike != new.persons_alike:
        reached = new.persons_alike == "reached"
        what = "Persons in the releases of {} would {}be made alike enough to others."
        tell = less if reached else more
        yield tell(f"{where}.persons_alike", what.format(new.title, "newly " if reached else "no longer "))
    for purpose in gained(old.purposes, new.purposes):
        yield more(f"{where}.purposes", f"{new.title} could newly use what it receives for {purpose}.")
    for purpose in gained(new.purposes, old.purposes):
        yield less(f"{where}.purposes", f"{new.title} could no longer use what it receives for {purpose}.")


def _tables(where: str, old: Recipient, new: Recipient) -> Iterator[Change]:
    for table, grant in new.tables.items():
        place = f"{where}.tables.{table}"
        if table not in old.tables:
            yield more(place, f"{new.title} would newly receive {_granted(table, grant)}.")
            continue
        before, who = old.tables[table], f"{new.title} would"
        for column in gained(before.columns, grant.columns):
            yield more(f"{place}.columns", f"{who} newly receive {column} in the table {table}.")
        for column in gained(grant.columns, before.columns):
            yield less(f"{place}.columns", f"{who} no longer receive {column} in the table {table}.")
        yield from _rows(f"{place}.rows", f"{who} receive", table, before, grant)
        yield from _table_purposes(f"{place}.purposes", table, old, new)
    for table in gained(new.tables, old.tables):
        yield less(f"{where}.tables.{table}", f"{new.title} would no longer receive the table {table}.")


def _rows(where: str, who: str, table: str, old: Grant, new: Grant) -> Iterator[Change]:
    """Row filters: one that goes, or takes one value more, widens."""
    for column, values in new.rows.items():
        if column not in old.rows:
            said = f"{who} only those rows of the table {table} whose {column} is {' or '.join(values)}."
            yield less(where, said)
            continue
        if added := gained(old.rows[column], values):
            yield more(where, f"{who} rows of the table {table} whose {column} is {' or '.join(added)} too.")
        if gone := gained(values, old.rows[column]):
            yield less(where, f"{who} no more rows of the table {table} whose {column} is {' or '.join(gone)}.")
    for column in gained(new.rows, old.rows):
        only = " or ".join(old.rows[column])
        yield more(where, f"{who} rows of the table {table} whatever their {column}; now only where it is {only}.")


def _table_purposes(where: str, table: str, old: Recipient, new: Recipient) -> Iterator[Change]:
    """A table's own purposes; where it has none, the recipient's are told of already."""
    if not (old.tables[table].purposes or new.tables[table].purposes):
        return
    before, after = old.purposes_of(table), new.purposes_of(table)
    for purpose in gained(before, after):
        yield more(where, f"{new.title} could newly use the table {table} for {purpose}.")
    for purpose in gained(after, before):
        yield less(where, f"{new.title} could no longer use the table {table} for {purpose}.")


def linkage(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Feeds whose persons would be combined, or no longer."""
    for feed in gained(old.linkage.feeds, new.linkage.feeds):
        yield more("linkage.feeds", f"The persons of {feed} would newly be linked with those of the other feeds.")
    for feed in gained(new.linkage.feeds, old.linkage.feeds):
        yield less("linkage.feeds", f"The persons of {feed} would no longer be linked with those of other feeds.")
    before, after = (
        {f"{column} of {feed}" for feed, columns in text.linkage.looked_at.items() for column in columns}
        for text in (old, new)
    )
    for it in sorted(after - before):
        yield more("linkage.looked_at", f"Linkage would newly look at {it}.")
    for it in sorted(before - after):
        yield less("linkage.looked_at", f"Linkage would no longer look at {it}.")
