import { expect, test } from 'vitest';
import { returned } from './provider-trip';

test('what a provider sends along is handed on, and nothing else', () => {
  const query = new URLSearchParams('state=s&code=c&iss=https%3A%2F%2Fa.example&session_state=x');
  expect(returned(query, 'Firefox')).toEqual({
    state: 's',
    code: 'c',
    iss: 'https://a.example',
    device: 'Firefox',
  });
  expect(returned(new URLSearchParams('error=access_denied&state=s'), '')).toEqual({
    state: 's',
    error: 'access_denied',
    device: '',
  });
  expect(returned(new URLSearchParams(), '').state).toBe('');
});
