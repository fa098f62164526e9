import type { Page } from 'playwright-core';

/** How often each number is in the rows of a panel, by the panel's title. */
export type PanelRows = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The part of React's tree that holds the data of a panel. */
interface Fiber {
  readonly return: Fiber | null;
  readonly memoizedProps: { readonly data?: Data; readonly model?: Scene } | null;
}

interface Data {
  readonly series?: readonly Frame[];
}

/** A panel of `@grafana/scenes`. */
interface Scene {
  readonly state?: { readonly $data?: { readonly state: { readonly data?: Data } } };
}

interface Frame {
  readonly fields: ReadonlyArray<{ readonly type: string; readonly values: readonly unknown[] }>;
}

/** Reads the rows that panels have been given, which a canvas does not tell. */
export async function panelRows(page: Page, titles: readonly string[]): Promise<PanelRows> {
  const numbers = await page.evaluate(
    // This function runs in the page. It has no functions with names, for which tsx would need another one.
    (wanted) =>
      wanted.map((title) =>
        [...document.querySelectorAll(`[data-testid="data-testid Panel header ${title}"]`)]
          .flatMap((element) => {
            const key = Object.keys(element).find((name) => name.startsWith('__reactFiber$')) ?? '';
            let fiber = (element as unknown as Record<string, Fiber | null>)[key] ?? null;
            let series: readonly Frame[] | undefined;
            while (fiber !== null && series === undefined) {
              const props: Fiber['memoizedProps'] = fiber.memoizedProps;
              series = props?.data?.series ?? props?.model?.state?.$data?.state.data?.series;
              fiber = fiber.return;
            }
            return series ?? [];
          })
          .flatMap(({ fields }) => fields.filter(({ type }) => type === 'number').flatMap(({ values }) => [...values]))
          .filter((value) => typeof value === 'number')
      ),
    titles
  );
  return new Map(titles.map((title, i) => [title, countOf(numbers[i])]));
}

function countOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
