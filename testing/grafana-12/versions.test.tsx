import { useTheme2 } from '@grafana/ui';
import { render, screen } from '@testing-library/react';
import { version } from 'react';
import { expect, test } from 'vitest';
import { version as rendererVersion } from 'react-dom';

function Versions(): React.JSX.Element {
  const theme = useTheme2();
  return (
    <p>
      {version} {theme.name}
    </p>
  );
}

test('components of Grafana 12.4 are drawn by React 18', () => {
  render(<Versions />);
  expect(screen.getByText('18.3.1 Dark')).toBeDefined();
  expect(rendererVersion).toBe('18.3.1');
});
