type Target = Pick<EventTarget, 'addEventListener'>;

/**
 * Calls back whenever the page wakes up: the network is back (`online`), the tab is visible again (`visibilitychange`),
 * the page came from the back/forward cache (`pageshow`), or it was unfrozen (`resume`). Waiting for the end of a
 * reconnect delay that began earlier would only lengthen the gap.
 */
export function onWake(window: Target, document: Target & { readonly hidden: boolean }, wake: () => void): void {
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) {
      wake();
    }
  });
  document.addEventListener('resume', wake);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      wake();
    }
  });
}
