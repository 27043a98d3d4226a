"""The page of one feed, and the page that leads to all of them."""

from collections.abc import Iterator

from agreement.model import Agreement, FeedTerms
from documents.feed_pages.columns import codes, columns
from documents.feed_pages.delivery import document_form, timing, transport
from documents.feed_pages.example import QUARTER, example
from documents.feed_pages.markdown import code, heading, sentence, table
from documents.feed_pages.rules import mending, remarks, rules
from documents.sources import Sources, authority_of
from documents.words import authority_name, conditions, days, gateway, listed
from schemas.contract import Contract

COMMAND = "hub feed pages"
_LONG = 40
_NOT_AGREED = "The agreement does not state this feed yet: nothing of it flows."
INDEX = f"""# The feeds

What each authority sends: one page a feed, made from its contract in `schemas/`, its file in `config/feeds` and the
agreement by `{COMMAND}`. Do not edit them; a test fails when they are out of date.
To add a feed: [add a feed](../howto/add-a-feed.md).
A provider can try a file before it is delivered: [mend a delivery](../howto/mend-a-delivery.md).

"""


def page(sources: Sources, name: str) -> str:
    """One feed that has a file and a contract, in Markdown."""
    feed, contract = sources.feeds[name], sources.contracts[name]
    return "".join(
        [
            f"# {feed.title}\n\n`{name}` · made by `{COMMAND}`, do not edit\n\n{sentence(feed.description)}\n",
            f"{sentence(contract.model.__doc__ or '')}\n\n",
            table(("", ""), _glance(sources, name)),
            heading("Columns"),
            columns(sources, contract),
            *_part("Codes", codes(contract)),
            heading("Rules"),
            rules(contract),
            heading("Why a row is quarantined, and how to mend it"),
            mending(contract),
            *_part("What is noticed in rows that are taken", remarks(contract)),
            heading("An example row"),
            f"Made up: it is about nobody. It would be taken with a delivery of {QUARTER}.\n\n",
            table(("their name", "value"), [(code(name), _shown(value)) for name, value in example(contract).items()]),
        ]
    )


def _shown(value: str) -> str:
    """A value, or of a long one the beginning and its length."""
    return code(value) if len(value) <= _LONG else f"{code(value[:12])}… ({len(value)} characters)"


def _part(title: str, content: str) -> Iterator[str]:
    if content:
        yield heading(title) + content.lstrip("\n")


def _glance(sources: Sources, name: str) -> Iterator[tuple[str, str]]:
    feed, terms = sources.feeds[name], sources.agreement.feeds.get(name)
    authority = authority_of(name)
    yield "Provider", f"{sources.controller(authority)} ({authority_name(authority)})"
    yield "Whom to ask", feed.owner
    if terms is None:
        yield "Agreement", _NOT_AGREED
    else:
        yield from _legal(sources, terms, name)
    yield "By", transport(feed)
    yield "Form", document_form(feed)
    yield from timing(feed)
    kept = sources.agreement.retention_days
    yield "Kept", f"as it came {days(kept['landing'])}; quarantined rows {days(kept['quarantine'])}; both sealed"


def _legal(sources: Sources, terms: FeedTerms, name: str) -> Iterator[tuple[str, str]]:
    yield "About", listed(terms.subjects) if terms.personal else "no persons"
    yield "Legal gateway", gateway(terms)
    if terms.conditions:
        yield "Conditions", "; ".join(law.clause for law in conditions(terms))
    yield "Purposes", " ".join(each.text for each in sources.agreement.purposes if each.id in terms.purposes)
    if terms.personal:
        yield (
            "Identifiers replaced by tokens",
            "by the provider" if terms.pseudonymised_at == "source" else "by the hub",
        )
        yield "Linked person by person", _linked(sources.agreement, name)
        consent = terms.reidentification
        told = f"for {listed(consent.purposes)}, by the provider alone ({consent.consent})" if consent else "never"
        yield "Re-identified", told
    yield "Since", terms.earliest_period


def _linked(agreement: Agreement, name: str) -> str:
    if name not in agreement.linkage.feeds:
        return "no"
    looked_at = agreement.linkage.looked_at.get(name)
    return "yes" + (f"; beside tokens it is looked at: {listed([f'`{it}`' for it in looked_at])}" if looked_at else "")


def index(sources: Sources) -> str:
    """The list of all feeds, by authority."""
    head = ("feed", "what it is", "from", "by", "about persons", "rows a quarter", "columns")
    return INDEX + table(head, [_line(sources, sources.contracts[name], name) for name in described(sources)])


def described(sources: Sources) -> list[str]:
    """The feeds that have a file and a contract, in order."""
    return sorted(sources.feeds.keys() & sources.contracts.keys())


def _line(sources: Sources, contract: Contract, name: str) -> tuple[str, ...]:
    feed = sources.feeds[name]
    fewest, most = feed.expected_rows
    return (
        f"[`{name}`]({name}.md)",
        feed.title,
        authority_name(feed.authority),
        f"{feed.transport.kind}, {feed.format}",
        "yes" if contract.personal else "no",
        f"{fewest:,} to {most:,}",
        str(len(contract.source_names)),
    )
