import {
  type ConfigOverrideRule,
  FieldColorModeId,
  type FieldConfigSource,
  FieldMatcherID,
  MappingType,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/data';
import {
  type GraphFieldConfig,
  GraphDrawStyle,
  GraphGradientMode,
  LineInterpolation,
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  VisibilityMode,
} from '@grafana/schema';

import type { MqttQuery } from '../../../src/types';
import { OWN_UID } from '../data-sources';
import type { VizOptions, VizType } from '../panels/visualization';

export interface PanelDefinition extends VizOptions {
  id: number;
  title: string;
  description: string;
  type: VizType;
  /** Its area in the grid of a wide window. Empty: the next free cell. */
  area: string;
  height: number;
  queries: MqttQuery[];
  /** The queries go through `-- Mixed --`, each to its own data source. */
  mixed?: boolean;
  /** Name of a variable: the panel is there for each of its values. */
  repeat?: string;
}

const LINES: GraphFieldConfig = {
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: LineInterpolation.Linear,
  lineWidth: 1,
  fillOpacity: 10,
  gradientMode: GraphGradientMode.Opacity,
  showPoints: VisibilityMode.Never,
  spanNulls: false,
};

export function lines(defaults: FieldConfigSource['defaults'] = {}, custom: GraphFieldConfig = {}): FieldConfigSource {
  return {
    defaults: { color: { mode: FieldColorModeId.PaletteClassic }, custom: { ...LINES, ...custom }, ...defaults },
    overrides: [],
  };
}

const TIME_OF_DAY: ConfigOverrideRule = {
  matcher: { id: FieldMatcherID.byName, options: 'Time' },
  properties: [
    { id: 'unit', value: 'time:HH:mm:ss' },
    { id: 'custom.width', value: 96 },
  ],
};

/** In `-- Mixed --`, each query has its data source. */
const OWN = { uid: OWN_UID };

/** The demo house and factory (`broker/sensors`), one panel for each form of message. */
export const PANELS: readonly PanelDefinition[] = [
  {
    id: 1,
    area: 'rooms',
    type: 'timeseries',
    title: 'Temperature by room',
    description: 'Plain numbers on `home/{room}/temperature`. The named level becomes the label of each series.',
    height: 304,
    queries: [{ refId: 'A', topic: 'home/{room}/temperature', legend: '{{room}}' }],
    fieldConfig: lines({ unit: 'celsius', decimals: 1 }, { fillOpacity: 0, lineWidth: 2 }),
  },
  {
    id: 2,
    area: 'power',
    type: 'stat',
    title: 'Washing machine',
    description: 'One field of nested JSON: `ENERGY.Power` of `tele/washing-machine/SENSOR`.',
    height: 148,
    queries: [{ refId: 'A', topic: 'tele/washing-machine/SENSOR', legend: '{{field}}' }],
    fields: String.raw`/^ENERGY\.Power$/`,
    fieldConfig: {
      defaults: {
        unit: 'watt',
        color: { mode: FieldColorModeId.Thresholds },
        thresholds: {
          mode: ThresholdsMode.Absolute,
          steps: [
            { value: -Infinity, color: 'green' },
            { value: 1000, color: 'orange' },
          ],
        },
      },
      overrides: [],
    },
  },
  {
    id: 3,
    area: 'kitchen',
    type: 'stat',
    title: 'Kitchen',
    description: 'The newest number on `home/kitchen/temperature`.',
    height: 148,
    queries: [{ refId: 'A', topic: 'home/kitchen/temperature' }],
    fieldConfig: {
      defaults: { unit: 'celsius', decimals: 1, color: { mode: FieldColorModeId.Fixed, fixedColor: 'blue' } },
      overrides: [],
    },
  },
  {
    id: 4,
    area: 'vibration',
    type: 'timeseries',
    title: 'Motor vibration',
    description: 'A number ten times a second on `factory/line1/motor/vibration`.',
    height: 304,
    queries: [{ refId: 'A', topic: 'factory/line1/motor/vibration', legend: 'line 1, x axis' }],
    fieldConfig: lines(
      {
        unit: 'suffix:mm/s',
        decimals: 1,
        min: 0,
        color: { mode: FieldColorModeId.Fixed, fixedColor: 'purple' },
      },
      { axisSoftMax: 3 }
    ),
  },
  {
    id: 5,
    area: 'motor',
    type: 'stat',
    title: 'Motor',
    description: 'Two fields of nested JSON, `factory/line1/motor`.',
    height: 304,
    queries: [{ refId: 'A', topic: 'factory/line1/motor', legend: '{{field}}' }],
    fields: String.raw`/^(speed|bearing\.temperature)$/`,
    fieldConfig: {
      defaults: { fieldMinMax: true, color: { mode: FieldColorModeId.Fixed, fixedColor: 'green' } },
      overrides: [
        {
          matcher: { id: FieldMatcherID.byName, options: 'speed' },
          properties: [{ id: 'unit', value: 'rotrpm' }],
        },
        {
          matcher: { id: FieldMatcherID.byName, options: 'bearing.temperature' },
          properties: [
            { id: 'unit', value: 'celsius' },
            { id: 'decimals', value: 1 },
            { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: 'orange' } },
          ],
        },
      ],
    },
  },
  {
    id: 6,
    area: 'press',
    type: 'table',
    title: 'Presses',
    description: 'Text on `factory/{line}/press/status`, shape *latest*: the newest message of each line.',
    height: 304,
    queries: [{ refId: 'A', topic: 'factory/{line}/press/status', shape: 'latest' }],
    fieldConfig: {
      defaults: {},
      overrides: [
        TIME_OF_DAY,
        {
          matcher: { id: FieldMatcherID.byName, options: 'Topic' },
          properties: [{ id: 'custom.hideFrom', value: { viz: true, legend: true, tooltip: true } }],
        },
        {
          matcher: { id: FieldMatcherID.byName, options: 'line' },
          properties: [{ id: 'displayName', value: 'Line' }],
        },
        {
          matcher: { id: FieldMatcherID.byName, options: 'Value' },
          properties: [
            { id: 'displayName', value: 'Status' },
            {
              id: 'custom.cellOptions',
              value: { type: TableCellDisplayMode.ColorBackground, mode: TableCellBackgroundDisplayMode.Basic },
            },
            { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: 'text' } },
            {
              id: 'mappings',
              value: [
                {
                  type: MappingType.ValueToText,
                  options: {
                    running: { color: 'green', index: 0 },
                    changeover: { color: 'orange', index: 1 },
                    fault: { color: 'red', index: 2 },
                  },
                },
              ] satisfies ValueMapping[],
            },
          ],
        },
      ],
    },
  },
  {
    id: 7,
    area: 'latest',
    type: 'table',
    title: 'Everything in the house',
    description: '`home/#` with shape *latest*: a row per topic, for any payload.',
    height: 304,
    queries: [{ refId: 'A', topic: 'home/#', shape: 'latest' }],
    fieldConfig: { defaults: {}, overrides: [TIME_OF_DAY] },
  },
  {
    id: 8,
    area: 'humidity',
    type: 'timeseries',
    title: 'Humidity in $room',
    description: '`home/$room/humidity`, repeated for each selected value of the variable **Room**.',
    height: 224,
    repeat: 'room',
    queries: [{ refId: 'A', topic: 'home/$room/humidity', legend: '{{topic}}' }],
    fieldConfig: lines({ unit: 'humidity', decimals: 0 }),
  },
  {
    id: 9,
    area: 'log',
    type: 'logs',
    title: 'What happened',
    description: 'Texts of three topics with shape *logs*: door, light and presses.',
    height: 224,
    queries: [
      { refId: 'A', topic: 'home/hallway/door\nhome/living-room/light\nfactory/{line}/press/status', shape: 'logs' },
    ],
    fieldConfig: { defaults: {}, overrides: [] },
  },
  {
    id: 10,
    area: 'mixed',
    type: 'timeseries',
    title: 'Inside and outside',
    description:
      'Two queries through `-- Mixed --`, which waits for their ends: they do not stream, and a refresh asks again.',
    height: 224,
    mixed: true,
    queries: [
      { refId: 'A', topic: 'home/kitchen/temperature', legend: 'kitchen', datasource: OWN },
      { refId: 'B', topic: 'home/outdoors/temperature', legend: 'outdoors', datasource: OWN },
    ],
    fieldConfig: lines({ unit: 'celsius', decimals: 1 }),
  },
];

/** A time series panel for each topic filter. */
export function plotsOf(topics: readonly string[]): PanelDefinition[] {
  return topics.map((topic, index) => ({
    id: 101 + index,
    area: '',
    type: 'timeseries',
    title: topic,
    description: `All numbers on \`${topic}\`.`,
    height: 304,
    queries: [{ refId: 'A', topic }],
    fieldConfig: lines(),
  }));
}
