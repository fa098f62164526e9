import { config, getBackendSrv, isFetchError } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { parseUrl } from '../utils/parse-url';

/** HTTP requests to Grafana's server and to the broker's address. No function in this file rejects. */

/** The timeout of a request that only helps to diagnose an error, in milliseconds. */
const PROBE_TIMEOUT_MS = 3_000;

/**
 * Requests the `token` route of plugin.json: Grafana's proxy fetches `tokenUrl` with the data source's secure headers.
 * The route works with either access mode. Grafana uses only the path of the URL, so its query is added here.
 */
export async function fetchToken(uid: string, tokenUrl = ''): Promise<{ status: number; body: string }> {
  try {
    const { status, data } = await lastValueFrom(
      getBackendSrv().fetch<unknown>({
        url: `/api/datasources/proxy/uid/${encodeURIComponent(uid)}/token${parseUrl(tokenUrl)?.search ?? ''}`,
        method: 'GET',
        responseType: 'text',
        headers: { 'Cache-Control': 'no-cache' },
        showErrorAlert: false,
        hideFromInspector: true,
      })
    );
    return { status, body: textOf(data) };
  } catch (error) {
    return isFetchError<unknown>(error) ? { status: error.status, body: textOf(error.data) } : { status: 0, body: '' };
  }
}

/**
 * The status of Grafana's session check, which core's live connections use too; 0 if there is no response. It uses the
 * browser's `fetch`, because Grafana's would redirect the page to the login form.
 */
export async function loginPing(): Promise<number> {
  try {
    return (await ask(`${config.appSubUrl ?? ''}/api/login/ping`, { credentials: 'same-origin' })).status;
  } catch {
    return 0;
  }
}

/** Requests the address of a WebSocket over HTTP. The browser shows the status only of this page's own host. */
export async function probe(url: string): Promise<number | 'answered' | 'silent'> {
  const own = parseUrl(url)?.host === location.host;
  try {
    const response = await ask(url.replace(/^ws/i, 'http'), {
      mode: own ? 'same-origin' : 'no-cors',
      credentials: own ? 'same-origin' : 'omit',
      redirect: own ? 'manual' : 'follow',
    });
    if (response.type === 'opaqueredirect') {
      return 302;
    }
    return own ? response.status : 'answered';
  } catch {
    return 'silent';
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, cache: 'no-store', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  // Only the status matters, and the body may be endless.
  void response.body?.cancel();
  return response;
}

function textOf(data: unknown): string {
  return typeof data === 'string' ? data : data === undefined || data === null ? '' : JSON.stringify(data);
}
