/** Help texts of the query editor's controls: what a control is for, and what its values mean. */
export const HELP = {
  format: 'How the payload is read. Auto reads numbers, JSON, text and common binary formats, and suits most devices.',
  qos: 'What the broker promises on the way to the browser. 0: a message can be lost. 1: it can arrive twice. 2: exactly once. The lower QoS counts: this one, or that of the publisher.',
  shape: 'What the panel gets. Time series for graphs, Latest values for a row per topic, Table for a row per message.',
  legend:
    'The names of the series. Names in double braces are replaced: {{topic}}, {{field}}, named levels and labels.',
  delimiter: 'What separates the values of a line. Automatic finds it in the first line.',
  columns: 'Names of the columns, separated by commas, if the lines have no header.',
  pattern: 'A regular expression. Each named group, (?<name>…), becomes a field.',
  offset: 'Bytes of the payload before the number.',
  unwrap: 'For payloads that are bytes written as text.',
  unwrapPath: 'Where in a JSON payload the text is. Empty: the whole payload.',
  compression: 'How the payload is compressed. Automatic finds gzip and zlib by their first bytes.',
  fieldPath:
    'Where the value is in the payload: ENERGY.Power, list[0].rssi, ["key.with.points"]. Value is a payload that is a single value. Inspect messages shows the paths; a click chooses one.',
  fieldName: 'The name in legends, tables and overrides. Empty: the path.',
  fieldType: 'Auto takes the type of the first value. Number also reads text such as "21.5" and "21.3 °C".',
  fieldUnit:
    'The unit in which panels show the numbers. Empty: the unit that the payload names or the device announces.',
  mappingPath: 'Where the text is in the payload. Value is a payload that is a single text.',
  mappingTrue: 'The text that becomes 1. Capitals do not matter.',
  mappingFalse: 'The text that becomes 0. Capitals do not matter.',
  labelPath:
    'A value, or a user property of the message (MQTT 5), that tells series of one topic apart, for example the id of a device.',
  labelFrom: 'User properties are sent next to the payload, by publishers that use MQTT 5.',
  labelName: 'The name that legends and transformations use. Empty: the last key of the path.',
  rows: 'The path of a list whose items are rows. Empty: one row per message, or the items of a payload that is a list of objects.',
  rowsAs: 'What at this path is a row, for lists in lists, objects by time or by id, and parallel lists.',
  pivot:
    'A named level of the topic whose text becomes the name of the field: the topics of one device become one series, with a field for each of them.',
  timeFrom: 'When a row happened: when the message arrived, or a time in its payload.',
  timePath: 'Where the time is in the payload.',
  clockPath: 'Only if the date and the time of day are two values: the path of the time of day.',
  timeFormat: 's, ms, us, ns since 1970, iso, or a format such as YYYY-MM-DD HH:mm:ss. Empty: found by the value.',
  timeZone: 'The time zone of times that name none.',
  interval:
    'The time between the items of a list that has one time, such as the samples of a waveform: a number, or the path of one.',
  intervalUnit: 'The unit of the interval. Hz: rows per second.',
  fill: 'What a field has in a row whose message leaves it out.',
  keepRows: 'Rows stored per series in this browser tab. Empty: as many as the time range needs, up to 100,000.',
  keepSeconds: 'Rows older than this are removed, even if there is space. Empty: no limit.',
  reduce: 'What to draw if there are more rows than pixels. Smallest and largest keeps every spike.',
  retained:
    'The broker stores the last retained message of each topic, and sends it when the subscription begins. It can be old.',
} as const;
