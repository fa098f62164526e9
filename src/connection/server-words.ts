import { USUAL_PATHS } from '../engine/broker-quirks/usual-addresses';

/**
 * The meaning of a server's response over HTTP for a WebSocket that did not open. `before`: the broker had accepted a
 * connection over the same address, so it is right.
 */

/** @param status that of Grafana's data source proxy, or `silent` if it does not respond. */
export function proxyText(status: number | string, before: boolean): string {
  switch (status) {
    case 502:
    case 504:
      return before
        ? "Grafana's server cannot reach the broker any more. Check that the broker is running, and the network between Grafana's server and the broker."
        : "Grafana's server cannot reach the broker. Check that the broker is running, and that the URL in the settings of the data source is the broker's WebSocket listener as seen from Grafana's server (http:// or https://, port, certificate). A web server in front of Grafana must pass on the Upgrade and Connection headers.";
    case 302:
    case 401:
      return `Something between Grafana and the broker wants a login (status ${status}). Check the credentials that Grafana sends, and web servers in between.`;
    case 403:
      return 'Grafana does not let you use this data source. Ask an administrator: you may lack the permission to query the data source, or data_source_proxy_whitelist does not list the broker.';
    case 404:
      return before
        ? 'Grafana does not find the data source or the broker any more. The data source may have been deleted, or the configuration of the broker may have changed.'
        : `The broker has nothing at the path of its URL. Correct the path in the settings of the data source: ${USUAL_PATHS}. If the path is right, the data source may have been deleted.`;
    case 400:
    case 426:
      return before
        ? 'Grafana and the broker answer, but no WebSocket opens any more. Check whether the credentials that Grafana sends (user and password, headers, certificate), the broker or a web server in front of Grafana have changed.'
        : `Grafana and the broker answer, but no WebSocket opens. Check the path in the settings of the data source (${USUAL_PATHS}). Then check the credentials that Grafana sends (user and password, headers, certificate). Then check that a web server in front of Grafana passes on WebSockets, with the Upgrade and Connection headers, and keeps Host.`;
    case 'silent':
      return 'Grafana answers, but its data source proxy does not. Check that a web server in front of Grafana passes on /api/datasources/proxy.';
    default:
      return before
        ? `A server answers through Grafana (status ${status}), but opens no WebSocket any more. Check that the broker is running, and whether the configuration of a web server has changed.`
        : `A server answers through Grafana (status ${status}), but opens no WebSocket. Check that the URL in the settings of the data source is the broker's WebSocket listener, and that a web server in front of Grafana passes on WebSockets and keeps Host.`;
  }
}

/** @param status that of the web server in front of Grafana, at a path that it should pass to the broker. */
export function webServerText(status: number | string, url: string, path: string, before: boolean): string {
  switch (status) {
    case 502:
    case 503:
    case 504:
      return before
        ? `The web server passes ${url} on, but cannot reach the broker any more (status ${status}). Check that the broker is running.`
        : `The web server passes ${url} on, but cannot reach the broker (status ${status}). Check that the broker is running, the broker's address in the configuration of the web server, and that it passes the Upgrade and Connection headers (mosquitto does not answer without).`;
    case 302:
    case 401:
    case 403:
      return `The web server asks for a login or refuses access at ${url} (status ${status}). A WebSocket cannot log in. Let the web server pass ${path} to the broker without a login of its own.`;
    case 404:
      return before
        ? `The web server has nothing at ${url} any more. Check whether the configuration of the web server has changed.`
        : `The web server has nothing at ${url}. Let the web server pass ${path} to the broker's WebSocket listener (nginx: proxy_pass, with the Upgrade and Connection headers).`;
    case 'silent':
      return `The web server does not answer at ${url}. Check the network.`;
    default:
      return before
        ? `The web server answers at ${url} (status ${status}), but opens no WebSocket any more. Check that the broker is running, and whether the configuration of the web server has changed.`
        : `The web server answers at ${url} (status ${status}), but opens no WebSocket. Let the web server pass the Upgrade and Connection headers to the broker's WebSocket listener.`;
  }
}

/** For an address that answers over the scheme that its URL does not have. @param other the URL with the other scheme. */
export function otherSchemeText(url: string, other: string): string {
  const secure = other.startsWith('wss:');
  return `Cannot reach ${url}, because a server answers there ${secure ? 'with' : 'without'} TLS. Enter ${other}${secure ? '' : ', or the port of the broker that has TLS'}.`;
}

/** A server of another host, of which a page can only know that it responds. */
export function otherServerText(url: string, before: boolean): string {
  return before
    ? `A server answers at ${url}, but opens no WebSocket any more. Check that the broker is running, and whether its configuration has changed.`
    : `A server answers at ${url}, but opens no WebSocket. Check the path, and that the port is the broker's WebSocket listener.`;
}
