import { config, getBackendSrv, isFetchError } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { parseUrl } from './url-hints';

/** What is asked of Grafana's server, and of the broker's address over HTTP. Nothing here rejects. */

/** How long a question that only helps to say what is wrong may take, in milliseconds. */
const ASK_MS = 3_000;

/**
 * Asks the `token` route of plugin.json, by which Grafana's proxy fetches `tokenUrl` with what the data source's secure
 * fields hold. It works with either access. Grafana takes the route's path alone, so that the query is passed on here.
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
 * The status of Grafana's own check of the session, which core's live connections ask too; 0 where nobody answers. With
 * the browser's fetch: Grafana's own would send the page to the login form at once.
 */
export async function loginPing(): Promise<number> {
  try {
    return (await ask(`${config.appSubUrl ?? ''}/api/login/ping`, { credentials: 'same-origin' })).status;
  } catch {
    return 0;
  }
}

/** Asks over HTTP at the address of a WebSocket. The browser shows the status of this page's own host only. */
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
  const response = await fetch(url, { ...init, cache: 'no-store', signal: AbortSignal.timeout(ASK_MS) });
  // The status is all that is looked at; whatever serves a page of endless length must not go on.
  void response.body?.cancel();
  return response;
}

function textOf(data: unknown): string {
  return typeof data === 'string' ? data : data === undefined || data === null ? '' : JSON.stringify(data);
}
