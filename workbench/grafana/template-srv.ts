import type { ScopedVars } from '@grafana/data';

/** A dashboard variable and its selected values: several for a multi-value variable. */
export interface Variable {
  name: string;
  type?: string;
  value: string | number | Array<string | number>;
  text?: string | string[];
  multi?: boolean;
  includeAll?: boolean;
}

/** The variable, as a format function receives it. */
export interface FormattedVariable {
  name: string;
  type: string;
  multi: boolean;
  includeAll: boolean;
}

export type FormatFunction = (value: string | string[], variable: FormattedVariable) => string;

/** Core's own expression: `$name`, `[[name:format]]`, `${name.fieldPath:format}`. */
const VARIABLE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/** The names of the variables in a text, whether or not they exist. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map((match) => match[1] ?? match[2] ?? match[4] ?? '');
}

/** Grafana's interpolation of template variables, which a data source calls through `getTemplateSrv()`. */
export class TemplateInterpolator {
  #variables = new Map<string, Variable>();

  setVariables(variables: Variable[]): void {
    this.#variables = new Map(variables.map((variable) => [variable.name, variable]));
  }

  getVariables(): Variable[] {
    return [...this.#variables.values()];
  }

  containsTemplate(target?: string): boolean {
    return variablesIn(target ?? '').some((name) => this.#variables.has(name));
  }

  replace(target = '', scopedVars: ScopedVars = {}, format?: string | FormatFunction): string {
    return target.replace(
      VARIABLE,
      (
        match: string,
        plain: string | undefined,
        square: string | undefined,
        squareFormat: string | undefined,
        braced: string | undefined,
        path: string | undefined,
        bracedFormat: string | undefined
      ) => {
        const name = plain ?? square ?? braced ?? '';
        const variable = scoped(name, scopedVars, path) ?? this.#variables.get(name);
        // An unknown variable stays unchanged.
        return variable ? formatted(variable, squareFormat ?? bracedFormat ?? format) : match;
      }
    );
  }
}

/** Scoped variables (of a repeated panel, `__interval`) take precedence over those of the dashboard. */
function scoped(name: string, scopedVars: ScopedVars, path: string | undefined): Variable | undefined {
  const variable = scopedVars[name];
  if (variable?.value === undefined || variable.value === null) {
    return undefined;
  }
  const root: unknown = variable.value;
  const value = path === undefined ? root : pick(root, path);
  return {
    name,
    value: Array.isArray(value) ? value.map(String) : String(value),
    text: String(variable.text ?? value),
  };
}

function pick(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at !== null && typeof at === 'object' ? Reflect.get(at, key) : undefined), value);
}

/** A format in the expression (`${name:raw}`) takes precedence over the format that the data source passes. */
function formatted(variable: Variable, format: string | FormatFunction = 'glob'): string {
  const value = Array.isArray(variable.value) ? variable.value.map(String) : String(variable.value);
  if (typeof format === 'function') {
    return format(value, {
      name: variable.name,
      type: variable.type ?? 'custom',
      multi: variable.multi ?? Array.isArray(value),
      includeAll: variable.includeAll ?? false,
    });
  }
  const name = format.split(':')[0];
  if (name === 'text') {
    const text = variable.text ?? value;
    return Array.isArray(text) ? text.join(' + ') : text;
  }
  return (FORMATS.get(name) ?? glob)([value].flat(), variable);
}

function glob(values: string[]): string {
  return values.length > 1 ? `{${values.join(',')}}` : values.join('');
}

const FORMATS = new Map<string, (values: string[], variable: Variable) => string>(
  Object.entries({
    glob,
    raw: (values: string[]) => values.join(','),
    csv: (values: string[]) => values.join(','),
    pipe: (values: string[]) => values.join('|'),
    json: (values: string[]) => JSON.stringify(values.length === 1 ? values[0] : values),
    percentencode: (values: string[]) => encodeURIComponent(glob(values)),
    singlequote: (values: string[]) => values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(','),
    doublequote: (values: string[]) => values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(','),
    queryparam: (values: string[], { name }: Variable) =>
      values.map((value) => `var-${name}=${encodeURIComponent(value)}`).join('&'),
    regex: (values: string[]) => {
      const escaped = values.map((value) => value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`));
      return escaped.length > 1 ? `(${escaped.join('|')})` : escaped.join('');
    },
  })
);
