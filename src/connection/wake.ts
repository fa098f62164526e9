type Target = Pick<EventTarget, 'addEventListener'>;

/**
 * Calls back whenever a page that may have slept is awake again: the network came back (`online`), the tab is looked
 * at again (`visibilitychange`), it came out of the back/forward cache (`pageshow`) or was thawed (`resume`). Waiting
 * out a backoff that began before would only add to the gap.
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
