import { beforeEach, expect, test } from 'vitest';
import { keepPlace, takePlace } from './wanted_place';

beforeEach(() => sessionStorage.clear());

test('a place that was wanted is given back once', () => {
  keepPlace('/keys/abc?tab=requests');
  expect(takePlace()).toBe('/keys/abc?tab=requests');
  expect(takePlace()).toBeNull();
});

test('another sign-in that wants no place does not go to the one of before', () => {
  keepPlace('/audit');
  keepPlace(undefined);
  expect(takePlace()).toBeNull();
});

test('a place that is no path of this page is neither kept nor gone to', () => {
  keepPlace('//evil.example');
  expect(takePlace()).toBeNull();
  sessionStorage.setItem('counterfoil.wanted', 'https://evil.example');
  expect(takePlace()).toBeNull();
});
