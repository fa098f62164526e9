import { type DataQueryRequest, type DataSourceInstanceSettings, dateTime } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { InfluxDataSource, type InfluxOptions, type InfluxQuery } from './data-source';

function query(response: unknown) {
  const settings = { name: 'InfluxDB', uid: 'influxdb', jsonData: {} } as DataSourceInstanceSettings<InfluxOptions>;
  const source = new InfluxDataSource(settings, () => Promise.resolve(response));
  const time = dateTime(0);
  const request = { targets: [{ refId: 'A' }], range: { from: time, to: time, raw: { from: time, to: time } } };
  return lastValueFrom(source.query(request as DataQueryRequest<InfluxQuery>));
}

describe('InfluxDataSource', () => {
  it.each([
    { whose: 'InfluxDB', response: { error: 'error parsing query' }, message: 'error parsing query' },
    { whose: 'a statement', response: { results: [{ error: 'no database' }] }, message: 'no database' },
    {
      whose: 'the proxy, as Grafana and the workbench write it',
      response: { message: 'Bad Gateway' },
      message: 'Bad Gateway',
    },
    { whose: 'something else', response: { status: 'gone' }, message: 'no results' },
    { whose: 'nothing', response: null, message: 'no results' },
  ])('fails with the error of $whose', async ({ response, message }) => {
    await expect(query(response)).rejects.toThrow(`InfluxDB returned error: ${message}`);
  });

  it('has no frames if nothing is in the range', async () => {
    expect((await query({ results: [{}] })).data).toEqual([]);
  });
});
