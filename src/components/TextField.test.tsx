import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { type ComponentProps, useState } from 'react';
import { expect, test, vi } from 'vitest';
import { TextField } from './TextField';

function setUp(over: Partial<ComponentProps<typeof TextField>> = {}) {
  const onChange = vi.fn<(text: string) => void>();

  function Host(): React.JSX.Element {
    const [value, setValue] = useState(over.value ?? '');
    return (
      <TextField
        id="text"
        label="Text"
        {...over}
        value={value}
        onChange={(text) => {
          onChange(text);
          setValue(text);
        }}
      />
    );
  }

  render(<Host />);
  const calls = () => onChange.mock.calls.map(([text]) => text);
  return { user: userEvent.setup(), calls, input: screen.getByRole<HTMLInputElement>('textbox', { name: /^Text/ }) };
}

test('is committed once, without the spaces around it, when it is left or Enter is pressed', async () => {
  const { user, input, calls } = setUp();
  await user.type(input, ' ab ');
  expect(calls()).toEqual([]);
  await user.keyboard('{Enter}');
  await user.tab();
  expect(calls()).toEqual(['ab']);
  expect(input.value).toBe('ab');
  await user.type(input, 'c');
  await user.tab();
  expect(calls()).toEqual(['ab', 'abc']);
});

test('with `change` is committed at each key, and loses the spaces around it when it is left', async () => {
  const { user, input, calls } = setUp({ commit: 'change' });
  await user.type(input, 'a ');
  expect(calls()).toEqual(['a', 'a ']);
  expect(input.value).toBe('a ');
  await user.tab();
  expect(calls()).toEqual(['a', 'a ', 'a']);
});

test('keeps spaces that are part of the value', async () => {
  const { user, input, calls } = setUp({ exact: true });
  await user.type(input, ' x ');
  await user.tab();
  expect(calls()).toEqual([' x ']);
});

test('says when it is left, after what was typed is committed', async () => {
  const order: string[] = [];
  render(
    <TextField
      id="text"
      label="Text"
      value=""
      onChange={(text) => order.push(text)}
      onLeave={() => order.push('left')}
    />
  );
  const user = userEvent.setup();
  await user.type(screen.getByRole('textbox'), 'a');
  await user.tab();
  expect(order).toEqual(['a', 'left']);
});

test('the problem describes the field', () => {
  const { input } = setUp({ problem: 'Not a number.' });
  expect(document.getElementById(input.getAttribute('aria-describedby')!)?.textContent).toBe('Not a number.');
  expect(screen.getByRole('alert').textContent).toBe('Not a number.');
});
