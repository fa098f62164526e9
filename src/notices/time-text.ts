import { dateTimeFormat, systemDateFormats } from '@grafana/data';

/** The time of a response, and how its panel shows times. */
export interface NoticeClock {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The panel's time zone, as in Grafana's requests: `browser`, `utc` or an IANA name. */
  readonly timeZone: string;
}

const DAY = 'YYYY-MM-DD';

/**
 * A time as the panel's axis shows it: in the panel's time zone, by Grafana's formats, with the date unless it is
 * today.
 *
 * @param ms milliseconds since the epoch.
 */
export function timeText(ms: number, { now, timeZone }: NoticeClock): string {
  const isToday = dateTimeFormat(ms, { timeZone, format: DAY }) === dateTimeFormat(now, { timeZone, format: DAY });
  const format = isToday ? systemDateFormats.interval.second : systemDateFormats.fullDate;
  return dateTimeFormat(ms, { timeZone, format });
}
