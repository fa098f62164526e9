// Browser interfaces that happy-dom does not have and @grafana/ui needs in order to mount.
import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach } from 'vitest';

// Icons are fetched; there is nobody to answer.
// Not a stub of vi, which a test may take away.
globalThis.fetch = async () => new Response('<svg xmlns="http://www.w3.org/2000/svg"></svg>');

// Combobox measures its text on a canvas.
Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', {
  value: () => ({ font: '', measureText: (text: string) => ({ width: 8 * text.length }) }),
});

// Combobox draws only the options that fit into its menu, and nothing fits into a menu without a size.
for (const side of ['clientWidth', 'clientHeight'] as const) {
  Object.defineProperty(HTMLElement.prototype, side, { configurable: true, value: 400 });
}

/** As Grafana's own: a text contains a template only where a variable of that name exists. */
const templateSrv: TemplateSrv = {
  replace: (text = '') => text.replaceAll(/\$\{?room(:raw)?\}?/g, 'kitchen'),
  containsTemplate: (text = '') => /\$\{?room\b/.test(text),
  getVariables: () => [],
  updateTimeRange: () => undefined,
};

beforeEach(() => setTemplateSrv(templateSrv));
afterEach(cleanup);
