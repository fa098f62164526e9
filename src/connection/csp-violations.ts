/** A request that the page's Content-Security-Policy has blocked. */
export interface CspViolation {
  /** `connect-src`, `worker-src`, `script-src-elem`, … */
  readonly directive: string;
  /** The URL; only its origin or scheme if the browser does not show more to the page. */
  readonly blocked: string;
}

/** The number of violations that are remembered, the newest: other code of the page causes some too. */
const MAX_VIOLATIONS = 50;

/**
 * Listens to the browser's reports. To the code that opened it, a blocked connection looks like an unreachable one;
 * only this event distinguishes them, and it comes before the connection's error.
 */
export class CspViolations {
  readonly #seen: CspViolation[] = [];

  listen(target: Pick<EventTarget, 'addEventListener'>): void {
    target.addEventListener('securitypolicyviolation', (event) => {
      const { effectiveDirective, blockedURI, disposition } = event as SecurityPolicyViolationEvent;
      // A policy that only reports blocks nothing.
      if (disposition !== 'report') {
        this.add({ directive: effectiveDirective, blocked: blockedURI });
      }
    });
  }

  /** Adds a violation that was reported elsewhere, as in a Worker. */
  add({ directive, blocked }: CspViolation): void {
    this.#seen.push({ directive, blocked });
    this.#seen.splice(0, Math.max(0, this.#seen.length - MAX_VIOLATIONS));
  }

  /** The violation by a connection to a `ws://` or `wss://` URL. */
  connection(url: string): CspViolation | undefined {
    return this.#seen.findLast(({ directive, blocked }) => directive === 'connect-src' && sameTarget(blocked, url));
  }

  /** The violation by loading the engine, in a Worker or at all. */
  engine(): CspViolation | undefined {
    return this.#seen.findLast(
      ({ directive, blocked }) =>
        /^(worker|child|script|default)-src/.test(directive) && /\/engine\.js(\?|$)/.test(blocked)
    );
  }
}

/** Browsers report the whole URL, only its origin, or the URL without the path of a redirect. */
function sameTarget(blocked: string, url: string): boolean {
  try {
    const [a, b] = [new URL(blocked), new URL(url)];
    return a.protocol === b.protocol && a.host === b.host;
  } catch {
    return false;
  }
}
