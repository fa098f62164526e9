import { importPart, Part } from '../part';
import { openerOf } from '../nested-json';
import { texts } from '../paths';
import { rowItems } from '../rows/lists';
import { timeFormats } from '../time/times';
import type * as lazyFormatsPart from './lazy-formats';
import type * as sparkplugFormat from './sparkplug';

/** The files of the parts; the build knows their names, and tests import the modules. */
declare const FORMATS_PART: string;
declare const SPARKPLUG_PART: string;

/** Decoders of text and binary formats other than JSON and single values, and the reader of formats of times. */
export const lazyFormats = new Part<typeof lazyFormatsPart>(async () => {
  const code = await (typeof FORMATS_PART === 'undefined'
    ? import('./lazy-formats')
    : importPart<typeof lazyFormatsPart>(FORMATS_PART));
  timeFormats.compile = code.compileFormat;
  rowItems.find = code.itemsOf;
  return code;
});

// With the first JSON in a text: the next may be almost JSON.
let isExpected = false;
texts.open = openerOf(() => {
  if (!isExpected) {
    isExpected = true;
    void lazyFormats.load();
  }
  return lazyFormats.code?.readNestedJson;
});

/** The decoder of Sparkplug B, which has a reader of Protobuf. */
export const sparkplug = new Part<typeof sparkplugFormat>(() =>
  typeof SPARKPLUG_PART === 'undefined' ? import('./sparkplug') : importPart(SPARKPLUG_PART)
);
