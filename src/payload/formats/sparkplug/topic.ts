/** The parts of the topic of a Sparkplug message (Sparkplug 3.0, 4.1). */
export interface SparkplugTopic {
  /** `DATA` for topics of other forms, too. */
  readonly type: 'BIRTH' | 'DATA' | 'DEATH' | 'CMD' | 'STATE';
  /** The identity of the node. */
  readonly key: string;
  readonly node?: string;
  readonly device?: string;
  /** The topic that its series goes by: that of its data. Missing for commands, which are not its values. */
  readonly series?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The topic on which the node takes commands; missing for a topic outside of Sparkplug B's namespace, as behind a
   * bridge.
   */
  readonly command?: string;
  /** How to name it to people. */
  readonly words: string;
}

/** The namespace of Sparkplug B [tck-id-topic-structure-namespace-a]. */
const NAMESPACE = 'spBv1.0';

const TYPE = /^([ND])(BIRTH|DATA|DEATH|CMD)$/;

/** Topics that are remembered: taking one apart takes as long as reading some metrics. */
const MAX_KNOWN = 1_000;

const known = new Map<string, SparkplugTopic>();

export function parseTopic(topic: string): SparkplugTopic {
  let parsed = known.get(topic);
  if (parsed === undefined) {
    parsed = takeApart(topic);
    if (known.size >= MAX_KNOWN) {
      known.clear();
    }
    known.set(topic, parsed);
  }
  return parsed;
}

function takeApart(topic: string): SparkplugTopic {
  const levels = topic.split('/');
  // Hosts publish their state below the namespace, and some below a group in it.
  if (levels[0] === 'STATE' || levels[1] === 'STATE' || (levels[2] === 'STATE' && levels[0] === NAMESPACE)) {
    return { type: 'STATE', key: topic, words: topic };
  }
  // Bridges may put levels before the namespace.
  const at = levels.findIndex((level, i) => i >= 2 && TYPE.test(level));
  const node = levels[at + 1];
  if (at < 0 || node === undefined) {
    return { type: 'DATA', key: topic, words: topic };
  }
  const [, kind, type] = TYPE.exec(levels[at])!;
  const device = kind === 'D' ? levels.slice(at + 2).join('/') : undefined;
  const before = levels.slice(0, at);
  const group = levels[at - 1];
  const below = device === undefined ? node : `${node}/${device}`;
  return {
    type: type as SparkplugTopic['type'],
    key: [...before, node].join('/'),
    node,
    device,
    words: `${group}/${below}`,
    ...(at === 2 && levels[0] === NAMESPACE ? { command: `${NAMESPACE}/${group}/NCMD/${node}` } : undefined),
    ...(type === 'CMD'
      ? undefined
      : {
          series: [...before, `${kind}DATA`, below].join('/'),
          labels: { group, node, ...(device === undefined ? undefined : { device }) },
        }),
  };
}

/**
 * The topics by which a rebirth of the node brings the names of what this topic has.
 *
 * @param all whether all messages of the node must come by; else the birth of the one that is named.
 */
export function birthTopics({ command = '', node = '', device }: SparkplugTopic, all: boolean): string[] {
  const group = command.slice(0, command.lastIndexOf('/NCMD/'));
  if (!all) {
    return [device === undefined ? `${group}/NBIRTH/${node}` : `${group}/DBIRTH/${node}/${device}`];
  }
  // Any device: what has this name comes by a wildcard only.
  const any = `${node}/\u0001`;
  return [
    `${group}/NBIRTH/${node}`,
    `${group}/NDATA/${node}`,
    ...['DBIRTH', 'DDATA', 'DDEATH'].map((type) => `${group}/${type}/${any}`),
  ];
}
