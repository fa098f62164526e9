/** The purpose of a control of the query editor. */
export interface Help {
  /** The purpose of the control, and the meaning of its values. */
  readonly text: string;
  /** The section about it in the pages that are next to the plugin (docs/pages.mjs): `query-editor.html#units`. */
  readonly page: string;
}

function help(page: string, text: string): Help {
  return { text, page };
}

/** The help of each control. */
export const HELP = {
  topic: help(
    'query-editor.html#topic-filters',
    'The topics whose messages the panel shows: a topic filter, or several, one a line. A level in braces, such as {room}, matches any level and becomes a label.'
  ),
  format: help(
    'query-editor.html#formats',
    'How the payload is read. Auto reads numbers, JSON, text and common binary formats, and suits most devices.'
  ),
  qos: help(
    'query-editor.html#qos',
    'What the broker promises on the way to the browser. 0: a message can be lost. 1: it can arrive twice. 2: exactly once. The lower QoS counts: this one, or that of the publisher.'
  ),
  shape: help(
    'query-editor.html#show-as',
    'What the panel gets. Time series for graphs, Latest values for a row per topic, Table for a row per message.'
  ),
  legend: help(
    'query-editor.html#legend',
    'The names of the series. Names in double braces are replaced: {{topic}}, {{field}}, named levels and labels.'
  ),
  delimiter: help('payloads.html#csv', 'What separates the values of a line. Automatic finds it in the first line.'),
  columns: help('payloads.html#csv', 'Names of the columns, separated by commas, if the lines have no header.'),
  pattern: help('payloads.html#regex', 'A regular expression. Each named group, (?<name>…), becomes a field.'),
  byteOrder: help(
    'payloads.html#int8-uint8-int16-uint16-int32-uint32-int64-uint64-float32-float64',
    'Which byte of the number comes first. Modbus registers and network protocols are big-endian, most microcontrollers little-endian.'
  ),
  offset: help(
    'payloads.html#int8-uint8-int16-uint16-int32-uint32-int64-uint64-float32-float64',
    'Bytes of the payload before the number.'
  ),
  unwrap: help('payloads.html#bytes-in-text', 'For payloads that are bytes written as text.'),
  unwrapPath: help('payloads.html#bytes-in-text', 'Where in a JSON payload the text is. Empty: the whole payload.'),
  compression: help(
    'payloads.html#compressed-payloads',
    'How the payload is compressed. Automatic finds gzip and zlib by their first bytes.'
  ),
  fieldPath: help(
    'query-editor.html#fields-of-a-message',
    'Where the value is in the payload: ENERGY.Power, list[0].rssi, ["key.with.points"]. Value is a payload that is a single value. Inspect messages shows the paths; a click chooses one.'
  ),
  fieldName: help(
    'query-editor.html#fields-of-a-message',
    'The name in legends, tables and overrides. Empty: the path.'
  ),
  fieldType: help(
    'query-editor.html#fields-of-a-message',
    'Auto takes the type of the first value. Number also reads text such as "21.5" and "21.3 °C".'
  ),
  fieldUnit: help(
    'query-editor.html#units',
    'The unit in which panels show the numbers. Empty: the unit that the payload names or the device announces.'
  ),
  mappingPath: help(
    'query-editor.html#value-mappings',
    'Where the text is in the payload. Value is a payload that is a single text.'
  ),
  mappingTrue: help('query-editor.html#value-mappings', 'The text that becomes 1. Capitals do not matter.'),
  mappingFalse: help('query-editor.html#value-mappings', 'The text that becomes 0. Capitals do not matter.'),
  labelPath: help(
    'query-editor.html#labels',
    'A value, or a user property of the message (MQTT 5), that tells series of one topic apart, for example the id of a device.'
  ),
  labelFrom: help(
    'query-editor.html#labels',
    'User properties are sent next to the payload, by publishers that use MQTT 5.'
  ),
  labelName: help(
    'query-editor.html#labels',
    'The name that legends and transformations use. Empty: the last key of the path.'
  ),
  rows: help(
    'query-editor.html#rows',
    'The path of a list whose items are rows. Empty: one row per message, or the items of a payload that is a list of objects.'
  ),
  rowsAs: help(
    'query-editor.html#rows',
    'What at this path is a row, for lists in lists, objects by time or by id, and parallel lists.'
  ),
  pivot: help(
    'query-editor.html#field-names-from-a-level',
    'A named level of the topic whose text becomes the name of the field: the topics of one device become one series, with a field for each of them.'
  ),
  timeFrom: help('query-editor.html#time', 'When a row happened: when the message arrived, or a time in its payload.'),
  timePath: help('query-editor.html#time', 'Where the time is in the payload.'),
  clockPath: help(
    'query-editor.html#time',
    'Only if the date and the time of day are two values: the path of the time of day.'
  ),
  timeFormat: help(
    'query-editor.html#time',
    's, ms, us, ns since 1970, iso, or a format such as YYYY-MM-DD HH:mm:ss. Empty: found by the value.'
  ),
  timeZone: help('query-editor.html#time', 'The time zone of times that name none.'),
  interval: help(
    'query-editor.html#time',
    'The time between the items of a list that has one time, such as the samples of a waveform: a number, or the path of one.'
  ),
  intervalUnit: help('query-editor.html#time', 'The unit of the interval. Hz: rows per second.'),
  fill: help('query-editor.html#fill', 'What a field has in a row whose message leaves it out.'),
  backfill: help(
    'query-editor.html#backfill',
    'A data source that stores what the broker has published, for the time before this browser tab was opened.'
  ),
  keepRows: help(
    'query-editor.html#rows-in-the-browser',
    'Rows stored per series in this browser tab. Empty: as many as the time range needs, up to 100,000.'
  ),
  keepSeconds: help(
    'query-editor.html#rows-in-the-browser',
    'Rows older than this are removed, even if there is space. Empty: no limit.'
  ),
  reduce: help(
    'query-editor.html#reduce',
    'What to draw if there are more rows than pixels. Smallest and largest keeps every spike.'
  ),
  retained: help(
    'query-editor.html#retained-messages',
    'The broker stores the last retained message of each topic, and sends it when the subscription begins. It can be old.'
  ),
} as const satisfies Record<string, Help>;
