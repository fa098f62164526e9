/** What a Content-Security-Policy of the page has blocked, as far as it concerns this plugin. */
export interface CspViolation {
  /** `connect-src`, `worker-src`, `script-src-elem`, … */
  readonly directive: string;
  /** The URL, or of what is not shown to the page its origin or scheme. */
  readonly blocked: string;
}

/** Violations that are remembered: more than one page has brokers. */
const KEPT = 50;

/**
 * Listens to the browser's own reports. A blocked connection looks like an unreachable one to whoever opened it; only
 * this event tells them apart, and it comes before the connection's error.
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

  /** One that was reported elsewhere: in a Worker. */
  add({ directive, blocked }: CspViolation): void {
    this.#seen.push({ directive, blocked });
    this.#seen.splice(0, Math.max(0, this.#seen.length - KEPT));
  }

  /** The directive that does not let this page connect to a `ws://` or `wss://` URL. */
  connection(url: string): CspViolation | undefined {
    return this.#seen.findLast(({ directive, blocked }) => directive === 'connect-src' && sameTarget(blocked, url));
  }

  /** The directive that does not let this page load the engine, in a Worker or at all. */
  engine(): CspViolation | undefined {
    return this.#seen.findLast(
      ({ directive, blocked }) =>
        /^(worker|child|script|default)-src/.test(directive) && /\/engine\.js(\?|$)/.test(blocked)
    );
  }
}

/** Browsers report the whole URL, or its origin only, or with the path of a redirect taken away. */
function sameTarget(blocked: string, url: string): boolean {
  try {
    const [a, b] = [new URL(blocked), new URL(url)];
    return a.protocol === b.protocol && a.host === b.host;
  } catch {
    return false;
  }
}
