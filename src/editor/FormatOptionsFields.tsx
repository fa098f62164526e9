import { Combobox, Field, RadioButtonGroup } from '@grafana/ui';
import { FieldLabel } from './FieldLabel';
import type { MqttQuery } from '../types';
import { hasOption } from './formats';
import { NumberField } from './fields-with-help';
import { withFormatOptions } from './query-changes';
import { keepChoice, SelectField } from './SelectField';
import { WITHOUT_FIELDSET } from './without-fieldset';
import { BYTE_ORDERS, COMPRESSIONS, DELIMITERS, ENCODINGS } from './select-options';
import { TextField } from './fields-with-help';
import { HELP } from './help';

interface Props {
  id: (name: string) => string;
  query: MqttQuery;
  /** The width of a control in the line. */
  className: string;
  onChange: (query: MqttQuery) => void;
}

/** The size of the largest message, in bytes [MQTT5-1.5.5]. */
const MAX_OFFSET = 268_435_455;

/** The options of the selected format. */
export function FormatOptionsFields({ id, query, className, onChange }: Props): React.JSX.Element {
  const { format = 'auto', formatOptions: options = {} } = query;
  const change = (next: Parameters<typeof withFormatOptions>[1]): void => onChange(withFormatOptions(query, next));
  const { unwrap } = options;
  return (
    <>
      {hasOption(format, 'delimiter') && (
        <>
          <Field
            noMargin
            label={<FieldLabel htmlFor={id('delimiter')} label="Separator" help={HELP.delimiter} />}
            htmlFor={id('delimiter')}
            className={className}
          >
            <div onKeyDownCapture={keepChoice}>
              <Combobox
                id={id('delimiter')}
                options={DELIMITERS}
                createCustomValue
                value={options.delimiter ?? 'auto'}
                onChange={({ value }) => change({ delimiter: value === 'auto' ? undefined : value })}
              />
            </div>
          </Field>
          <TextField
            id={id('columns')}
            label="Columns"
            help={HELP.columns}
            placeholder="time, temperature, humidity"
            className={className}
            value={options.columns?.join(', ') ?? ''}
            onChange={(text) =>
              change({ columns: text === '' ? undefined : text.split(',').map((name) => name.trim()) })
            }
          />
        </>
      )}
      {hasOption(format, 'pattern') && (
        <TextField
          id={id('pattern')}
          label="Pattern"
          help={HELP.pattern}
          placeholder="(?<temperature>-?[\d.]+) C"
          className={className}
          exact
          value={options.pattern ?? ''}
          onChange={(pattern) => change({ pattern })}
        />
      )}
      {hasOption(format, 'byteOrder') && (
        <Field
          noMargin
          label={<FieldLabel htmlFor={id('byte-order')} label="Byte order" help={HELP.byteOrder} />}
          {...WITHOUT_FIELDSET}
        >
          <RadioButtonGroup
            id={id('byte-order')}
            aria-label="Byte order"
            options={BYTE_ORDERS}
            value={options.byteOrder ?? 'big'}
            onChange={(value) => change({ byteOrder: value === 'big' ? undefined : value })}
          />
        </Field>
      )}
      {hasOption(format, 'offset') && (
        <NumberField
          id={id('offset')}
          label="Offset"
          help={HELP.offset}
          unit="bytes"
          value={options.offset}
          defaultValue={0}
          min={0}
          max={MAX_OFFSET}
          onChange={(offset) => change({ offset: offset === 0 ? undefined : offset })}
        />
      )}
      {hasOption(format, 'unwrap') && (
        <SelectField
          id={id('unwrap')}
          label="Encoded as"
          help={HELP.unwrap}
          className={className}
          options={ENCODINGS}
          value={unwrap?.encoding ?? 'none'}
          onChange={(value) => change({ unwrap: value === 'none' ? undefined : { ...unwrap, encoding: value } })}
        />
      )}
      {hasOption(format, 'unwrap') && unwrap !== undefined && (
        <TextField
          id={id('unwrap-path')}
          label="Encoded at"
          help={HELP.unwrapPath}
          placeholder="the whole payload"
          className={className}
          value={unwrap.path ?? ''}
          onChange={(path) =>
            change({ unwrap: { encoding: unwrap.encoding, ...(path === '' ? undefined : { path }) } })
          }
        />
      )}
      {hasOption(format, 'compression') && (
        <SelectField
          id={id('compression')}
          label="Compressed as"
          help={HELP.compression}
          className={className}
          options={COMPRESSIONS}
          value={options.compression ?? 'auto'}
          onChange={(value) => change({ compression: value === 'auto' ? undefined : value })}
        />
      )}
    </>
  );
}
