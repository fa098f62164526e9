import type { Path } from '../payload/columns/batch';

/** Longer templates do more than say where a value lies. */
const MAX_LENGTH = 500;

/** Functions that give their argument back as a number of the same unit. */
const CASTS = new Set(['float', 'int']);

/** Filters that leave a value in its unit. What is not here may be a conversion. */
const HARMLESS = new Set(['float', 'int', 'round', 'abs', 'default', 'd', 'is_defined']);

const NAME = /[A-Za-z_]\w*/y;
const DIGITS = /\d{1,9}(?!\w)/y;
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y;
const ESCAPE = /\\([\\'"])/g;
const NUMBER = /-?\d+(?:\.\d+)?/y;
const BLANKS = /\s*/y;

/**
 * The path in a payload of the value of a Home Assistant template: `{{ value_json.temperature }}`, `{{ value_json['a
 * b'].c | float(0) }}`, `{{ value_json.x if value_json.x is defined else 0 }}`; `{{ value }}` is the payload itself.
 *
 * @returns `undefined` for a template that computes something, whose unit is not that of the payload's own number.
 */
export function readTemplate(template: string): Path | undefined {
  const inner = template.length > MAX_LENGTH ? undefined : /^\s*\{\{[-+]?(.*?)[-+]?\}\}\s*$/s.exec(template)?.[1];
  return inner === undefined ? undefined : new TemplateReader(inner).read();
}

/** Reads the one expression of a template, as far as Jinja2 is understood here. Its methods do not throw. */
class TemplateReader {
  #at = 0;

  constructor(readonly text: string) {}

  read(): Path | undefined {
    const path = this.#expression();
    if (path === undefined || (this.#word('if') && !this.#guarded())) {
      return undefined;
    }
    this.#skip();
    return this.#at === this.text.length ? path : undefined;
  }

  /** A value, and filters behind it. */
  #expression(): Path | undefined {
    const path = this.#primary();
    while (this.#takes('|')) {
      const filter = this.#match(NAME);
      if (filter === undefined || !HARMLESS.has(filter) || (this.#takes('(') && !this.#literals())) {
        return undefined;
      }
    }
    return path;
  }

  #primary(): Path | undefined {
    if (this.#takes('(')) {
      const path = this.#expression();
      return this.#takes(')') ? path : undefined;
    }
    const name = this.#match(NAME);
    if (name === 'value_json') {
      return this.#steps();
    }
    if (name === 'value') {
      return [];
    }
    if (name !== undefined && CASTS.has(name) && this.#takes('(')) {
      const path = this.#expression();
      return (this.#takes(',') ? this.#literals() : this.#takes(')')) ? path : undefined;
    }
    return undefined;
  }

  /** The steps after `value_json`, down to the value. */
  #steps(): Path | undefined {
    const path: Array<string | number> = [];
    for (;;) {
      let key: string | number | undefined;
      if (this.#takes('[')) {
        key = this.#key();
        if (!this.#takes(']')) {
          return undefined;
        }
      } else if (this.#takes('.')) {
        const name = this.#match(NAME);
        key = name ?? this.#index();
        if (name === 'get' && this.#takes('(')) {
          key = this.#key();
          if (!(this.#takes(',') ? this.#literals() : this.#takes(')'))) {
            return undefined;
          }
        }
      } else {
        return path;
      }
      if (key === undefined) {
        return undefined;
      }
      path.push(key);
    }
  }

  #key(): string | number | undefined {
    return this.#string() ?? this.#index();
  }

  #index(): number | undefined {
    const digits = this.#match(DIGITS);
    return digits === undefined ? undefined : Number(digits);
  }

  /** `value_json.x is defined and … else 0`: what stands in for a value that is missing. */
  #guarded(): boolean {
    do {
      if (this.#expression() === undefined || !this.#word('is')) {
        return false;
      }
      if (!(this.#word('not') ? this.#word('none') : this.#word('defined'))) {
        return false;
      }
    } while (this.#word('and'));
    return this.#word('else') && this.#literal();
  }

  /** Arguments up to the closing parenthesis, each a literal, with a name or without. */
  #literals(): boolean {
    while (!this.#takes(')')) {
      const begin = this.#at;
      if (this.#match(NAME) === undefined || !this.#takes('=')) {
        this.#at = begin;
      }
      if (!this.#literal()) {
        return false;
      }
      this.#takes(',');
    }
    return true;
  }

  #literal(): boolean {
    return this.#string() !== undefined || (this.#match(NUMBER) ?? this.#match(NAME)) !== undefined;
  }

  /** Escapes that stand for other characters, such as `\n`, are in no key that a sensor has. */
  #string(): string | undefined {
    const text = this.#match(STRING)?.slice(1, -1);
    const plain = text?.replaceAll(ESCAPE, '');
    return plain === undefined || plain.includes('\\') ? undefined : text?.replaceAll(ESCAPE, '$1');
  }

  #word(word: string): boolean {
    const begin = this.#at;
    if (this.#match(NAME) === word) {
      return true;
    }
    this.#at = begin;
    return false;
  }

  #takes(character: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== character) {
      return false;
    }
    this.#at++;
    return true;
  }

  #skip(): void {
    this.#match(BLANKS, false);
  }

  #match(pattern: RegExp, skip = true): string | undefined {
    if (skip) {
      this.#skip();
    }
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match === null) {
      return undefined;
    }
    this.#at = pattern.lastIndex;
    return match[0];
  }
}
