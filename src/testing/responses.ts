import type { DataQueryRequest, DataQueryResponse } from '@grafana/data';
import type { Observable, Subscription } from 'rxjs';
import type { MqttQuery } from '../types';
import { run } from '../query/run';
import type { RunDeps } from '../query/run-deps';

/** Collects the responses of an Observable, and waits for more of them. */
export class Responses implements Disposable {
  readonly all: DataQueryResponse[] = [];
  completed = false;
  failure: unknown;
  readonly #subscription: Subscription;
  #wake: () => void = () => undefined;

  constructor(responses: Observable<DataQueryResponse>) {
    this.#subscription = responses.subscribe({
      next: (response) => {
        this.all.push(response);
        this.#wake();
      },
      error: (error: unknown) => {
        this.failure = error;
        this.#wake();
      },
      complete: () => {
        this.completed = true;
        this.#wake();
      },
    });
  }

  get last(): DataQueryResponse | undefined {
    return this.all.at(-1);
  }

  /** Waits until the newest response meets a condition. @throws {Error} with the newest response, after `withinMs`. */
  async until(wanted: (response: DataQueryResponse) => boolean, withinMs = 10_000): Promise<DataQueryResponse> {
    await this.#wait(() => this.last !== undefined && wanted(this.last), withinMs);
    return this.last!;
  }

  async done(withinMs = 10_000): Promise<void> {
    await this.#wait(() => this.completed, withinMs);
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe();
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }

  async #wait(met: () => boolean, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!met()) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(`Not within ${withinMs} ms. The newest response: ${JSON.stringify(this.last, undefined, 2)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

export function responsesOf(req: DataQueryRequest<MqttQuery>, deps: RunDeps): Responses {
  return new Responses(run(req, deps));
}

/** The values of a field, by refId and name, from the frame of a topic (or the first of the refId). */
export function valuesOf(
  response: DataQueryResponse | undefined,
  refId: string,
  field = 'Value',
  topic?: string
): unknown[] {
  const frame = response?.data.find((each) => each.refId === refId && (topic === undefined || each.name === topic));
  return frame?.fields.find((each: { name: string }) => each.name === field)?.values ?? [];
}
