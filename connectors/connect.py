"""The one way to a partner: from a feed's transport to the connector that speaks it."""

from connectors.file_drop import FileStore
from connectors.files import FileConnector
from connectors.mesh import MeshConnector
from connectors.page import Connector
from connectors.rest import RestConnector
from connectors.sftp import SftpServer
from connectors.sql import SqlConnector
from hub.errors import ConfigurationError
from hub.feeds import Feed
from hub.settings import Settings
from hub.transports import FileTransport, MeshTransport, RestTransport, SftpTransport, SqlTransport, Transport


def connect(settings: Settings, feed: Feed) -> Connector:
    """The connector of a feed. Nothing is contacted before its pages are asked for.

    A missing credential raises ConfigurationError when they are.
    """
    transport = located(settings, feed)
    match transport:
        case SftpTransport():
            server = SftpServer(feed.name, transport, settings.secret)
            return FileConnector(feed.name, transport, settings.secret, server.address, server.session)
        case FileTransport():
            store = FileStore(feed.name, transport, settings.secret)
            return FileConnector(feed.name, transport, settings.secret, store.address, store.session)
        case RestTransport():
            return RestConnector(feed.name, transport, settings.secret)
        case MeshTransport():
            return MeshConnector(feed.name, transport, settings.secret)
        case SqlTransport():
            return SqlConnector(feed.name, transport, settings.secret)


def located(settings: Settings, feed: Feed) -> Transport:
    """The feed's transport with this hub's own endpoint, if it names one for the feed or its authority.

    An endpoint is a base URL, for a file drop that of the store; for SFTP it is ``host:port``. Raises
    ConfigurationError if it is not.
    """
    place = settings.endpoints.get(feed.name) or settings.endpoints.get(feed.authority)
    if place is None:
        return feed.transport
    if isinstance(feed.transport, SftpTransport):
        host, _, port = place.rpartition(":")
        if not host or not port.isdigit():
            raise ConfigurationError(
                "The endpoint cannot be used",
                where=f"endpoints, {feed.name}",
                why=f"{place!r} is not host:port",
                fix="Write it like sftp.example:22",
            )
        return feed.transport.model_copy(update={"host": host, "port": int(port)})
    return feed.transport.model_copy(update={"url": place})
