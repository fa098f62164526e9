/**
 * Units as sensors, SenML (RFC 8798), UCUM and Home Assistant write them, and Grafana's ids for them
 * (packages/grafana-data/src/valueFormats/categories.ts). If a unit is written in two ways that differ only in
 * capitals and mean different things (`mW` and `MW`), it stands here as it must be written.
 */
const IDS: Readonly<Record<string, string>> = {
  // Temperature
  '°C': 'celsius',
  C: 'celsius',
  Cel: 'celsius',
  degC: 'celsius',
  '℃': 'celsius',
  celsius: 'celsius',
  '°F': 'fahrenheit',
  F: 'fahrenheit',
  degF: 'fahrenheit',
  '[degF]': 'fahrenheit',
  '℉': 'fahrenheit',
  fahrenheit: 'fahrenheit',
  K: 'kelvin',
  kelvin: 'kelvin',
  // Shares
  '%': 'percent',
  '%RH': 'percent',
  '% RH': 'percent',
  '%EL': 'percent',
  percent: 'percent',
  '/': 'percentunit',
  ppm: 'ppm',
  // Electricity
  W: 'watt',
  kW: 'kwatt',
  MW: 'megwatt',
  GW: 'gwatt',
  'W/m²': 'Wm2',
  'W/m2': 'Wm2',
  mW: 'mwatt',
  VA: 'voltamp',
  kVA: 'kvoltamp',
  var: 'voltampreact',
  VAR: 'voltampreact',
  kvar: 'kvoltampreact',
  Wh: 'watth',
  kWh: 'kwatth',
  Ah: 'amph',
  mAh: 'mamph',
  J: 'joule',
  V: 'volt',
  kV: 'kvolt',
  mV: 'mvolt',
  A: 'amp',
  mA: 'mamp',
  kA: 'kamp',
  Ohm: 'ohm',
  Ω: 'ohm',
  // Pressure
  hPa: 'pressurehpa',
  mbar: 'pressurembar',
  bar: 'pressurebar',
  kbar: 'pressurekbar',
  Pa: 'pressurepa',
  kPa: 'pressurekpa',
  psi: 'pressurepsi',
  PSI: 'pressurepsi',
  inHg: 'pressurehg',
  // Light, sound, radio
  lx: 'lux',
  lux: 'lux',
  lm: 'lumens',
  dB: 'dB',
  dBm: 'dBm',
  Hz: 'hertz',
  kHz: 'rotkhz',
  MHz: 'rotmhz',
  rpm: 'rotrpm',
  // Length, area, volume, mass, flow
  mm: 'lengthmm',
  cm: 'lengthcm',
  m: 'lengthm',
  km: 'lengthkm',
  in: 'lengthin',
  ft: 'lengthft',
  mi: 'lengthmi',
  m2: 'areaM2',
  'm²': 'areaM2',
  L: 'litre',
  l: 'litre',
  mL: 'mlitre',
  ml: 'mlitre',
  m3: 'm3',
  'm³': 'm3',
  gal: 'gallons',
  g: 'massg',
  kg: 'masskg',
  mg: 'massmg',
  t: 'masst',
  lb: 'masslb',
  'L/h': 'litreh',
  'l/h': 'litreh',
  'L/min': 'flowlpm',
  'l/min': 'flowlpm',
  'm3/s': 'flowcms',
  'm³/s': 'flowcms',
  // Speed, acceleration, direction
  'm/s': 'velocityms',
  'km/h': 'velocitykmh',
  mph: 'velocitymph',
  'mi/h': 'velocitymph',
  kn: 'velocityknot',
  'm/s2': 'accMS2',
  'm/s²': 'accMS2',
  '°': 'degree',
  deg: 'degree',
  rad: 'radian',
  // Air
  'µg/m³': 'conμgm3',
  'µg/m3': 'conμgm3',
  'ug/m3': 'conμgm3',
  'mg/m³': 'conmgm3',
  'mg/m3': 'conmgm3',
  'g/m³': 'congm3',
  ppb: 'conppb',
  // Time
  s: 's',
  ms: 'ms',
  µs: 'µs',
  us: 'µs',
  ns: 'ns',
  min: 'm',
  h: 'h',
  d: 'd',
  // Data
  bit: 'bits',
  'bit/s': 'bps',
  'kbit/s': 'Kbits',
  'Mbit/s': 'Mbits',
  B: 'bytes',
  kB: 'deckbytes',
  MB: 'decmbytes',
  GB: 'decgbytes',
  KiB: 'kbytes',
  MiB: 'mbytes',
  GiB: 'gbytes',
  'B/s': 'Bps',
  'kB/s': 'KBs',
  'MB/s': 'MBs',
  // Radioactivity
  Bq: 'radbq',
  'Sv/h': 'radsvh',
  'µSv/h': 'radusvh',
  'mSv/h': 'radmsvh',
  Sv: 'radsv',
  mSv: 'radmsv',
  µSv: 'radusv',
  // Words
  volt: 'volt',
  volts: 'volt',
  watt: 'watt',
  watts: 'watt',
  ampere: 'amp',
  amperes: 'amp',
  amps: 'amp',
  ohm: 'ohm',
  ohms: 'ohm',
  farad: 'farad',
  hertz: 'hertz',
  joule: 'joule',
  joules: 'joule',
  pascal: 'pressurepa',
  lumen: 'lumens',
  lumens: 'lumens',
  degree: 'degree',
  degrees: 'degree',
  metre: 'lengthm',
  metres: 'lengthm',
  meter: 'lengthm',
  meters: 'lengthm',
  feet: 'lengthft',
  miles: 'lengthmi',
  litre: 'litre',
  litres: 'litre',
  liter: 'litre',
  liters: 'litre',
  gallons: 'gallons',
  grams: 'massg',
  knots: 'velocityknot',
  second: 's',
  seconds: 's',
  minute: 'm',
  minutes: 'm',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  // Money
  EUR: 'currencyEUR',
  '€': 'currencyEUR',
  USD: 'currencyUSD',
  $: 'currencyUSD',
};

