import { expect, test } from 'vitest';
import { ORDERS, searchAddress, searchOrderOf } from './search-order';

test('an order is read from the address as it was written', () => {
  for (const order of ORDERS) {
    const address = new URLSearchParams(searchAddress('the sea & genre:"a b"', order));
    expect(address.get('q')).toBe('the sea & genre:"a b"');
    expect(searchOrderOf(address.get('sort'))).toBe(order);
  }
});

test('what is no order is the usual one, which the address does not tell', () => {
  expect(searchOrderOf('loudest')).toBe('best');
  expect(searchOrderOf(null)).toBe('best');
  expect(searchAddress('sea', 'best')).toBe('?q=sea');
  expect(searchAddress('', 'year')).toBe('?');
});
