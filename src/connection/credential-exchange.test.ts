import { expect, test, vi } from 'vitest';
import { CredentialExchange } from './credential-exchange';
import type { CredentialProvider } from './credential-provider';

const refused = { code: 'refused', message: 'No.' } as const;

function provider(over: Partial<CredentialProvider> = {}): CredentialProvider {
  return { get: () => Promise.resolve({ username: 'ann' }), refused: (error) => error, ...over };
}

test('a refusal goes to the provider that gave the credentials, with those credentials', async () => {
  const credentials = { username: 'ann', password: 'wrong' };
  const instead = { code: 'credentials', message: 'Enter them again.' } as const;
  const [first, second] = [vi.fn<CredentialProvider['refused']>(() => instead), vi.fn<CredentialProvider['refused']>()];
  let current = provider({ get: () => Promise.resolve(credentials), refused: first });
  const exchange = new CredentialExchange(() => current);
  await exchange.respond(1);
  current = provider({ refused: second });
  expect(exchange.refused(refused)).toBe(instead);
  expect(first).toHaveBeenCalledWith(refused, credentials);
  expect(second).not.toHaveBeenCalled();
});

test('other errors, and credentials of the settings, are no provider’s concern', async () => {
  const exchange = new CredentialExchange(() => provider());
  await exchange.respond(1);
  expect(exchange.refused({ code: 'unreachable', message: '' })).toBeUndefined();
  expect(new CredentialExchange(() => undefined).refused(refused)).toBeUndefined();
});
