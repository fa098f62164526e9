import type { Figure } from '../figure';
import { ask, openPage } from './chromium';
import type { Stage } from './stage';

/** Rows 1 to 3 again where they run in earnest; each in a page of its own. */
export async function inChromium(stage: Stage): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of ['append', 'packet', 'decode'] as const) {
    await using opened = await openPage(stage.browser, stage.pageUrl);
    figures.push(...(await ask(opened.page, 'micro', name, stage.short)));
  }
  return inItsWords(figures);
}

/** What each step of the path costs by itself: what the picture in docs/development/measuring.md is made from. */
export async function stepsInChromium(stage: Stage): Promise<Figure[]> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  return inItsWords(await ask(opened.page, 'micro', 'steps', stage.short));
}

function inItsWords(figures: readonly Figure[]): Figure[] {
  return figures.map((figure) => ({ ...figure, what: `in Chromium: ${figure.what}` }));
}
