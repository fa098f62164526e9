import { expect, test } from 'vitest';
import { changeDraft, type CredentialsAction, type CredentialsDraft, EMPTY_DRAFT } from './credentials-draft';

const after = (...actions: CredentialsAction[]): CredentialsDraft => actions.reduce(changeDraft, EMPTY_DRAFT);
const typed = (keepFields: boolean): CredentialsAction => ({ type: 'type', change: { username: 'ann' }, keepFields });
const password: CredentialsAction = { type: 'type', change: { password: 'pw' }, keepFields: false };

test('typing stores the text, and marks it as not handed on', () => {
  expect(after(typed(false), password)).toEqual({ username: 'ann', password: 'pw', editing: false, dirty: true });
});

test('entered: the password is forgotten, the name stays, and the fields are gone', () => {
  expect(after({ type: 'edit' }, typed(false), password, { type: 'enter' })).toEqual({
    username: 'ann',
    password: '',
    editing: false,
    dirty: false,
  });
});

test('taken for a test: the fields stay as they are, and are taken again only when they change', () => {
  const taken = after(typed(true), password, { type: 'take' });
  expect(taken).toEqual({ username: 'ann', password: 'pw', editing: true, dirty: false });
  expect(changeDraft(taken, password).dirty).toBe(true);
});

test('a choice about remembering counts as typed', () => {
  expect(after({ type: 'type', change: { remember: true }, keepFields: true })).toMatchObject({
    remember: true,
    dirty: true,
  });
});