const BY_TEXT = new Map(Object.entries(IDS));

/** Units that can be written in any capitals, because no other unit differs from them in capitals alone. */
const BY_SMALL_TEXT = (() => {
  const ids = new Map<string, Set<string>>();
  for (const [text, id] of BY_TEXT) {
    const small = text.toLowerCase();
    ids.set(small, (ids.get(small) ?? new Set()).add(id));
  }
  // A single letter is too little to guess by.
  return new Map(
    [...ids].flatMap(([small, [id, ...others]]) => (small.length > 1 && others.length === 0 ? [[small, id]] : []))
  );
})();

/** Units that Grafana does not have, and that are words of more letters than units have mostly. */
const OTHERS = new Set(
  'mmHg kcal mmol µmol umol kVAh kVAr kvarh varh dBuV dBµV coulomb steps beats count counts pulses cycles pieces people persons ticks'.split(
    ' '
  )
);

/** Characters that make a unit of the letters next to them, however many. */
const SIGNS = /[%‰°′″℃℉Ω$€£¥µ\u03bc²³]/;

/** One of the parts that strokes and points set apart: up to three letters, or a length or a time to some power. */
const PART = /^(?:\p{L}{1,3}|(?:[kcmdnµ]?m|in|ft|s|h)(?:\^?-?[123]|⁻?[¹²³]))$/u;
const MAX_PARTS = 4;

/**
 * Whether text may be a unit, where only the key that it stands under says so: a unit that is known, or looks like
 * one. A number is none, nor is a word such as `Kitchen`: "unit" has other meanings.
 */
export function isUnit(text: string): boolean {
  const parts = text.trim().split(/ ?[/·*.] ?/);
  if (isKnown(text.trim())) {
    return true;
  }
  return (
    parts.length <= MAX_PARTS &&
    namesSomething(text) &&
    parts.every((part, i) => isPart(part, i > 0 || parts.length > 1))
  );
}

/** Whether there is anything but digits and their signs. */
export function namesSomething(text: string): boolean {
  return /\p{L}/u.test(text) || SIGNS.test(text);
}

function isPart(part: string, isOneOfSeveral: boolean): boolean {
  // Per 100 km, per 1 m.
  const name = isOneOfSeveral ? part.replace(/^1(?:0{1,3})?(?=\D|$)/, '') : part;
  return (
    (name === '' && part !== '') ||
    isKnown(name) ||
    PART.test(name) ||
    (SIGNS.test(name) && /^[^\d\s]+[23]?$/.test(name))
  );
}

function isKnown(text: string): boolean {
  return OTHERS.has(text) || !grafanaUnit(text).startsWith('suffix:');
}

/** Grafana's id for a unit as a payload names it; one that is not known is shown behind the number as it is. */
export function grafanaUnit(text: string): string {
  const unit = text.trim();
  // The small mu of Greek looks like the sign for micro, and Home Assistant writes it.
  const known = unit.replace('\u03bc', '\u00b5');
  return BY_TEXT.get(known) ?? BY_SMALL_TEXT.get(known.toLowerCase()) ?? `suffix:${unit}`;
}
