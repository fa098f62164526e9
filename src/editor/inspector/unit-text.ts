import { getValueFormat, getValueFormats } from '@grafana/data';

/**
 * A unit as Grafana writes it beside a number: `°C` for `celsius`. Where Grafana writes none, or changes the number,
 * the name of the unit in Grafana's list.
 *
 * @param id of a Grafana unit, or a unit of somebody's own.
 */
export function unitText(id: string): string {
  const { text, prefix = '', suffix = '' } = getValueFormat(id)(1);
  const written = `${prefix}${suffix}`.trim();
  return text === '1' && written !== '' ? written : nameOf(id);
}

function nameOf(id: string): string {
  return (
    getValueFormats()
      .flatMap(({ submenu }) => submenu)
      .find(({ value }) => value === id)?.text ?? id
  );
}
