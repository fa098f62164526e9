import type { createDecoder, Decoder } from '../../payload';
import { DecodeFailure } from '../../payload/decoded';
import type { PartPending } from '../../payload/part';
import { parseQuantity } from '../../payload/units/quantity';
import type { UnitFinder } from '../../payload/units/unit-words';
import type { pivot } from '../../topics';
import type { MessageDetail, MessageQuery, MessageView, ReadSpec } from '../explorer-protocol';
import type { Stream } from '../stream';
import type { IncomingMessage } from '../incoming-message';
import { headerOf, type LoggedMessage, MessageLog } from './message-log';
import { previewOf } from './preview';
import { valueRows } from './value-rows';

/** Messages in the list. */
const MAX_LISTED = 50;

/** Messages of which the rows are shown. */
const PREVIEWED = 20;

/** Bytes of a payload that the page gets. */
const SHOWN_BYTES = 16_384;

/** The part of the engine that an inspector uses: decoders and units. */
export interface InspectorTools {
  readonly createDecoder: typeof createDecoder;
  readonly PartPending: typeof PartPending;
  readonly Units: typeof UnitFinder;
  readonly Stream: typeof Stream;
  readonly pivot: typeof pivot;
}

/** The last messages of a query, and one of them in full, read as the query reads it. */
export class Inspector {
  readonly #read: ReadSpec;
  readonly #tools: InspectorTools;
  readonly #onDecoder: () => void;
  readonly log = new MessageLog();
  /** The messages as they were when somebody began to read: at high rates the log soon has none of them. */
  #held: { readonly messages: readonly LoggedMessage[]; readonly count: number } | undefined;

  /** @param onDecoder a decoder has been loaded: the view may have changed. */
  constructor(read: ReadSpec, tools: InspectorTools, onDecoder: () => void) {
    this.#read = read;
    this.#tools = tools;
    this.#onDecoder = onDecoder;
  }

  add(message: IncomingMessage, now: number): void {
    this.log.add(message, now);
  }

  view({
    selected,
    hold,
    mapping,
  }: MessageQuery): Pick<MessageView, 'messages' | 'newer' | 'list' | 'detail' | 'preview'> {
    const { log } = this;
    this.#held = hold && log.count > 0 ? (this.#held ?? { messages: log.messages, count: log.count }) : undefined;
    const { messages, count } = this.#held ?? { messages: log.messages, count: log.count };
    const list = messages.slice(-MAX_LISTED).toReversed();
    const message = list.find(({ id }) => id === selected) ?? list.at(0);
    const preview =
      mapping === undefined
        ? undefined
        : previewOf(messages.slice(-PREVIEWED), this.#read, mapping, this.#tools.Stream);
    return {
      messages: log.count,
      newer: log.count - count,
      list: list.map(headerOf),
      ...(message === undefined ? undefined : { detail: this.#detail(message, messages) }),
      ...(preview === undefined ? undefined : { preview }),
    };
  }

  #detail(message: LoggedMessage, messages: readonly LoggedMessage[]): MessageDetail {
    const { topic, payload, userProperties, time = Date.now() } = message;
    const earlier = messages.filter(({ id }) => id < message.id);
    const decoded = this.#decode(message, earlier);
    const previous = earlier.findLast((each) => each.topic === topic);
    const before = previous && this.#decode(previous, earlier.slice(0, earlier.indexOf(previous)));
    const { rows, format, pivot: filters } = this.#read;
    const field = filters && this.#tools.pivot(filters, topic)?.field;
    const { values, cut } =
      decoded instanceof DecodeFailure || decoded === undefined
        ? { values: [], cut: false }
        : valueRows(decoded, before instanceof DecodeFailure ? undefined : before, {
            topic,
            arrival: time,
            rows,
            field,
            Units: this.#tools.Units,
          });
    const isNumber = format === 'auto' && typeof decoded === 'string' && parseQuantity(decoded) !== undefined;
    return {
      ...headerOf(message),
      userProperties,
      ...(decoded instanceof DecodeFailure ? { failure: decoded.reason } : undefined),
      values,
      cut,
      ...(isNumber ? { readAs: 'number' as const } : undefined),
      bytes: payload.slice(0, SHOWN_BYTES),
    };
  }

  /** @returns undefined while the decoder is loaded. */
  #decode(message: LoggedMessage, earlier: readonly LoggedMessage[]): unknown {
    const { format, formatOptions } = this.#read;
    const { createDecoder, PartPending } = this.#tools;
    const decode = createDecoder(format, formatOptions);
    try {
      // Data of Sparkplug name their metrics in messages before.
      const isSparkplug = format === 'sparkplug' || message.topic.startsWith('spBv1.0/');
      for (const each of isSparkplug ? earlier : []) {
        run(decode, each);
      }
      return run(decode, message);
    } catch (error) {
      if (error instanceof PartPending) {
        void error.loaded.then(this.#onDecoder);
        return undefined;
      }
      throw error;
    }
  }
}

function run(decode: Decoder, { payload, topic, retain }: LoggedMessage): unknown {
  return decode(payload, topic, retain);
}
