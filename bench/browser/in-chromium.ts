import type { Measurement } from '../measurement';
import { ask, openPage } from './chromium';
import type { Stage } from './stage';

/** Rows 1 to 3 again in Chromium, each in its own page. */
export async function inChromium(stage: Stage): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const name of ['append', 'packet', 'decode'] as const) {
    await using opened = await openPage(stage.browser, stage.pageUrl);
    measurements.push(...(await ask(opened.page, 'micro', name, stage.short)));
  }
  return inItsWords(measurements);
}

/** The cost of each step of the path, for the picture in docs/development/measuring.md. */
export async function stepsInChromium(stage: Stage): Promise<Measurement[]> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  return inItsWords(await ask(opened.page, 'micro', 'steps', stage.short));
}

function inItsWords(measurements: readonly Measurement[]): Measurement[] {
  return measurements.map((each) => ({ ...each, what: `in Chromium: ${each.what}` }));
}
