/** The panels of the workbench, by Grafana's names. */
export const VIZ_TYPES = ['timeseries', 'stat', 'table', 'bargauge', 'state-timeline', 'logs'] as const;
export type VizType = (typeof VIZ_TYPES)[number];

/** @throws {Error} if the workbench has no panel of this type. */
export function vizType(type: string): VizType {
  const known = VIZ_TYPES.find((each) => each === type);
  if (known === undefined) {
    throw new Error(`The workbench has no panel of the type ${type}. It has ${VIZ_TYPES.join(', ')}.`);
  }
  return known;
}
