/** What the topic of a Sparkplug message says (Sparkplug 3.0, 4.1). */
export interface SparkplugTopic {
  /** `DATA` for topics of other forms, too. */
  readonly type: 'BIRTH' | 'DATA' | 'DEATH' | 'CMD' | 'STATE';
  /** What tells nodes apart. */
  readonly key: string;
  readonly node?: string;
  readonly device?: string;
  /** The topic that its series goes by: that of its data. Missing for commands, which are not its values. */
  readonly series?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** How to name it to people. */
  readonly words: string;
}

const TYPE = /^([ND])(BIRTH|DATA|DEATH|CMD)$/;

export function parseTopic(topic: string): SparkplugTopic {
  const levels = topic.split('/');
  if (levels[0] === 'STATE' || levels[1] === 'STATE') {
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
    ...(type === 'CMD'
      ? undefined
      : {
          series: [...before, `${kind}DATA`, below].join('/'),
          labels: { group, node, ...(device === undefined ? undefined : { device }) },
        }),
  };
}
