import { parsePath } from '../paths';
import { checkTimeFormat } from '../time/format-pieces';
import type { RowMappingSpec, TimeChoice } from './mapping';
import { compileValueMappings } from './value-mappings';

/** Fields and labels that a query may name: more than anybody writes. */
const MAX_CHOICES = 500;

/**
 * Checks what `compileRowMapping` reads, without what reads messages: the page checks a query before the engine has it.
 *
 * @throws {Error} that says in a sentence which path, time zone, time format or value mapping cannot be read, or that
 *   there are too many.
 */
export function checkRowMapping({
  rows = '',
  fields = [],
  labels = [],
  mappings = [],
  time = {},
}: RowMappingSpec): void {
  const named = fields.map(({ path }) => path).filter(isGiven);
  if ([named, labels, mappings].some(({ length }) => length > MAX_CHOICES)) {
    throw new Error(`A query can name at most ${MAX_CHOICES} fields, as many labels, and as many value mappings.`);
  }
  compileValueMappings(mappings);
  checkTime(time);
  const inPayload = labels.filter(({ from }) => from !== 'property').map(({ path }) => path);
  [...inPayload, rows, ...named].filter(isGiven).forEach(parsePath);
}

function isGiven(path: string): boolean {
  return path.trim() !== '';
}

function checkTime({ from, path = '', clockPath = '', interval = '', format = '', zone = '' }: TimeChoice): void {
  if (zone !== '') {
    try {
      Intl.DateTimeFormat('en-US', { timeZone: /^z$/i.test(zone) ? 'UTC' : zone });
    } catch (error) {
      throw new Error(
        `There is no time zone "${zone}". Write an IANA name such as Europe/Paris or America/New_York, or UTC.`,
        { cause: error }
      );
    }
  }
  if (format !== '') {
    checkTimeFormat(format);
  }
  if (from === 'path') {
    parsePath(path);
    parsePath(clockPath);
  }
  if (!Number.isFinite(Number(interval))) {
    parsePath(`${interval}`.trim());
  }
}
