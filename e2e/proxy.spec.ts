import { BROKER_FOR_SERVER, enterTopic, expect, PLUGIN_ID, test } from './fixtures';

const SECRET = 'Bearer e2e-secret-that-no-browser-sees';

test('through Grafana: the panel shows the number, and the browser never has the secret', async ({
  createDataSource,
  explorePage,
  page,
  publish,
  request,
  topic,
}) => {
  await publish(topic, '77.25');
  const { name, uid } = await createDataSource({
    type: PLUGIN_ID,
    name: `Through Grafana ${topic}`,
    access: 'proxy',
    url: BROKER_FOR_SERVER,
    jsonData: { httpHeaderName1: 'Authorization' },
    secureJsonData: { httpHeaderValue1: SECRET },
  });

  const addresses: string[] = [];
  const received: string[] = [];
  page.on('websocket', (socket) => {
    addresses.push(socket.url());
    socket.on('framesent', ({ payload }) => received.push(String(payload)));
    socket.on('framereceived', ({ payload }) => received.push(String(payload)));
  });
  page.on('response', (response) => {
    void response.text().then(
      (text) => received.push(text),
      // A redirect or a closed page has no body.
      () => undefined
    );
  });

  await explorePage.goto();
  await explorePage.datasource.set(name);
  await enterTopic(explorePage.getQueryEditorRow('A'), topic);
  await expect(page.getByText('77.25').first()).toBeVisible();

  expect(addresses.filter((address) => address.includes(`/api/datasources/proxy/uid/${uid}`))).not.toEqual([]);
  expect(
    addresses.filter((address) => address.includes('/mqtt') && !address.includes('/api/datasources/proxy/'))
  ).toEqual([]);
  expect(received.filter((text) => text.includes(SECRET))).toEqual([]);
  const settings = await request.get(`/api/datasources/uid/${uid}`);
  expect(await settings.json()).toMatchObject({ secureJsonFields: { httpHeaderValue1: true } });
  expect(await settings.text()).not.toContain(SECRET);
});
